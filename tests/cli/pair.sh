# `pair` draws a round once: letters of that draw alone, whatever is run afterwards, in files that no one else can read. What cannot be
# drawn is said, with those who stand in the way and the rules that would have to go, and ends with status 6.
cat >people.csv <<'CSV'
id,home,office
ann,k,x
bob,k,x
eve,,x
ida,m,y
jon,m,y
kim,,y
lou,n,y
CSV
cat >santa.yaml <<'YAML'
name: santa
stores:
  people: { csv: { path: people.csv } }
  list: { csv: { path: list.csv } }
source:
  table: { store: people, key: id }
stages:
  - pair: { round: "2026", exclude: [home], seed: "00000000000000000000000000000000000000000000000000000000000000aa" }
  - write: { to: "out/{id}.txt", from: receiver }
executor: { sequential: {} }
YAML
all() { (cd "${1:-out}" && tail -n +1 -- *); }
umask 022
nightmill run santa.yaml; echo "exit $?"
stat -c '%a' out/ann.txt state/santa.ledger state/santa.key
all >first
echo '--- the same, in another order of the rows'
rm -rf out state
(head -n 1 people.csv; tail -n +2 people.csv | tac) >tac.csv
nightmill run santa.yaml --set stores.people.csv.path=tac.csv
all | cmp - first && echo 'the same pairs'
echo '--- the round is kept, with another seed, without the state, with other rules'
rm -r out state/santa.db*
nightmill run santa.yaml --set 'stages.0.pair={round: "2026", cycle: single}' --executor forked
all | cmp - first && echo 'the same pairs'
nightmill run santa.yaml; counts state/santa.db
echo '--- what is kept'
nightmill pair verify santa.yaml; echo "exit $?"
nightmill pair check santa.yaml; echo "exit $?"
nightmill explain santa.yaml ann
grep -rlaE 'ann|bob|eve' state || echo nothing

echo '--- the next round, with history'
for round in 2027 2028; do
	nightmill run santa.yaml --set stages.0.pair.round=$round --set stages.0.pair.history=2 --set stages.1.write.to="$round/{id}"
	nightmill pair verify santa.yaml --set stages.0.pair.round=$round --set stages.0.pair.history=2 | head -n 1
done
paste <(cd out && cat *) <(cd 2027 && cat *) <(cd 2028 && cat *) | awk '$1 == $2 || $2 == $3 || $1 == $3' | wc -l

echo '--- all shapes'
again() { # again PAIR [FIELD]
	set -- --set "stages.0.pair=$1" --set stages.1.write.to="out2/{id}" --set stages.1.write.from=${2:-receiver}
	nightmill run santa.yaml "$@"
	local status=$?
	echo "exit $status"
	[ $status != 0 ] || nightmill pair verify santa.yaml "$@" | grep -v '^[cst]'
}
again '{round: ring, cycle: single, exclude: [home]}'
(cd out2 && at=ann n=0; while n=$((n + 1)); at=$(cat "$at"); [ "$at" != ann ]; do :; done; echo "$n in the ring")
again '{round: office, within: [office]}'
again '{round: across, across: [office]}'
again '{round: coffee, size: 2, exclude: [home]}' partner
nightmill pair check santa.yaml --set 'stages.0.pair={round: coffee, size: 2, exclude: [home]}' --set stages.1.write.from=partner
again '{round: coffee3, size: 3, as: friend}' friend3
for f in out2/*; do [ -s "$f" ] && echo full; done | wc -l
printf 'giver,receiver\nann,bob\nbob,eve\n' >list.csv
again '{round: must, exclude: [home], must: {store: list}}'; cat out2/ann out2/bob; echo
printf 'giver,receiver\nann,zoe\n' >list.csv
again '{round: never, never: {store: list}}'

echo '--- impossible'
printf 'giver,receiver\n' >list.csv
for giver in ann bob eve; do for receiver in ann bob eve ida jon kim; do echo $giver,$receiver; done; done >>list.csv
again '{round: no, never: {store: list}}'
again '{round: no, within: [home]}'
printf 'giver,receiver\nann,bob\nbob,ann\n' >list.csv
again '{round: no, cycle: single, must: {store: list}}'
printf 'giver,receiver\nann,bob\nann,eve\n' >list.csv
again '{round: no, must: {store: list}}'
printf 'giver,receiver\nann,zoe\n' >list.csv
again '{round: no, must: {store: list}}'
head -n 1 people.csv >none.csv
nightmill run santa.yaml --set stores.people.csv.path=none.csv --set source.table.empty=ok --set stages.0.pair.round=no; echo "exit $?"
head -n 3 people.csv >two.csv
nightmill run santa.yaml --set stores.people.csv.path=two.csv --set stages.0.pair.round=no --dry-run; echo "exit $?"
echo '--- given away'
nightmill run santa.yaml --set stores.people.csv.path=two.csv --set 'stages.0.pair={round: two}' --set stages.1.write.to='two/{id}'; echo "exit $?"

echo '--- what is wrong with the config'
again '{round: "", exclude: [hom], within: [ofice], size: 2, cycle: single, seed: 12, never: {store: lst}, must: {store: people}}'
