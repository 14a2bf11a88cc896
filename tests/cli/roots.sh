# A root that is missing or empty is an error, unless that is said to be fine; globs, hidden files, a root that is a link.
config
nightmill run test.yaml; echo "missing: exit $?"
mkdir in
nightmill run test.yaml; echo "empty: exit $?"
nightmill run test.yaml --set source.files.empty=ok; echo "empty and ok: exit $?"
picture real/a.jpg
picture real/.hidden.jpg
picture real/.git/b.jpg
picture real/sub/c.jpg
picture real/sub/d.png charts/glass.png
rmdir in
ln -s real in
list() { nightmill explain test.yaml --set "$@" | sort; }
echo '--- a link'
list source.files.hidden=no
echo '--- hidden'
list source.files.hidden=yes
echo '--- include'
list 'source.files.include=["**/*.png"]'
echo '--- exclude'
list 'source.files.exclude=["sub/**"]'
