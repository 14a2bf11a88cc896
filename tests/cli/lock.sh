# One run at a time.
config
picture in/a.jpg
nightmill run test.yaml || exit
flock test.db.lock nightmill run test.yaml; echo "exit $?"
nightmill run test.yaml; echo "exit $?"
