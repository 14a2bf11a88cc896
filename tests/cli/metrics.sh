# --metrics writes what node_exporter's textfile collector reads: it is started on a port of its own, and asked.
command -v prometheus-node-exporter >/dev/null || skip 'there is no prometheus-node-exporter'
config
picture in/a.jpg
picture in/b.jpg
echo 'no picture' >in/c.txt
head -c 9000 in/a.jpg >in/broken.jpg
age in/*
mkdir folder
run() { # run OPTION...
	nightmill run test.yaml --metrics folder/test.prom "$@" >/dev/null 2>&1
	echo "exit $?"
	ls -A folder
}
wait_for() { # wait_for FILE PATTERN: until a line of the file fits
	tail -n +1 --pid=$exporter -s 0.05 -f "$1" 2>/dev/null | grep -m 1 -E "$2"
}
run
cp folder/test.prom first.prom
run
run --force --set name=test --set 'on_error.halt=0'
: >exporter.log
prometheus-node-exporter --collector.disable-defaults --collector.textfile --collector.textfile.directory=folder \
	--web.listen-address=127.0.0.1:0 --web.disable-exporter-metrics >>exporter.log 2>&1 &
exporter=$!
trap 'kill $exporter 2>/dev/null' EXIT
address=$(wait_for exporter.log 'msg="Listening on" address=' | sed 's/.*address=//')
cat >ask.py <<'PY'
import sys, urllib.request
def samples(lines):
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert name not in found, "twice: " + name
            found[name] = float(value)
    return found
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
told = samples(opener.open("http://%s/metrics" % sys.argv[1]).read().decode().splitlines())
ours = {}
for path in sys.argv[2:]:
    ours.update(samples(open(path).read().splitlines()))
assert told["node_textfile_scrape_error"] == 0, "refused"
def key(name):  # labels come back in another order
    head, _, labels = name.partition("{")
    return head, tuple(sorted(labels[:-2].split('",')))
told = {key(name): value for name, value in told.items()}
for name, value in ours.items():
    assert told[key(name)] == value, (name, value)
    if "seconds" not in name and "memory" not in name and "_bytes" not in name:
        print(name, int(value))
PY
echo '--- what node_exporter tells'
"$PYTHON" ask.py "$address" folder/test.prom
echo '--- a second job beside it'
mkdir other
cat >other/test.yaml <<'YAML'
name: other-job
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: name }
stages:
  - lookup: { store: people, key: "{boss}", as: boss, fields: [town], missing: default }
  - lookup: { store: people, key: "{name}", as: self, fields: [town] }
  - write: { to: "out/{name}.txt", from: self.town }
executor: { sequential: {} }
YAML
printf 'name,town,boss\nann,Oslo,bob\nbob,Bern,\n' >other/people.csv
age other/people.csv
nightmill run -C other test.yaml --metrics ../folder/other.prom >/dev/null 2>&1
"$PYTHON" ask.py "$address" folder/test.prom folder/other.prom | grep other-job
echo '--- counters grow'
grep 'items_total.*made' first.prom folder/test.prom
kill $exporter
wait $exporter 2>/dev/null || true
