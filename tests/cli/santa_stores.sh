# The same party from a CSV, SQLite and PostgreSQL with a Redis in front, each behind five caches: the same letters for the same seed.
command -v redis-server >/dev/null && command -v psql >/dev/null || skip 'there is no redis-server, or no psql'
server=/tmp/nightmill-santa-$$ # the path of a socket is short
trap '"$ROOT/tests/fakes/postgres" kill $server/postgres; "$ROOT/tests/fakes/redis" kill $server/redis; rm -rf $server' EXIT
mkdir -p $server/postgres
chmod 0777 $server
"$ROOT/tests/fakes/redis" start $server/redis || skip 'redis-server does not start'
"$ROOT/tests/fakes/postgres" start $server/postgres >/dev/null || skip 'there is no PostgreSQL server here'
export SANTA_DATABASE="host=$server/postgres user=test dbname=postgres" SANTA_REDIS=unix://$server/redis/socket
mkdir data state
cp "$ROOT"/data/*.csv data
cp -R "$ROOT/configs" configs
psql -q "$SANTA_DATABASE" -c 'CREATE TABLE people(email text PRIMARY KEY, name text, household text, wishes text, zone text, language text)' \
	-c '\copy people FROM data/people.csv CSV HEADER'
$PYTHON - <<'PY'
import csv, sqlite3
rows = list(csv.reader(open("data/people.csv", encoding="utf-8")))
db = sqlite3.connect("state/people.db")
db.execute(f"CREATE TABLE people({','.join(rows[0])})")
db.executemany(f"INSERT INTO people VALUES({','.join('?' * len(rows[0]))})", rows[1:])
db.commit()
PY
seed=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
redis='{redis: {url: "'$SANTA_REDIS'", secrets: yes, timeout: 30s}}'
for name in secret-santa secret-santa-sqlite secret-santa-postgres; do
	for cache in none dictionary '{sieve: {entries: 1}}' "{lru: {entries: 3, behind: $redis}}" "{sieve: {behind: $redis}}"; do
		rm -rf out state/$name.*
		nightmill run configs/$name.yaml --set stages.0.pair.seed=$seed --set "stages.1.lookup.cache=$cache" || echo "exit $?"
		digest out/* >letters
		[ -e first ] || cp letters first
		cmp first letters || echo "differs: $name $cache"
	done
	ls out/* | wc -l
done
echo '--- as they are shipped'
for name in secret-santa-sqlite secret-santa-postgres; do
	rm -rf out state/$name.*
	nightmill run configs/$name.yaml --progress plain 2>&1 | grep -oE '[0-9]+ made|had [0-9]+ of [0-9]+ keys|given [0-9]+'
	nightmill run configs/$name.yaml
	counts state/$name.db
	nightmill pair check configs/$name.yaml
done
nightmill check configs/secret-santa-sqlite.yaml | grep index
