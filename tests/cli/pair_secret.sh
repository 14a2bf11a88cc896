# Who gives to whom stands in the letters alone: each person's wish is in one letter and in no log, summary, event, state or
# ledger; no line and no row there has two people in it, not where a lookup fails either.
names='ann bob eve ida jon kim lou max nat ora pia ros'
(echo id,name,wishes; for id in $names; do echo "$id@example.org,Person of $id,canary-$id"; done) >people.csv
grep -v '^kim' people.csv >gifts.csv
echo 'To {name}: {to.name} ({receiver}) wishes for {to.wishes}.' >letter.txt
cat >santa.yaml <<'YAML'
name: santa
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - pair: { round: "2026", exclude: [wishes] }
  - lookup: { store: people, key: "{receiver}", as: to, fields: [name, wishes], cache: { sieve: { entries: 10 } } }
  - render: { template: letter.txt, as: text }
  - write: { to: "out/{id}.txt", from: text }
executor: { sequential: {} }
YAML
mkdir said
for executor in sequential threads forked work-stealing; do
	rm -rf out state/santa.db*
	nightmill run santa.yaml --executor $executor --progress json >said/json.$executor 2>&1 || echo "exit $?"
done
stat -c '%a' out/* | sort | uniq -c
nightmill run santa.yaml --force --progress plain >said/plain 2>&1
nightmill explain santa.yaml --force >said/explain 2>&1
nightmill history santa.yaml >said/history
nightmill check santa.yaml >said/check
nightmill pair verify santa.yaml >said/verify
nightmill pair check santa.yaml >said/judged
cp -R out letters
echo '--- a receiver without a row'
nightmill run santa.yaml --force --progress plain --set 'stores.gifts={csv: {path: gifts.csv}}' --set stages.1.lookup.store=gifts >said/failed 2>&1; echo "exit $?"
nightmill failures santa.yaml --set 'stores.gifts={csv: {path: gifts.csv}}' --set stages.1.lookup.store=gifts >said/failures 2>&1
grep -c '^failed' said/failed
echo '--- found'
"$PYTHON" - $names <<'END'
import glob, re, sqlite3, sys
names = sys.argv[1:]
letters = "".join(open(path).read() for path in glob.glob("letters/*"))
print("letters with each wish once:", all(letters.count("canary-%s." % name) == 1 for name in names))
person = re.compile(rb"\b(%s)@example\.org|Person of (%s)\b|canary-(%s)" % (("|".join(names).encode(),) * 3))
def people(data):
    return {next(filter(None, found)) for found in person.findall(data)}
lines = rows = two = canaries = 0
for path in glob.glob("said/*"):
    for line in open(path, "rb"):
        lines += 1
        line = re.sub(rb'"slowest":\[.*?\]', b"", line)  # givers, none of whom has to do with another
        if len(people(line)) > 1:
            two += 1
            print(path, line)
        canaries += b"canary" in line
for path in glob.glob("state/*"):
    data = open(path, "rb").read()
    canaries += data.count(b"canary")
    if not path.endswith((".db", ".ledger")):
        continue
    database = sqlite3.connect(path)
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in database.execute("SELECT * FROM " + table):
            rows += 1
            data = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
            two += len(people(data)) > 1
import ctypes, struct
digest = ctypes.CDLL("libxxhash.so.0").XXH3_128bits
digest.argtypes, digest.restype = (ctypes.c_char_p, ctypes.c_size_t), ctypes.c_uint64  # the low half
def guess(giver, receiver):  # what the state would have without a key: a digest of what the letter is made of
    fields = [giver + "@example.org", "Person of " + giver, receiver + "@example.org", "Person of " + receiver, "canary-" + receiver]
    data = b"".join(struct.pack("<I", len(field)) + field.encode() for field in fields) + b"\xff" * 4
    return digest(data, len(data))
items = sqlite3.connect("state/santa.db").execute("SELECT * FROM items").fetchall()
numbers = {value % 2**64 for row in items for value in row if isinstance(value, int)}
print("pairs that can be guessed:", sum(guess(a, b) in numbers for a in names for b in names))
print("lines and rows were looked at:", lines > 50, rows > 20)
print("with two people:", two, "with a wish:", canaries)
END
