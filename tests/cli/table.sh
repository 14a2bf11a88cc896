# The source `table` over a CSV file: rows that make sense are items, the others are told of with their line. `split` makes
# several of one.
mkdir in
for name in ann bob eve; do picture in/$name.jpg; done
cat >people.csv <<'CSV'
id,photos,team
1,in/ann.jpg; in/bob.jpg;in/ann.jpg ,red
2,,red

3,"in/eve.jpg",blue
4,in/eve.jpg
2,in/bob.jpg,red
,in/ann.jpg,red
5,in/no.jpg,green
CSV
printf '6,in/ann.jpg,gr\xfcn\n' >>people.csv
age people.csv
cat >table.yaml <<'YAML'
name: table
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id, where: [ { field: team, is_not: [green] } ] }
stages:
  - split: { field: photos, as: photo, separator: ";" }
  - thumbnail:
      sizes: [ { name: small, width: 64, height: 64 } ]
      from: "{photo}"
      to: "out/{team}/{id}.{ext}"
executor: { sequential: {} }
state: table.db
on_error: { retries: 0 }
YAML
nightmill check table.yaml | grep -A 12 '^stores'
nightmill explain table.yaml; echo "exit $?"
nightmill explain table.yaml 3/in%2Feve.jpg 2>/dev/null
echo '--- run'
nightmill run table.yaml 2>&1 | grep -v '^failed'; echo "exit ${PIPESTATUS[0]}"
echo '--- no row'
head -n 1 people.csv >none.csv
nightmill run table.yaml --set stores.people.csv.path=none.csv; echo "exit $?"
nightmill explain table.yaml --set stores.people.csv.path=none.csv --set source.table.empty=ok | head -n 1
echo '--- cut short'
printf '7,"in/ann.jpg' >>people.csv
nightmill explain table.yaml >explained 2>&1; echo "exit $?"
tail -n 1 explained
