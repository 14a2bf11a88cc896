# A run that is killed in the middle of sending, at each point of the conversation with the server in turn: the next run sends what was not
# begun without being told that so many are meant, no one gets a mail twice, and what may have gone out or not is in doubt. POINTS=N tries N
# points instead of all of a few mails.
smtp_server
points=${POINTS:-27} mails=$((${POINTS:-27} / 18 + 12))
{ echo id,email; for i in $(seq $mails); do echo "$i,ok.$i@localhost"; done; } >people.csv
printf 'Dear {email},\nthis is number {id}.\n' >t.txt
cat >test.yaml <<YAML
name: test
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - render: { template: t.txt, as: text }
  - mail: { to: "{email}", from: mill@localhost, subject: "Number {id}", text: text, via: { smtp: { url: "smtp://127.0.0.1:$port", tls: off } } }
executor: { sequential: {} }
state: test.db
YAML
cat >judge.py <<'PY'
import collections, os, sqlite3, sys
mails = int(sys.argv[1])
names = ["none", "planned", "sending", "accepted", "deferred", "failed", "in doubt", "lapsed"]
rows = sqlite3.connect("test.ledger").execute("SELECT label, state FROM deeds").fetchall()
copies = collections.Counter(name.rsplit(".", 1)[0] for name in os.listdir("taken") if "@" in name)
for label, state in rows:
    has = copies[label]
    if has > 1 or (names[state] == "accepted" and has != 1) or names[state] not in ("accepted", "in doubt"):
        print("WRONG", label, names[state], has)
    if names[state] == "in doubt":
        print("in doubt, the server", "has it" if has else "does not have it")
    else:
        print(names[state])
if len(rows) != mails:
    print("WRONG", len(rows), "of", mails)
PY
for point in $(seq $points); do
	rm -rf test.db* test.ledger* taken/*@*
	echo $point >taken/kill
	sh -c 'echo $$ >taken/pid; exec nightmill run test.yaml --yes' >/dev/null 2>&1
	echo "first run: exit $?"
	nightmill run test.yaml >/dev/null 2>&1
	echo "next run: exit $?"
	"$PYTHON" judge.py $mails
done 2>/dev/null | sort | uniq -c
exec 9>&-
wait
