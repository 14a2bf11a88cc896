# The same bytes and the same rows, whoever does the work.
for number in 2 3 5 8; do picture in/a/$number.jpg orientation/$number.jpg; done
picture in/b/glass.png charts/glass.png
picture in/b/leaf.webp charts/leaf.webp
echo text >in/b/note.txt
head -c 20000 in/a/2.jpg >in/b/short.jpg
age in/b/*
config
for executor in sequential threads forked work-stealing; do
	for workers in 1 2 5; do
		[ $executor$workers = sequential2 ] && break
		rm -rf out test.db*
		nightmill run test.yaml --set on_error.halt=100% --progress none --executor $executor --workers $workers 2>/dev/null
		status=$?
		"$PYTHON" - <<'END' >rows
import sqlite3
for row in sqlite3.connect("test.db").execute(
        "SELECT key, status, size, mtime, content, verdict, recipe, late, code, blame, error FROM items ORDER BY key"):
    print(row)
for row in sqlite3.connect("test.db").execute("SELECT path, part, recipe, late FROM outputs ORDER BY path"):
    print(row)
END
		[ $executor$workers = sequential1 ] && cp rows rows.first && first=$(digest out)
		[ "$(digest out)" = "$first" ] && bytes='same bytes' || bytes='OTHER BYTES'
		cmp -s rows rows.first && rows='same rows' || rows='OTHER ROWS'
		echo "$executor $workers: exit $status, $bytes, $rows"
	done
done
wc -l <rows.first
