# A rerun opens no picture and no thumbnail.
for number in 1 2 3 4 5; do picture in/sub/$number.jpg; done
config
nightmill run test.yaml || exit
traced -e trace=open,openat,openat2 -o trace -- nightmill run test.yaml || exit
grep '\.jpg' trace
grep -q 'test\.db' trace && echo 'the trace works'
