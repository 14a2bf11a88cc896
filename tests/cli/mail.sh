# `mail` puts a mail for each row into an outbox, a folder to look at: the same bytes under every executor, again where what it is made
# of has changed, and what cannot be a mail is told. What other readers of mail make of them is what was meant.
mkdir -p docs/plans
cat >people.csv <<'CSV'
id,name,email,place,note,when
1,Ann Kessler,ann@example.org,Große Halle,"<script>alert(1)</script> & ""co""",2026-03-28T18:30:00+01:00
2,"Haddad, Omar",omar@example.org,Kitchen,,2026-03-28T18:30:00Z
rooms/3,Böb,bob@localhost,屋上,x,2026-03-28T18:30:00Z
4,Eve,eve@exa mple.org,Roof,x,2026-03-28T18:30:00Z
5,"Mal
Bcc: x@example.org",mal@example.org,Roof,x,2026-03-28T18:30:00Z
6,Fay,fay@example.org,"Roof
X-Evil: yes",x,2026-03-28T18:30:00Z
7,Gus,gus@example.org,Roof,x,soon
8,Hal,"hal@example.org, ian@example.org",Roof,x,2026-03-28T18:30:00Z
CSV
printf 'Hello {name},\n\nYour place: {place}.\n.\nFrom there we go on. {note}\n' >t.txt
printf '<p>Hello <b>{name}</b>,\n<p>your place: {place}. {note}\n' >t.html
printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nSUMMARY:{place}\r\nEND:VCALENDAR\r\n' >t.ics
for id in 1 2 rooms/3 6 7; do mkdir -p docs/plans/rooms; printf 'plan of %s' $id >docs/plans/$id.pdf; done
cat >mail.yaml <<'YAML'
name: mail
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - render: { template: t.txt, as: text }
  - render: { template: t.html, as: html }
  - render: { template: t.ics, as: ics, target: text }
  - mail:
      to: "{name} <{email}>"
      from: "Die Mühle <mill@example.org>"
      reply_to: desk@example.org
      subject: "{place}: bitte pünktlich um vier, mit Kuchen, Tee und etwas zu lesen für lange Abende"
      text: text
      html: html
      calendar: ics
      attach: [ "docs/plans/{id}.pdf" ]
      date: "{when}"
      list_unsubscribe: "https://example.org/leave?who={email}"
      via: { outbox: { path: out/box } }
executor: { sequential: {} }
state: mail.db
YAML
for executor in sequential threads forked work-stealing; do
	rm -rf out mail.db*
	nightmill run mail.yaml --executor $executor >/dev/null 2>err; echo "$executor: exit $?"
	rm out/box/index.html
	digest out
done
grep '^failed' err | sort
stat -c '%a %n' out/box/*

echo '--- as bytes'
tr -d '\r' <out/box/2.eml
cat >read.py <<'PY'
import email, email.policy, glob
for path in sorted(glob.glob("out/box/*.eml")):
    raw = open(path, "rb").read()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    lines = raw.split(b"\r\n")
    odd = [l for l in lines if b"\r" in l or b"\n" in l or len(l) > 998 or max(l, default=0) > 126]
    print(path, "|", mail["to"], "|", mail["subject"])
    for part in mail.walk():
        if not part.is_multipart():
            content = part.get_content()
            print("   ", part.get_content_type(), part.get_filename() or "", repr(content)[:70], *part.defects)
    print("   ", len(odd), "odd lines;", *mail.keys())
PY
echo '--- as others read them'
"$PYTHON" read.py

echo '--- what is due again'
nightmill run mail.yaml; counts mail.db
grep -o '<h1>.*</h1>' out/box/index.html; grep -c '<details>' out/box/index.html; grep -c '<script' out/box/index.html
rm out/box/2.eml
nightmill run mail.yaml; counts mail.db
sed -i 's/Kitchen/Garden/' people.csv
nightmill run mail.yaml; counts mail.db; grep -c Garden out/box/index.html
sed -i '/^2,/d' people.csv
nightmill prune mail.yaml --yes --dry-run; grep -c Garden out/box/index.html
nightmill prune mail.yaml --yes; ls out/box
grep -o '<h1>.*</h1>' out/box/index.html; grep -c Garden out/box/index.html

echo '--- what is wrong'
try() { nightmill run mail.yaml --force "$@" 2>&1 | grep -v '^ *$'; }
try --set stages.3.mail.text=txt
try --set stages.3.mail.domain=a_b
try --set stages.3.mail.via.outbox.path=../box
try --set stages.3.mail.attach='["{id}.pdf"]'
try --set stages.3.mail.via='{outbx: {}}'
try --set stages.3.mail.list_unsubscribe='http://example.org/{id}' --limit 1
try --set stages.3.mail.attach='["docs/plans/{id}.txt"]' --limit 1
try --set stages.3.mail.attach='["docs/plans/../{id}.pdf"]' --limit 1
try --set stages.3.mail.max_bytes=1KiB --limit 1
try --set stages.3.mail.inline='[name]' --limit 1
