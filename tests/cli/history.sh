config
picture in/a.jpg
nightmill history test.yaml; echo "exit $?"
nightmill run test.yaml && nightmill run test.yaml || exit
nightmill history test.yaml
echo '--- one run'
one() { # one RUN: what its time went to, in the order of the alphabet
	nightmill history test.yaml "$1" | sed -E 's/^ *[0-9.]+ % +.* times  /  /' | LC_ALL=C sort
}
one 1
one last | grep made
nightmill history test.yaml 1 | awk '/^(main|workers)/ { least = 100 } /%/ { if ($1 > least) print "not in order"; least = $1 }'
for run in 3 0 x; do nightmill history test.yaml $run; echo "exit $?"; done
