# Night after night: only what is due is done.
for number in 1 2 3 4 5 6; do picture in/$number.jpg; done
picture in/sub/7.png charts/glass.png
picture in/sub/8.webp charts/leaf.webp
config
night() { # night WHAT [OPTION...]
	echo "--- $1"
	shift
	nightmill run test.yaml "$@" || echo "exit $?"
	counts
}
night 'first'
first=$(digest out)
night 'nothing changed'
touch -d '2025-07-01 12:00' in/1.jpg
night 'one touched'
cp "$ROOT/data/photos/orientation/3.jpg" in/2.jpg
age in/2.jpg
night 'one replaced, size changed'
rm out/3.jpg-small.jpg
night 'one output removed'
night 'another quality' --set stages.0.thumbnail.sizes.0.quality=60
night 'the old quality again'
night 'everything again' --force
large='stages.0.thumbnail.sizes=[{name: small, width: 64, height: 64}, {name: large, width: 128, height: 128}]'
cksum out/*-small.* out/sub/*-small.* >before
night 'a size more' --set "$large"
cksum out/*-small.* out/sub/*-small.* | cmp - before && echo 'the small ones are as they were'
picture in/9.jpg
night 'one more picture' --set "$large"
rm in/2.jpg
cp "$ROOT/data/photos/orientation/2.jpg" in/2.jpg
age in/2.jpg
rm in/9.jpg out/9*small* out/*large* out/sub/*large*
night 'as in the beginning'
[ "$(digest out)" = "$first" ] && echo 'same bytes as the first night'
rm test.db*
night 'without the state'
[ "$(digest out)" = "$first" ] && echo 'same bytes as the first night'
