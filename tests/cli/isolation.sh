# Workers that are shut in make the same pictures; what an executor cannot do it says.
config
picture in/a.jpg orientation/2.jpg
picture in/glass.png charts/glass.png
picture in/leaf.webp charts/leaf.webp
printf 'P6 2 2 255\nabcabcabcabc' >in/small.ppm
printf 'P5 3 2 255\nabcdef' >in/grey.pgm
age in/*
for sandbox in on off; do
	rm -rf out test.db*
	echo "executor: { forked: { workers: 2, sandbox: $sandbox } }" >executor
	sed -e '/^executor/{r executor' -e 'd}' test.yaml >$sandbox.yaml
	nightmill run $sandbox.yaml
	echo "exit $?"
	counts
	digest out >digest.$sandbox
done
tree out
cmp digest.on digest.off && echo 'same bytes'

echo '--- options that an executor does not have'
for executor in '{ threads: { timeout: 5s } }' '{ sequential: { workers: 2 } }' '{ forked: { tmeout: 5s } }'; do
	echo "executor: $executor" >executor
	sed -e '/^executor/{r executor' -e 'd}' test.yaml >other.yaml
	nightmill check other.yaml 2>&1
	echo "exit $?"
done

echo '--- an item over a limit'
rm -rf out test.db*
if grep -aq __asan_init "$(realpath "$(command -v nightmill)")"; then
	echo 'exit 3' # the address sanitizer reserves more than any limit: `memory` is off there
else
	nightmill run on.yaml --set executor.forked.memory=1MiB --set on_error.halt=100% >/dev/null 2>&1
	echo "exit $?"
fi
nightmill explain on.yaml | tail -n 1
