# `lookup` adds fields of a row to each record. Whatever cache stands in front of whatever store, the items are the same.
cat >orders.csv <<'CSV'
id,who,what
1,ann,tea
2,bob,cake
3,ann,jam
4,,salt
5,eve,bread
6,dup,milk
CSV
cat >people.csv <<'CSV'
name,town,photo
ann,Oslo,in/a.jpg
bob,,in/b.jpg
dup,Rome,in/c.jpg
dup,Bern,in/d.jpg
CSV
$PYTHON - <<'PY'
import csv, sqlite3
db = sqlite3.connect("people.db")
db.execute("CREATE TABLE people(name TEXT, town TEXT, photo TEXT)")
db.executemany("INSERT INTO people VALUES(?, ?, ?)", list(csv.reader(open("people.csv")))[1:])
db.commit()
PY
cat >test.yaml <<'YAML'
name: test
stores:
  orders: { csv: { path: orders.csv } }
  people: { csv: { path: people.csv } }
source:
  table: { store: orders, key: id }
stages:
  - lookup: { store: people, key: "{who}", by: name, as: person, fields: [town, photo] }
  - thumbnail: { sizes: [ { name: s, width: 9, height: 9 } ], from: "{person.photo}", to: "out/{id}-{person.town}.jpg" }
executor: { sequential: {} }
on_error: { retries: 0 }
YAML
paths() { # paths OPTION...: where the thumbnail of each order would go
	local id
	for id in 1 2 3 4 5 6; do nightmill explain test.yaml $id "$@" 2>&1; done
}
for missing in fail skip default; do
	echo "--- missing: $missing"
	paths --set stages.0.lookup.missing=$missing --set 'stages.0.lookup.default=none'
done
echo '--- every cache, both stores, windows of one'
paths >first
for store in '{csv: {path: people.csv}}' '{sqlite: {path: people.db, table: people}}'; do
	for cache in none dictionary '{sieve: {entries: 1}}' '{lru: {entries: 1}}' '{fifo: {bytes: 1KiB}}' '{sieve: {ttl: 1s}}'; do
		for batch in 1 256; do
			paths --set "stores.people=$store" --set "stages.0.lookup.cache=$cache" --set stages.0.lookup.batch=$batch |
				cmp first - || echo "differs: $store $cache $batch"
		done
	done
done
echo '--- an index'
check() { nightmill check test.yaml --set 'stores.people={sqlite: {path: people.db, table: people}}' | grep '^#'; }
check
$PYTHON -c 'import sqlite3; sqlite3.connect("people.db").execute("CREATE INDEX people_name ON people (name)")'
check
echo '--- figures'
nightmill run test.yaml --progress plain --set stages.0.lookup.cache=dictionary 2>&1 | grep -A 2 lookup
nightmill run test.yaml --progress json --set stages.0.lookup.cache=sieve 2>&1 | $PYTHON -c '
import json, sys
for line in sys.stdin:
    for lookup in json.loads(line).get("lookups", []):
        print({name: value for name, value in lookup.items() if "micros" not in name and name != "bytes"})'
for run in 1 last; do nightmill history test.yaml $run; done | sed -n 's/ \(saved\|lost\) / SAVED /; /^lookup/p'
echo '--- mistakes'
{
	nightmill check test.yaml --set 'stages.0.lookup.fields=[tow]' --set stages.0.lookup.by=nmae
	nightmill check test.yaml --set 'stages.0.lookup.key="{hwo}"'
	nightmill check test.yaml --set stages.0.lookup.as=id --set 'stages.0.lookup.fields=[town, town]'
	nightmill check test.yaml --set stages.0.lookup.store=orders --set stages.0.lookup.cache=seive
	nightmill check test.yaml --set 'stores.people={sqlite: {path: people.db, table: peeple}}'
	nightmill check test.yaml --set 'stores.people={sqlite: {path: absent.db, table: people}}'
	nightmill check test.yaml --set 'stores.people={sqlite: {path: people.csv, table: people}}'
	nightmill check test.yaml --set 'stores.people={sqlite: {path: people.db, table: people}}' --set 'stages.0.lookup.cache={sieve: {validate: hash}}'
} 2>&1
