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
