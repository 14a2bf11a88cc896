# The same work through every executor: figures on standard output, nothing left behind, nothing of the config's touched.
config
for number in 1 2 3; do picture in/$number.jpg; done
echo 'no picture' >in/notes.txt
head -c 20000 in/1.jpg >in/short.jpg
age in/*
figures() { # figures: numbers become N, so that the shape is left
	sed -E -e 's/[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?/N/g' -e 's/[KMG]?i?B\b/BYTES/g' -e 's/ +/ /g'
}
# Why and which depend on the machine.
nightmill bench test.yaml --items 5 --rounds 2 --workers 1,2 |
	sed -e '/^Where it stops/,$d' | figures
echo '--- as JSON'
nightmill bench test.yaml --items 5 --rounds 1 --workers 3 --executors threads,forked --json >bench.json; echo "exit $?"
"$PYTHON" - bench.json <<'END'
import json, sys
bench = json.load(open(sys.argv[1]))
print(*bench)
print(bench["name"], bench["items"], bench["rounds"], bench["cold"])
for case in bench["cases"]:
    print(case["executor"], case["workers"], case["outcomes"], [time["name"] for time in case["times"]])
    for name in ("items_per_second", "cpu_seconds", "peak_bytes", "speed_up", "efficiency"):
        spread = case[name]
        if not 0 < spread["least"] <= spread["median"] <= spread["most"]:
            print(name, spread)
print([verdict["executor"] for verdict in bench["verdicts"]], bench["recommendation"]["executor"] in str(bench["cases"]))
END
ls -A
echo '--- built in'
for workload in cpu io skewed tiny; do
	nightmill bench --workload $workload --items 8 --rounds 1 --workers 2 --json | "$PYTHON" -c '
import json, sys
bench = json.load(sys.stdin)
print(bench["workload"], bench["items"], [(case["executor"], case["workers"], case["outcomes"]["made"]) for case in bench["cases"]])'
done
echo '--- cold'
nightmill bench test.yaml --items 5 --rounds 1 --workers 2 --executors work-stealing --cold | sed -n '1p' | figures
ls -A
echo '--- stopped on the way'
mkdir out
nightmill bench test.yaml --rounds 1000 >half &
bench=$!
until [ -d out/.nightmill-bench-test ] || ! kill -0 $bench; do :; done
kill -TERM $bench
wait $bench; echo "exit $?"
cat half
ls -A . out
echo '--- wrong'
nightmill bench; echo "exit $?"
nightmill bench test.yaml --executors thread,forked; echo "exit $?"
nightmill bench --workload tinny; echo "exit $?"
nightmill bench test.yaml --html no/such/folder/page.html --items 1 --rounds 1 --executors sequential >half; echo "exit $?"
nightmill bench test.yaml --set source.files.roots=[none]; echo "exit $?"
