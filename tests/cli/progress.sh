# The summary for people, and the events for programs.
config
for number in 1 2 3; do picture in/$number.jpg; done
head -c 20000 in/1.jpg >in/short.jpg
age in/short.jpg
echo '--- plain' >&2
nightmill run test.yaml --progress plain 2>said; echo "exit $?"
sed 's/^  slowest .*/  slowest   .../; /^            /d' said >&2
rm -rf out test.db*
echo '--- none' >&2
nightmill run test.yaml --progress none; echo "exit $?"
rm -rf out test.db*
nightmill run test.yaml --progress json 2>events; echo "exit $?"
"$PYTHON" - <<'END' | sort -u
import json
for line in open("events"):
    event = json.loads(line)
    print(event.get("event", "NO NAME"), *sorted(set(event) - {"event"}))
END
