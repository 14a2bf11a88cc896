# `behind: redis`: whatever state it is in, the letters are the same.
command -v redis-server >/dev/null || skip 'there is no redis-server'
redis() { "$ROOT/tests/fakes/redis" "$1" "$PWD/server" >/dev/null; }
trap 'redis kill 2>/dev/null' EXIT
redis start || skip 'redis-server does not start'
$PYTHON - <<'PY'
import csv, sqlite3
people = [(f"p{i}@x", f"Name {i}" if i % 7 else "", f"Town\n{i % 5}") for i in range(180)]
visits = [(i, f"p{i * 7 % 200}@x") for i in range(200)]  # every tenth knows no one
with open("visits.csv", "w", newline="") as file:
    csv.writer(file).writerows([("id", "who"), *visits])
db = sqlite3.connect("people.db")
db.execute("CREATE TABLE people(email TEXT PRIMARY KEY, name TEXT, town TEXT)")
db.executemany("INSERT INTO people VALUES(?, ?, ?)", people)
db.commit()
PY
echo '{id}: {person.name} of {person.town}' >letter.txt
cat >test.yaml <<YAML
name: test
stores:
  visits: { csv: { path: visits.csv } }
  people: { sqlite: { path: people.db, table: people } }
source:
  table: { store: visits, key: id }
stages:
  - lookup: { store: people, key: "{who}", as: person, fields: [name, town], missing: default, default: nobody, batch: 50 }
  - render: { template: letter.txt, as: text }
  - write: { to: "out/{id}.txt", from: text }
executor: { sequential: {} }
YAML
url=unix://$PWD/server/socket
letters() { # letters NAME CACHE OPTION...: the letters, compared with those that were made first
	local name=$1 cache=$2
	shift 2
	rm -rf out
	nightmill run test.yaml --force --progress json --set "stages.0.lookup.cache=$cache" "$@" 2>json >/dev/null || echo "$name: status $?"
	[ -e first ] || digest out >first
	digest out | cmp - first || echo "$name: differs"
	"$PYTHON" - "$name" <<'PY'
import json, sys
events = [json.loads(line) for line in open("json")]
behind = events[-1]["lookups"][0]["behind"] or {}
said = {name: value for name, value in behind.items() if value and name not in ("cache", "micros", "calls")}
print(f"{sys.argv[1]}: {said}")
for event in events:
    if event["event"] == "note":
        print(f"    {event['what']}: {event['error']['text']}")
PY
}
tiny() { echo "{sieve: {entries: 1, behind: {redis: {url: \"$1\", timeout: 30s}}}}"; }
letters 'no cache' none
letters 'local' sieve
letters 'empty' "$(tiny "$url")"
letters 'filled' "$(tiny "$url")"
letters 'filled, lru' "{lru: {entries: 100, behind: {redis: {url: \"$url\", timeout: 30s}}}}"
letters 'another prefix' "{fifo: {behind: {redis: {url: \"$url\", prefix: other, timeout: 30s}}}}"
cat >client.py <<'PY'
import socket
class Redis:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")
    def say(self, *words):
        words = [word if isinstance(word, bytes) else word.encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
        return self.reply()
    def reply(self):
        line = self.file.readline()
        if line[:1] == b"*":
            return [self.reply() for _ in range(int(line[1:]))]
        if line[:1] == b"$":
            return self.file.read(int(line[1:]) + 2)[:-2] if line != b"$-1\r\n" else None
        return line
PY
damage() { # damage EXPRESSION: what becomes of the n-th value
	"$PYTHON" - "$1" <<'PY'
import sys
from client import Redis
redis = Redis("server/socket")
for n, name in enumerate(sorted(redis.say("KEYS", "nightmill:*"))):
    value = redis.say("GET", name)
    redis.say("SET", name, eval(sys.argv[1]))
PY
}
damage 'value[:n % len(value)] + bytes([value[n % len(value)] ^ 255]) + value[n % len(value) + 1:]'
letters 'a byte of each turned over' "$(tiny "$url")"
damage 'value[:n % len(value)]'
letters 'each cut short' "$(tiny "$url")"
damage 'b"OK"'
letters 'something else' "$(tiny "$url")"
letters 'mended by that' "$(tiny "$url")"
letters 'other fields' "$(tiny "$url")" --set 'stages.0.lookup.fields=[town, name]'

# Between the run and the server: kills the server when the third window is asked for, before or behind half of the answer.
cat >between.py <<'PY'
import os, signal, socket, sys, threading
half = sys.argv[1] == "half"
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
run, _ = listener.accept()
listener.close()
redis = socket.socket(socket.AF_UNIX)
redis.connect("server/socket")
asked = 0
while data := run.recv(1 << 20):
    asked += data.count(b"MGET")
    if asked >= 3 and not half:
        break
    redis.sendall(data)
    answer = redis.recv(1 << 20)
    run.sendall(answer[: len(answer) // 2] if asked >= 3 else answer)
    if asked >= 3:
        break
os.kill(int(open("server/pid").read()), signal.SIGKILL)
run.close()
PY
for when in before half; do
	letters 'filled again' "$(tiny "$url")"
	mkfifo port
	$PYTHON between.py $when >port &
	read -r port <port
	letters "killed in the middle, $when" "$(tiny "redis://127.0.0.1:$port")" 2>&1 | sed "s/:$port/:PORT/"
	wait $!
	rm port
	redis start
done
redis kill
letters 'away' "$(tiny "$url")"
echo '--- the summary'
redis start
for round in 1 2; do
	nightmill run test.yaml --force --progress plain --set "stages.0.lookup.cache=$(tiny "$url")" 2>&1 | sed -n 's/saved\|lost/saved or lost/; /lookup/,/saved or/p'
done
echo '--- advice'
nightmill advise test.yaml --set "stages.0.lookup.cache=$(tiny "$url")" | sed -nE '/redis takes/,$ { s/[0-9.]+ (us|ms|s)\b/DURATION/g; s/(keep|leave) `.*/keep or leave it/; p }'
echo '--- secrets'
cp -r "$ROOT/configs" . && mkdir data && cp "$ROOT/data/people.csv" data
names() { $PYTHON -c 'from client import Redis; print(len(Redis("server/socket").say("KEYS", "santa:*")), "rows in redis")'; }
santa() { # santa SECRETS: by {receiver}, which is secret
	rm -rf out state
	nightmill run configs/secret-santa.yaml --progress plain --set 'stages.1.lookup.cache={sieve: {behind: {redis: {url: "'"$url"'", prefix: santa, timeout: 30s, secrets: '$1'}}}}' 2>&1 |
		grep -o 'behind it redis.*given [0-9]*'
	names
}
santa no
santa yes
echo '--- mistakes'
{
	nightmill check test.yaml --set 'stages.0.lookup.cache={sieve: {behind: {redis: {url: "http://hush@x"}}}}'
	nightmill check test.yaml --set 'stages.0.lookup.cache={sieve: {validate: version, behind: {redis: {url: "redis://x"}}}}'
	nightmill check test.yaml --set 'stages.0.lookup.cache={dictionary: {behind: {redis: {url: "redis://x"}}}}'
	nightmill check test.yaml --set 'stages.0.lookup.cache={sieve: {behind: {}}}'
} 2>&1
