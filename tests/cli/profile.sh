# Where the time went, for three programs that others have written: callgrind_annotate, a reader of Chrome's traces, and
# node_exporter.
cat >orders.csv <<'CSV'
id,who,what
1,ann,tea
2,bob,cake
3,ann,jam
CSV
cat >people.csv <<'CSV'
name,town
ann,Oslo
bob,Bern
CSV
cat >test.yaml <<'YAML'
name: test
stores:
  people:
    csv: { path: people.csv }
  orders:
    csv: { path: orders.csv }
source:
  table: { store: orders, key: id }
stages:
  - lookup:
      store: people
      key: "{who}"
      as: person
      fields: [town]
      cache: { sieve: {} }
  - write:
      to: "out/{person.town}/{id}.txt"
      from: what
executor:
  sequential: {}
state: test.db
YAML
cat >lines.awk <<'AWK'
# What callgrind_annotate says, without its figures: the lines of the config that cost something.
/Auto-annotated source/ { inside = 1 }
/events annotated/ { inside = 0 }
inside && match($0, /^ *[0-9,.]+ *(\([ 0-9.]*%\))? +[0-9,.]+ *(\([ 0-9.]*%\))? +/) && !/=>/ {
	cost = substr($0, 1, RLENGTH)
	gsub(/\([ 0-9.%]*\)/, "", cost)
	if (cost ~ /[0-9]/) print substr($0, RLENGTH + 1)
}
AWK
annotated() { # annotated FILE: with every line, however little it costs
	callgrind_annotate --threshold=100 --context=99 "$1" | awk -f lines.awk | sed 's/^ */  /'
}
cat >spans.py <<'PY'
# The rules of the trace event format that its viewers depend on; then what there is, without its times.
import collections, json, sys
trace = json.load(open(sys.argv[1]))
assert trace["displayTimeUnit"] == "ms" and isinstance(trace["otherData"], dict)
threads, spans = {}, collections.defaultdict(list)
for event in trace["traceEvents"]:
    assert type(event["pid"]) is int and type(event["tid"]) is int
    if event["ph"] == "M":
        assert event["name"] == "thread_name"
        threads[event["tid"]] = event["args"]["name"]
        continue
    assert event["ph"] == "X" and event["ts"] >= 0 and event["dur"] >= 0 and event["cat"] in ("work", "wait")
    spans[event["tid"]].append(event)
found = set()
for thread, events in spans.items():
    stack = []  # sorting is stable, as in the viewers
    for event in sorted(events, key=lambda event: event["ts"]):
        while stack and stack[-1]["ts"] + stack[-1]["dur"] <= event["ts"] + 1e-6:
            stack.pop()
        if stack:
            assert event["ts"] + event["dur"] <= stack[-1]["ts"] + stack[-1]["dur"] + 1e-6, "no nesting"
        stack.append(event)
        path = [str(part["args"].get("item", part["name"])) for part in stack]
        if threads[thread] != "main" or "stages" in event["name"] or "stores" in event["name"]:
            found.add(threads[thread].split()[0] + ": " + " > ".join(path))
print("\n".join(sorted(found)))
PY
for executor in sequential threads forked work-stealing; do
	echo "--- $executor"
	nightmill run test.yaml --force --executor $executor --profile test.out --trace test.json
	annotated test.out
	"$PYTHON" spans.py test.json
	# Where the worker is main itself, it does not wait while main works.
	grep -c '^fn=executor.*workers' test.out
	callgrind_annotate --inclusive=yes --threshold=100 test.out | grep -q 'test.yaml:stages.1.write$' || echo 'no write'
	# Every microsecond of work is somebody's: the sums of all functions are those of the program.
	awk '/^summary:/ { total = $2 } /^calls=/ { skip = 1; next } /^[0-9]/ { if (!skip) { sum += $2; if (fn ~ /write/) write += $2 } skip = 0 }
		/^fn=/ { fn = $0 } END { if (sum < total - 20 || sum > total) print "sums differ", sum, total; if (!write) print "write cost nothing" }' test.out
done
echo '--- a run that waits for its turn says so: the second mail may not go within the same minute'
cat >mails.yaml <<'YAML'
name: mails
stores:
  people:
    csv: { path: people.csv }
source:
  table: { store: people, key: name }
stages:
  - mail: { to: "{name}@example.org", subject: Hello, text: town, per_minute: 1, via: { maildir: { path: md } } }
executor:
  threads: { workers: 2 }
max_time: 2s
state: mails.db
YAML
nightmill run mails.yaml --yes --profile mails.out 2>/dev/null; echo "exit $?"
annotated mails.out
grep 'turn' mails.out | sort -u
# Whoever takes the mails is waited for: there is no work in that.
awk '/^fn=/ { fn = $0; own = 1; next } own { work[fn] = $2; own = 0 } END { print work["fn=stages.0.mail.send"] }' mails.out
echo '--- wherever a run ends'
nightmill run test.yaml --force --set 'stages.1.write.from=who' --set 'on_error.halt=0' --set 'stages.0.lookup.by=town' --profile halted.out --metrics halted.prom 2>/dev/null
echo "exit $?"
annotated halted.out | head -3
grep exit_status halted.prom | tail -1
nightmill run test.yaml --dry-run --force --profile dry.out
annotated dry.out
echo '--- what cannot be written is said before anything is done'
rm -rf out test.db*
mkdir folder; mkfifo pipe
for option in '--profile absent/p' '--profile folder' '--trace folder/' '--metrics pipe' '--profile same --trace same' '--profile=' \
	'--dry-run --metrics test.prom'; do
	nightmill run test.yaml $option 2>&1
	echo "exit $?"
done
ls -A folder
ls -d out test.db* 2>/dev/null || echo 'nothing was made'
