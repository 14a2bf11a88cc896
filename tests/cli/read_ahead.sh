# Main asks the kernel for the pictures that workers will come to, and for none that stays as it is.
for number in 1 2 3; do picture in/$number.jpg; done
config
asked() { # asked OPTION...: how many files main looked at ahead
	traced -e trace=preadv2 -o trace "$NIGHTMILL" run test.yaml --progress none "$@"
	grep -c RWF_NOWAIT trace
}
asked --executor threads
asked --executor threads
asked --executor sequential --force
echo '--- nor for all of one that no stage would take: 32 MiB at most'
rm in/*
truncate -s 1G in/big.jpg # which a folder in memory does not say is there
traced -e trace=fadvise64 -o trace "$NIGHTMILL" run test.yaml --progress none --executor threads; echo "exit $?"
[ "$(grep -c WILLNEED trace)" -le 256 ] || echo "asked for more"
