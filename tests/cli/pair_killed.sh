# Killed at any moment and run again: letters of one draw alone, none missing.
(echo id,name; for id in ann bob eve ida jon kim lou max; do echo $id,$id; done) >people.csv
echo 'Dear {name}, you give to {receiver}.' >letter.txt
cat >santa.yaml <<'YAML'
name: santa
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - pair: { round: "2026" }
  - render: { template: letter.txt, as: text }
  - write: { to: "out/{id}.txt", from: text }
executor: { sequential: {} }
state: santa.db
YAML
moments=0 wrong=0 drawn=0 workers=
complain() { echo "$*"; wrong=$((wrong + 1)); }
kill_at() { # kill_at EXECUTOR CALL NUMBER: dies when it makes that call for that time
	rm -rf out santa.db* santa.ledger* santa.key*
	traced -o /dev/null -e "inject=$2:signal=SIGKILL:when=$3" -- \
		nightmill run santa.yaml --executor $1 $workers >/dev/null 2>&1
	[ $? = 137 ] || return
	moments=$((moments + 1))
	rm -rf kept
	[ -d out ] && cp -R out kept
	nightmill run santa.yaml --executor $1 $workers 2>said || { complain "$*: exit $?"; cat said; }
	for letter in kept/*.txt; do
		[ -e "$letter" ] || continue
		drawn=$((drawn + 1))
		cmp -s "$letter" "out/${letter#kept/}" || complain "$*: $letter was of another draw"
	done
	[ "$(ls out | wc -l)" = 8 ] || complain "$*: a letter is missing"
	[ "$(cat out/* | awk '{ print $6 }' | sort -u | wc -l)" = 8 ] || complain "$*: someone gets two"
	nightmill pair verify santa.yaml >said 2>&1 || { complain "$*: verify"; cat said; }
	before=$(digest out)
	rm -rf out santa.db*
	nightmill run santa.yaml
	[ "$(digest out)" = "$before" ] || complain "$*: not the draw that is kept"
}
for executor in sequential threads forked work-stealing; do
	[ $executor = sequential ] && workers= || workers='--workers 2'
	for number in 1 3 6; do kill_at $executor rename,renameat,renameat2 $number; done
	for number in 1 3 6 10 15 20 30; do kill_at $executor pwrite64 $number; done
	for number in 1 2 3 4 6; do kill_at $executor fdatasync,fsync,syncfs $number; done
	for number in 1 2; do kill_at $executor mkdir,mkdirat $number; done
	for number in 10 20 30 40; do kill_at $executor openat,openat2 $number; done
done
[ $moments -ge 50 ] && echo 'killed at more than 50 moments' || echo "killed at $moments moments only"
[ $drawn -gt 0 ] && echo 'some with letters written'
echo "wrong: $wrong"
