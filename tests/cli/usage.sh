touch my.yaml && mkdir runs
for command in '' 'rum x.yaml' 'my.yaml' 'runs' 'run' 'run one.yaml two.yaml' 'run --frobnicate x.yaml' 'run absent.yaml' \
	'run x.yaml --limit 0' 'run x.yaml --now 2026-03-28T03:30' \
	'run x.yaml --progress pie' 'run -C absent x.yaml' 'help thumbnial'; do
	echo "--- nightmill $command"
	nightmill $command 2>&1
	echo "exit $?"
done
