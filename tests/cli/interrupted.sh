# A signal ends the run after the items in hand; the next run does the rest.
config
for number in $(seq 1 12); do picture in/$number.jpg; done
for signal in INT TERM; do
	rm -rf out test.db*
	traced -o /dev/null -e inject=rename,renameat,renameat2:signal=SIG$signal:when=3 -- nightmill run test.yaml 2>told
	echo "exit $?"
	sed -E 's/[0-9]+ made, [0-9]+ not started/SOME made, OTHERS not started/' told >&2
	made=$(tree out | wc -l)
	[ "$made" -ge 3 ] && [ "$made" -lt 12 ] && echo 'a part is made' || echo "made $made"
	nightmill run test.yaml; echo "exit $?"
	tree out | wc -l
done
