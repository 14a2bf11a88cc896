# Killed at any moment and run again: what a clean run makes, and nothing left behind.
config
for number in 2 3 5 8; do picture in/$number.jpg orientation/$number.jpg; done
nightmill run test.yaml || exit
clean=$(digest out)
moments=0 wrong=0 workers=
kill_at() { # kill_at EXECUTOR CALL NUMBER: dies when it makes that call for that time
	rm -rf out test.db*
	traced -o /dev/null -e "inject=$2:signal=SIGKILL:when=$3" -- \
		nightmill run test.yaml --executor $1 $workers >/dev/null 2>&1
	[ $? = 137 ] || return
	moments=$((moments + 1))
	nightmill run test.yaml --executor $1 $workers 2>said || { echo "$*: exit $?"; cat said; wrong=$((wrong + 1)); }
	[ "$(digest out)" = "$clean" ] || { echo "$*: other bytes"; wrong=$((wrong + 1)); }
	[ "$(ls -A out | grep -c '^\.')" = 0 ] || { echo "$*: something is left"; wrong=$((wrong + 1)); }
}
for executor in sequential threads forked work-stealing; do
	[ $executor = sequential ] && workers= || workers='--workers 2'
	for number in 1 2 3 4; do kill_at $executor rename,renameat,renameat2 $number; done
	for number in 1 3 6 10 15; do kill_at $executor pwrite64 $number; done
	for number in 1 2 4; do kill_at $executor fdatasync,fsync,syncfs $number; done
	for number in 1 2 5 9; do kill_at $executor write $number; done
	for number in 1 2 3; do kill_at $executor mkdir,mkdirat $number; done
	for number in 20 40 60; do kill_at $executor openat,openat2 $number; done
done
[ $moments -ge 50 ] && echo 'killed at more than 50 moments' || echo "killed at $moments moments only"
echo "wrong: $wrong"
