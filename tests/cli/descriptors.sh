# More workers than descriptors: main takes what the hard limit gives, or says what it needs.
config
for i in 1 2 3; do picture in/$i.jpg; done
executor='--executor forked --workers 100'
(ulimit -S -n 128 && nightmill run test.yaml $executor)
echo "exit $?"
tree out
(ulimit -n 512 && nightmill run test.yaml --force $executor)
echo "exit $?"
