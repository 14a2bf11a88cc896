# `workers: auto` takes no more workers than there are CPUs for this process.
config
picture in/a.jpg
[ "$(nproc)" -ge 2 ] || skip 'there is one CPU'
one=$(taskset -pc $$ | sed 's/.*: \([0-9]*\).*/\1/')
taskset -c "$one" nightmill explain test.yaml --set 'executor={work-stealing: {workers: auto}}' | tail -n 1 |
	sed -e 's/ \(worker\|cpu\)/-\1/g' -e 's/, cgroup.*//' -e 's/, memory.*//'
echo '--- the summary says it too'
taskset -c "$one" nightmill run test.yaml --executor threads --workers auto --progress plain 2>&1 |
	sed -n -e 's/, cgroup.*//' -e 's/, memory.*//' -e 's/ \(worker\|cpu\)/-\1/g' -e '/cpu/p'
