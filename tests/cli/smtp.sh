# Mails that go out: to a server, once each, whatever it answers; what is in doubt waits until someone says what is true; what was said is
# kept, passwords are not.
smtp_server
cat >people.csv <<'CSV'
id,email
1,ok@localhost
2,rcpt451@localhost
3,rcpt550@localhost
4,data554@localhost
5,drop-before@localhost
6,drop-after@localhost
7,no address
8,garbage@localhost
9,data451@localhost
CSV
echo 'Dear {email}, this is number {id}.' >t.txt
cat >test.yaml <<YAML
name: test
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - render: { template: t.txt, as: text }
  - mail:
      to: "{email}"
      from: mill@localhost
      subject: "Number {id}"
      text: text
      via: { smtp: { url: "smtp://127.0.0.1:$port", tls: off } }
executor: { sequential: {} }
state: test.db
on_error: { halt: 100%, retries: 0 }
YAML
there() { (cd taken && ls | sed 's/\.[0-9]*$//' | sort | uniq -c); }
sent() { nightmill mail sent test.yaml "$@" | cut -f 1,3- | sort -t '	' -k 3,3n | sed 's|: response reading failed.*|: lost|'; }
echo '--- who would get what'
nightmill run test.yaml --dry-run 2>/dev/null
echo '--- the first run that acts has to be told so'
nightmill run test.yaml 2>/dev/null; echo "exit $?"
there
echo '--- it acts'
nightmill run test.yaml --yes 2>/dev/null; echo "exit $?"
sent
there
grep -h -c '^Date: ' taken/ok* taken/drop*
echo '--- again: what is done, failed for good or in doubt is left alone'
nightmill run test.yaml 2>/dev/null; echo "exit $?"
sent
there
echo '--- someone has looked'
nightmill mail doubt test.yaml >out; echo "exit $?"; cut -f 1,3,4 out
nightmill mail settle test.yaml drop-before@localhost --as done
nightmill mail settle test.yaml 8 --as again
nightmill mail settle test.yaml ok@localhost --as again; echo "exit $?"
sed -i -e 's/garbage@/ok.again@/' -e '/^[29],/d' people.csv
nightmill run test.yaml 2>/dev/null; echo "exit $?"
sent drop-before@localhost
sent 8
there
echo '--- resend: the same mail, by its Message-ID'
echo '10,drop-before@localhost' >>people.csv
nightmill run test.yaml --set stages.1.mail.on_doubt=resend --set on_error.retries=1 >/dev/null 2>&1; echo "exit $?"
there
grep -h '^Message-Id' taken/drop-before* | sort | uniq -c | sed -E 's/<.*>/ID/' | sort
echo '--- under every executor once'
for executor in sequential threads forked work-stealing; do
	rm -rf one.db* one.ledger* taken/*
	nightmill run test.yaml --yes --executor $executor --set state=one.db >/dev/null 2>&1; echo "$executor $?"
	there | tr '\n' ' '; echo
done
echo '--- no password anywhere'
export SMTP_PASSWORD=sesame
login() { nightmill "$1" test.yaml --set state=two.db --set "stages.1.mail.via={smtp: {url: 'smtp://127.0.0.1:$port', user: mill, password: $2}}" "${@:3}" 2>&1; }
login check '"${SMTP_PASSWORD}"' | grep password
login check sesame | grep -v '^ *$'
login run '"${SMTP_PASSWORD}"' --yes >out; echo "exit $?"; grep -o 'no safe connection.*' out | sed 's/:[0-9]*:/:PORT:/'
grep -l sesame two.* | wc -l
exec 9>&-
wait
