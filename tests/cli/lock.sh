# One run at a time.
config
picture in/a.jpg
nightmill run test.yaml || exit
flock test.db.lock nightmill run test.yaml; echo "exit $?"
nightmill run test.yaml; echo "exit $?"
echo '--- another state, but the same name and folder'
mkdir out/.nightmill-test
flock out/.nightmill-test nightmill run test.yaml --set state=other.db; echo "exit $?"
ls -d out/.nightmill-test
nightmill run test.yaml --set state=other.db; echo "exit $?"
