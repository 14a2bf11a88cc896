# Files beside a picture that are none must not keep it from its path, whoever comes first.
picture in/IMG_1.JPG
for name in IMG_1.AAE IMG_1.txt; do echo sidecar >in/$name; age in/$name; done
config
stem='stages.0.thumbnail.to=out/{dir}/{stem}-{size}.{ext}'
for executor in sequential threads forked work-stealing; do
	rm -rf out test.db*
	echo "--- $executor"
	nightmill run test.yaml --executor $executor --set "$stem"; echo "exit $?"
	counts
	tree out
done
echo '--- one more, later'
echo sidecar >in/IMG_1.xmp; age in/IMG_1.xmp
nightmill run test.yaml --set "$stem"; echo "exit $?"
counts
echo '--- a second picture with that name'
picture in/IMG_1.JPEG orientation/3.jpg
nightmill run test.yaml --set "$stem"; echo "exit $?"
nightmill run test.yaml --set "$stem"; echo "exit $?"
counts
echo '--- the first one goes'
rm in/IMG_1.JPG
nightmill run test.yaml --set "$stem"; echo "exit $?"
counts
tree out
