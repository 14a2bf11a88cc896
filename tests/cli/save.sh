# `save` writes fields back when everything is done: into a CSV, an SQLite database or a PostgreSQL table the same.
people() {
	cat >people.csv <<'CSV'
name;town;"met"
ann;Oslo;3
bob;;
eve;"Rome";7
CSV
	rm -f people.db*
	$PYTHON - <<'PY'
import csv, sqlite3
db = sqlite3.connect("people.db")
db.execute("CREATE TABLE people(name TEXT PRIMARY KEY, town TEXT, met INTEGER)")
db.executemany("INSERT INTO people VALUES(?, nullif(?, ''), nullif(?, ''))", list(csv.reader(open("people.csv"), delimiter=";"))[1:])
db.commit()
PY
}
people
cat >visits.csv <<'CSV'
id,who,where,count
1,ann,Bern,4
2,eve,Rome,7
3,dan,"Bonn; am Rhein",1
4,bob,,2
CSV
echo '{id}' >letter.txt
cat >test.yaml <<'YAML'
name: test
stores:
  visits: { csv: { path: visits.csv } }
  people: { csv: { path: people.csv } }
source:
  table: { store: visits, key: id }
stages:
  - save: { store: people, key: "{who}", fields: [ { column: town, value: "{where}" }, { column: met, value: "{count}" } ] }
  - lookup: { store: people, key: "{who}", as: person, fields: [town], missing: default }
  - render: { template: letter.txt, as: text }
  - write: { to: "out/{id}-{person.town}.txt", from: text }
executor: { sequential: {} }
on_error: { retries: 0 }
YAML
sqlite='stores.people={sqlite: {path: people.db, table: people}}'
rows() { $PYTHON -c 'import sqlite3; [print(*row, sep="|") for row in sqlite3.connect("people.db").execute("SELECT * FROM people ORDER BY name")]'; }
echo '--- csv; what is read is the table as it was'
nightmill run test.yaml --progress plain 2>&1 | grep save
cat people.csv
tree out
echo '--- once more: nothing is written'
touch -d 2001-01-01 people.csv
nightmill run test.yaml
stat -c '%y' people.csv | cut -c1-4
echo '--- sqlite'
rm -rf out test.db*
nightmill run test.yaml --set "$sqlite"
rows
people
echo '--- only looked at, limited, refused: nothing is written'
cp people.csv before.csv
nightmill run test.yaml --dry-run --set "$sqlite"
nightmill explain test.yaml 1 | head -1
nightmill run test.yaml --limit 1 --force
nightmill run test.yaml --force --set 'stages.2.render.template=absent.txt' 2>/dev/null; echo "exit $?"
cmp before.csv people.csv && rows
echo '--- killed at the end, and run again'
rm -rf out test.db*
(traced -o /dev/null -e trace=renameat -e inject=renameat:signal=SIGKILL:when=1+ -P people.csv -- nightmill run test.yaml) 2>/dev/null; echo "exit $?"
cmp before.csv people.csv && echo 'as it was'
echo .nightmill-*.tmp | sed 's/[0-9]\+/N/'
nightmill run test.yaml; echo "exit $?"
echo .nightmill-*.tmp
cat people.csv
echo '--- rows that cannot be written'
people
cat >>visits.csv <<'CSV'
5,ann,Kiel,4
6,fay,Kiel,many
7,,Kiel,1
CSV
for store in 'stores.people={csv: {path: people.csv}}' "$sqlite"; do
	nightmill run test.yaml --set "$store" --set stages.0.save.missing=skip; echo "exit $?"
done
cat people.csv
rows
echo '--- a file that is cut short'
printf 'name,town,met\nann,"Os' >people.csv
cp people.csv before.csv
nightmill run test.yaml --force --set 'stages.1={split: {field: who, as: one}}' --set 'stages.3.write.to="out/{id}.txt"'; echo "exit $?"
cmp before.csv people.csv
echo '--- a secret stays one, unless it is said'
people
cat >pairs.yaml <<'YAML'
name: pairs
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: name }
stages:
  - pair: { round: one }
  - save: { store: people, key: "{name}", fields: [ { column: town, value: "{receiver}" } ] }
  - render: { template: letter2.txt, as: text }
  - write: { to: "out/{name}.txt", from: text }
executor: { sequential: {} }
YAML
echo '{receiver}' >letter2.txt
cp people.csv before.csv
nightmill run pairs.yaml; echo "exit $?"
cmp before.csv people.csv
nightmill run pairs.yaml --set stages.1.save.secrets=yes; echo "exit $?"
for name in ann bob eve; do grep -cE "^$name;\"?$(cat out/$name.txt)" people.csv; done
echo '--- mistakes'
people
$PYTHON -c 'import sqlite3; db = sqlite3.connect("people.db"); db.execute("CREATE VIEW seen AS SELECT * FROM people"); db.execute("CREATE TABLE made(name TEXT, town TEXT, met AS (length(town)))")'
{
	nightmill check test.yaml --set stages.0.save.fields.0.column=towm --set stages.0.save.by=nmae --set stages.0.save.fields.1.value='"{cuont}"'
	nightmill check test.yaml --set stages.0.save.fields.0.column=name
	nightmill check test.yaml --set stages.0.save.fields.0.column=met
	nightmill check test.yaml --set "$sqlite" --set stages.0.save.fields.1.value=many
	nightmill check test.yaml --set 'stores.people={sqlite: {path: people.db, table: seen}}'
	nightmill check test.yaml --set 'stores.people={sqlite: {path: people.db, table: made}}'
} 2>&1
