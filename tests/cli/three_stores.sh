# The same people in a CSV file, an SQLite database and a PostgreSQL table, behind any cache, a Redis included: for the same seed everyone gets
# the same letter.
# The configs for the two databases run as they are written.
db=/tmp/nightmill-three-$$
trap '"$ROOT"/tests/fakes/postgres kill $db >/dev/null 2>&1; "$ROOT/tests/fakes/redis" kill $db-redis; rm -rf $db $db-redis' EXIT
command -v redis-server >/dev/null || skip 'there is no redis-server'
"$ROOT"/tests/fakes/postgres start $db >/dev/null 2>&1 || skip 'no PostgreSQL server here'
"$ROOT/tests/fakes/redis" start $db-redis || skip 'redis-server does not start'
mkdir data state
cp "$ROOT"/data/people.csv data
cp -R "$ROOT/configs" configs
sql() { psql -qAtX -h $db -U test postgres "$@"; }
sql -c 'CREATE TABLE people(email text PRIMARY KEY, name text, household text, wishes text, zone text, language text)' \
	-c '\copy people FROM data/people.csv CSV HEADER' -c 'CREATE TABLE drawn(email text PRIMARY KEY, round text)'
$PYTHON - <<'PY'
import csv, sqlite3
db = sqlite3.connect("state/people.db")
db.execute("PRAGMA journal_mode = WAL")
db.execute("CREATE TABLE people(email TEXT PRIMARY KEY, name TEXT, household TEXT, wishes TEXT, zone TEXT, language TEXT)")
db.executemany("INSERT INTO people VALUES(?, ?, ?, ?, ?, ?)", list(csv.reader(open("data/people.csv", encoding="utf-8")))[1:])
db.commit()
PY
export SANTA_DATABASE="host=$db user=test dbname=postgres" SANTA_REDIS=unix://$db-redis/socket
redis='{redis: {url: "'$SANTA_REDIS'", secrets: yes, timeout: 30s}}'
seed=$(printf '%064d' 7)
for cache in none dictionary '{sieve: {entries: 3}}' '{fifo: {entries: 1000, ttl: 1ms, validate: version}}' "{lru: {bytes: 2KiB, behind: $redis}}"; do
	for config in secret-santa secret-santa-sqlite secret-santa-postgres; do
		rm -rf out state/$config.db* state/$config.ledger* state/$config.key
		nightmill run configs/$config.yaml --set stages.0.pair.seed=\"$seed\" --set "stages.1.lookup.cache=$cache" || echo "exit $?: $config"
		digest out/*
	done
done | sort | uniq -c | sed -E 's/[0-9a-f]{32,}/DIGEST/'
ls out/* | wc -l
sql -c 'SELECT round, count(*) FROM drawn GROUP BY round'
echo '--- an index'
nightmill check configs/secret-santa-postgres.yaml | grep '^#'
# How the server finds the rows of our own statement, by its own account.
plan() {
	: >$db/log
	PGOPTIONS='-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c enable_seqscan=off' \
		nightmill run configs/secret-santa-postgres.yaml --force --set stages.1.lookup.by=email --set stages.1.lookup.cache=none
	grep -A 6 'ANY (' $db/log | grep -oE '(Seq Scan|Index Scan using [a-z_]+) on people\b' | sort -u
}
plan
sql -c 'ALTER TABLE people DROP CONSTRAINT people_pkey'
nightmill check configs/secret-santa-postgres.yaml --set stages.1.lookup.by=email | grep '^# lookup'
plan
sql -c "$(nightmill check configs/secret-santa-postgres.yaml --set stages.1.lookup.by=email | sed -n 's/.*: CREATE/CREATE/p')"
plan
sql -c 'DROP INDEX people_email_idx; ALTER TABLE people ADD PRIMARY KEY (email)'
echo '--- as it is written'
for config in secret-santa-sqlite secret-santa-postgres; do
	rm -rf out state/$config.*
	nightmill run configs/$config.yaml; echo "exit $?"
	nightmill run configs/$config.yaml; echo "exit $?"
	counts state/$config.db
	nightmill pair check configs/$config.yaml
done
