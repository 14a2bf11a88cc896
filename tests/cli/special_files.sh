# What is no regular file blocks nothing; what is no picture is no failure.
config
picture in/a.jpg
mkdir in/folder.jpg
mkfifo in/fifo.jpg
ln -s nowhere in/dangling.jpg
ln -s a.jpg in/link.jpg
ln -s . in/loop
ln -s loop1 in/loop2; ln -s loop2 in/loop1
mknod in/null.jpg c 1 3 2>/dev/null
"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX).bind("in/socket.jpg")'
: >in/empty.jpg
echo 'a text' >in/text.jpg
printf '\377\330\377' >in/stub.jpg
printf 'sidecar' >in/a.xmp
find in -type f -exec touch -d '2025-06-01 12:00' {} +
nightmill run test.yaml; echo "exit $?"
counts
tree out
echo '--- links followed'
rm -rf out test.db*
nightmill run test.yaml --set source.files.links=follow; echo "exit $?"
counts
tree out
