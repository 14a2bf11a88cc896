# PostgreSQL goes in the middle of a run. One that comes back: the run goes on, and nothing is lost. One that stays away: the run halts
# when patience ends, at once by a signal or max_time, and the next run does the rest.
db=/tmp/nightmill-away-$$
trap '"$ROOT"/tests/fakes/postgres kill $db >/dev/null 2>&1; rm -rf $db' EXIT
"$ROOT"/tests/fakes/postgres start $db >/dev/null 2>&1 || skip 'no PostgreSQL server here'
server() { "$ROOT"/tests/fakes/postgres "$1" $db >/dev/null 2>&1; }
sql() { psql -qAtX -h $db -U test postgres "$@"; }
sql <<'SQL'
CREATE TABLE orders(id integer PRIMARY KEY, who text);
INSERT INTO orders SELECT n, 'p' || n % 100 FROM generate_series(1, 3000) n;
CREATE TABLE people(name text PRIMARY KEY, town text);
INSERT INTO people SELECT 'p' || n, 'town ' || n FROM generate_series(0, 99) n;
SQL
echo '{id} {person.town}' >letter.txt
cat >test.yaml <<YAML
name: test
stores:
  orders: { postgres: { url: "host=$db user=test dbname=postgres", table: orders, patience: 60s } }
  people: { postgres: { url: "host=$db user=test dbname=postgres", table: people, patience: 60s } }
source:
  table: { store: orders, key: id }
stages:
  - lookup: { store: people, key: "{who}", as: person, fields: [town] }
  - render: { template: letter.txt, as: text }
  - write: { to: "out/{id}.txt", from: text }
executor: { sequential: {} }
YAML
# As soon as the run waits for a table that we have locked, it is in the middle: its scan is open, its lookup asked.
run_into_lock() { # run_into_lock OPTION...
	rm -rf out test.db* .test.db* log
	mkfifo hold
	sql <hold & locker=$!
	exec 8>hold
	rm hold
	echo 'BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE;' >&8
	until [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'people'::regclass")" = 1 ]; do :; done
	nightmill run test.yaml --progress plain "$@" >log 2>&1 8>&- & run=$!
	until [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'people'::regclass")" = 1 ]; do :; done
}
go_away() {
	server kill
	exec 8>&-
	wait $locker 2>/dev/null
}
until_it_waits() { until grep -q 'waited for' log || ! kill -0 $run 2>/dev/null; do :; done; }
show() { grep -E 'PostgreSQL|Terminated|out of time|^nightmill' log | sed -E 's/^[0-9.: -]+//; s/(PostgreSQL: ).*(: it is waited)/\1WHY\2/; s/(connection to server).*/\1 WHY/; s|"/tmp/[^"]*"|SOCKET|'; }
all() { cat out/*.txt | sort -n | cmp - <(for n in $(seq 1 3000); do echo "$n town $((n % 100))"; done) && echo 'every letter is there, and right'; }

echo '--- it comes back'
run_into_lock
go_away
until_it_waits
server start
wait $run; echo "exit $?"
show
all
echo '--- it stays away'
run_into_lock --set stores.orders.postgres.patience=100ms --set stores.people.postgres.patience=100ms
go_away
wait $run; echo "exit $?"
show
server start
nightmill run test.yaml; echo "again: exit $?"
all
for how in TERM time; do
	echo "--- waiting is ended: $how"
	run_into_lock $([ $how = TERM ] || echo --set max_time=2s)
	go_away
	until_it_waits
	[ $how = time ] || kill -TERM $run
	wait $run; echo "exit $?"
	show
	server start
done
nightmill run test.yaml; echo "again: exit $?"
all
