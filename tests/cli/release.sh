# `mail release` sends what lies in the outbox: as it lies there, each mail once, by the ledger that a run would use, with its guards; killed at
# any point and repeated, no one gets a mail twice. `mail outbox --to` sends copies to oneself, of which the ledger knows nothing.
smtp_server
cat >people.csv <<'CSV'
id,email
1,ok@localhost
2,rcpt451@localhost
3,rcpt550@localhost
4,drop-before@localhost
rooms/5,ok.five@localhost
CSV
echo 'Grüße, {email}: this is number {id}.' >t.txt
cat >test.yaml <<YAML
name: test
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - render: { template: t.txt, as: text }
  - mail:
      to: "Frau Müller <{email}>"
      from: mill@localhost
      subject: "Über Nummer {id}"
      text: text
      list_unsubscribe: "https://example.org/leave?who={email}"
      via: { outbox: { path: out, release: { smtp: { url: "smtp://127.0.0.1:$port", tls: off } } } }
executor: { sequential: {} }
state: test.db
on_error: { halt: 100%, retries: 0 }
YAML
there() { (cd taken && ls | sed 's/\.[0-9]*$//' | sort | uniq -c); }
sent() { nightmill mail sent test.yaml "$@" | cut -f 1,3- | sort -t '	' -k 3,3n | sed 's|: response reading failed.*|: lost|'; }
release() { nightmill mail release test.yaml "$@" 2>err; echo "exit $?"; }
echo '--- nothing there'
release
echo '--- to oneself'
nightmill run test.yaml
nightmill mail outbox test.yaml --to me@localhost --limit 2
nightmill mail outbox test.yaml --to 'me@localhost, you@localhost' 2>&1
nightmill mail outbox test.yaml --to rcpt550@localhost 2>&1; echo "exit $?"
there
"$PYTHON" - taken/me@localhost.1 out/1.eml <<'PY'
import email, email.policy, sys
copy, mail = (email.message_from_bytes(open(path, "rb").read(), policy=email.policy.default) for path in sys.argv[1:])
print(*copy.keys())
print(copy["To"], "|", copy["Subject"], "|", copy["Message-Id"].endswith("." + mail["Message-Id"][1:]), "|", copy.get_content().strip())
PY
sent
printf '%s\n' 'From: mill@localhost' 'To: ann@localhost' 'Cc: bo@localhost' 'Bcc: cy@localhost' 'Subject: by hand' \
	'List-Unsubscribe: <https://example.org/1>' 'List-Unsubscribe: <https://example.org/2>' '' 'Hello.' >out/0.eml
nightmill mail outbox test.yaml --to hand@localhost
sed '/^\r*$/q' taken/hand@localhost.* | cut -d : -f 1
nightmill mail outbox test.yaml --limit 2 2>/dev/null
rm taken/* out/0.eml
echo '--- who would get what; the first time has to be told that it is meant'
release --dry-run; cat err
release; cat err
there; sent
echo '--- it acts'
release --yes; grep -v TIME err | sed 's|: response reading failed.*|: lost|'
sent; there
"$PYTHON" - <<'PY'
import glob
for name, path in (("ok@localhost", "out/1.eml"), ("ok.five@localhost", "out/rooms~5.eml")):
    took = open(glob.glob("taken/%s.*" % name)[0], "rb").read()
    print(took.split(b"\r\n", 1)[0][:6].decode(), took.split(b"\r\n", 1)[1] == open(path, "rb").read())
PY
echo '--- again; also after all was made again, with other words'
release
echo 'Other words, {id}.' >t.txt
nightmill run test.yaml
release
sent; there
echo '--- what was edited by hand goes as it is'
sed -i 's/\r$//; s/^Other.*/By hand./' out/2.eml
"$PYTHON" -c 'import sqlite3
with sqlite3.connect("test.ledger") as ledger: ledger.execute("UPDATE deeds SET next = 0")'
sed -i 's/rcpt451@/ok.two@/' out/2.eml
release
tail -c 10 taken/ok.two* | od -c | head -1
echo '--- a run that sends by itself knows of them'
nightmill run test.yaml --set "stages.1.mail.via={smtp: {url: 'smtp://127.0.0.1:$port', tls: off}}" 2>/dev/null; echo "exit $?"
there
echo '--- not beside a run'
exec 8<>test.db.lock
flock 8
release; cat err
exec 8>&-
echo '--- what is wrong'
printf 'no mail' >out/odd.eml
truncate -s 65M out/vast.eml
printf '%s\n' 'From: mill@localhost' 'To: ann@localhost, bo@localhost' '' 'Hello.' >out/two.eml
release; cat err
nightmill mail release test.yaml --set stages.1.mail.via.outbox='{path: out}' 2>&1; echo "exit $?"
nightmill mail release test.yaml --set stages.1.mail.via="{maildir: {path: md}}" 2>&1; echo "exit $?"
nightmill check test.yaml --set stages.1.mail.via.outbox.release='{smtp: {url: nowhere}}' 2>&1
nightmill check test.yaml --set stages.1.mail.via.outbox.release='{outbox: {path: other}}' 2>&1
echo '--- killed at each point of the conversation, then repeated; under every executor'
cat >judge.py <<'PY'
import collections, os, sqlite3
copies = collections.Counter(name.rsplit(".", 1)[0] for name in os.listdir("taken") if "@" in name)
rows = sqlite3.connect("test.ledger").execute("SELECT label, state FROM deeds").fetchall()
states = {3: "accepted", 6: "in doubt"}
for label, state in rows:
    if state not in states or copies[label] > 1 or (state == 3 and copies[label] != 1):
        print("WRONG", label, state, copies[label])
print(len(rows), "mails,", "one in doubt" if sum(state == 6 for _, state in rows) == 1 else "none in doubt")
PY
{ echo id,email; for i in $(seq 4); do echo "$i,ok.$i@localhost"; done; } >people.csv
rm -rf out
nightmill run test.yaml
for point in $(seq 14); do
	case $((point % 4)) in 0) executor=threads ;; 1) executor=sequential ;; 2) executor=forked ;; 3) executor=work-stealing ;; esac
	rm -rf test.release.db* test.ledger* taken/*@*
	echo $point >taken/kill
	sh -c "echo \$\$ >taken/pid; exec nightmill mail release test.yaml --yes --executor $executor --workers 1" >/dev/null 2>&1
	nightmill mail release test.yaml >/dev/null 2>&1; echo "next: exit $?"
	"$PYTHON" judge.py
done 2>/dev/null | sort | uniq -c
exec 9>&-
wait
