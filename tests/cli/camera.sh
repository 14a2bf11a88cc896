# Pictures as cameras wrote them, odd ones, and broken ones.
[ "$SHARED" ] || skip 'there are no further pictures beside the project'
config
run() { # run FOLDER
	rm -rf out test.db*
	echo "--- $1"
	nightmill run test.yaml --progress none --executor forked --workers 2 --set "source.files.roots=[$SHARED/pictures/$1]" \
		--set on_error.halt=100% --set 'source.files.exclude=[]'
	echo "exit $?"
	counts
	nightmill failures test.yaml
}
run camera
run odd
run broken
