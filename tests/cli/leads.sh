# A mail that the world has put off is not sent any more once the next lead is due: not then, not when the clock is set back.
cat >sendmail <<'SH'
#!/bin/sh
[ ! -e away ] || exit 75
sed -n 's/^Subject: //p' >>sent
SH
chmod +x sendmail
cat >rows.csv <<'CSV'
id,date,email
talk,2026-03-30,ann@example.org; eve@example.org
CSV
cat >test.yaml <<YAML
name: test
stores: { rows: { csv: { path: rows.csv } } }
source: { table: { store: rows, key: id } }
stages:
  - due: { date: "{date}", zone: UTC, leads: [2d, 1d], catch_up: 3d }
  - split: { field: email, as: to, separator: ";" }
  - mail: { to: "{to}", subject: "{due.lead} for {to}", text: due.left, via: { sendmail: { program: $PWD/sendmail } } }
executor: { sequential: {} }
on_error: { retries: 0, halt: 100% }
state: test.db
YAML
run() {
	echo "--- $2"
	rm -f sent
	nightmill run test.yaml --yes --progress none --now "$1"
	echo "exit $?"
	sort sent 2>/dev/null
	$PYTHON - <<'PY'
import sqlite3
words = "none planned sending accepted deferred failed doubt lapsed".split()
rows = sqlite3.connect("test.ledger").execute("SELECT CAST(key AS TEXT), state FROM deeds ORDER BY key")
print(*(f"{key.split('/', 2)[2]} {words[state]}" for key, state in rows), sep=", ")
PY
}
touch away
run 2026-03-28T03:00:00Z 'two days before, and the server is away'
rm away
run 2026-03-29T03:00:00Z 'one day before'
sed -i 's/eve@example.org/&; bob@example.org/' rows.csv
run 2026-03-28T04:00:00Z 'the clock is set back, and Bob has come'
run 2026-03-29T04:00:00Z 'and put right'
