# A file that crashes its decoder in the executors of one process ends that run. The next one finds out which it was, does
# everything else, and from then on it is a known failure.
for number in 2 3 5 8; do picture in/$number.jpg orientation/$number.jpg; done
config
crashing() { # crashing SIGNAL OPTION...: whoever reads in/3.jpg gets the signal
	local signal=$1
	shift
	traced -o /dev/null -P "$PWD/in/3.jpg" -e "inject=read:signal=$signal" -- nightmill run test.yaml "$@"
}
for executor in sequential threads work-stealing; do
	for signal in SIGSEGV SIGABRT; do
		echo "--- $executor, $signal"
		rm -rf out test.db*
		crashing $signal --executor $executor >said 2>&1
		[ $? != 0 ] && echo 'the run ended badly'
		[ -e test.db.hand ] && echo 'what was in hand is noted'
		crashing $signal --executor $executor 2>said
		echo "exit $?"
		sed -n 's/ after .*//; /^failed/p' said
		tree out
		[ -e test.db.hand ] && echo 'something is still noted'
		crashing $signal --executor $executor
		echo "exit $?"
	done
done
echo '--- killed from outside: nobody is blamed'
rm -rf out test.db*
traced -o /dev/null -P "$PWD/in/3.jpg" -e inject=read:signal=SIGKILL -- nightmill run test.yaml --executor threads >said 2>&1
[ -e test.db.hand ] && echo 'what was in hand is noted'
nightmill run test.yaml --executor threads
echo "exit $?"
tree out
[ -e test.db.hand ] || echo 'nothing is noted'
