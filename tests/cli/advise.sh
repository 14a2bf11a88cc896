# `advise` measures the lookups of a config, and says which cache they should have. Times differ, what is said does not.
$PYTHON - <<'PY'
import csv, sqlite3
people = [(f"p{i}@x", f"Name {i}") for i in range(20000)]
visits = [(i, f"p{i * 7 % 300}@x") for i in range(6000)]
for name, head, rows in ("people", ("email", "name"), people), ("team", ("email", "name"), people[:300]), ("visits", ("id", "who"), visits), ("few", ("id", "who"), visits[:20]):
    with open(name + ".csv", "w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
db = sqlite3.connect("people.db")
db.execute("CREATE TABLE people(email TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")
db.executemany("INSERT INTO people VALUES(?, ?)", people)
db.commit()
PY
cat >test.yaml <<'YAML'
name: test
stores:
  visits: { csv: { path: visits.csv } }
  people: { csv: { path: people.csv } }
source:
  table: { store: visits, key: id }
stages:
  - lookup: { store: people, key: "{who}", as: person, fields: [name] }
  - thumbnail: { sizes: [ { name: s, width: 9, height: 9 } ], from: "{person.name}", to: "out/{id}.jpg" }
YAML
advise() { nightmill advise test.yaml "$@" | sed -E 's/[0-9.]+ (us|ms|s)/DURATION/g'; }
echo '--- a CSV'
advise
echo '--- as it is advised'
advise --set stages.0.lookup.cache=dictionary | tail -n 1
echo '--- a database'
advise --set 'stores.people={sqlite: {path: people.db, table: people}}' | head -n 3
echo '--- few'
advise --set stores.visits.csv.path=few.csv --set stores.people.csv.path=team.csv | tail -n 1
advise --limit 256 | sed -n 2p
echo '--- no lookup'
nightmill advise "$ROOT/configs/thumbnails.yaml" -C "$ROOT"
ls
