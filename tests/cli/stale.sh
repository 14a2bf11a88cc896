# A thumbnail of what the picture was must never pass for one of what it is.
picture in/a.jpg orientation/2.jpg
picture in/b.jpg orientation/2.jpg
config
# At 75 px the larger size is decoded at the scale of the smaller one, so that bytes can be compared.
both='stages.0.thumbnail.sizes=[{name: small, width: 64, height: 64}, {name: large, width: 75, height: 75}]'
replace() { # replace FILE: another picture
	cp "$ROOT/data/photos/orientation/8.jpg" "$1"
	age "$1"
}
remake() { # remake NAME OPTION...: the digest of a clean run in another folder
	local name=$1
	shift
	rm -rf clean clean.db*
	nightmill run test.yaml --set state=clean.db --set "stages.0.thumbnail.to=clean/{dir}/{name}-{size}.{ext}" "$@"
	[ "$(digest clean)" = "$(digest out)" ] && echo "$name: as a clean run makes it" || echo "$name: STALE"
}
nightmill run test.yaml --set "$both"
replace in/a.jpg
nightmill run test.yaml
nightmill run test.yaml --set "$both"
counts
remake 'size dropped, picture changed, size back' --set "$both"
nightmill run test.yaml --set "$both"
counts

echo '--- killed with another recipe, then the old one again'
quality=stages.0.thumbnail.sizes.0.quality=50
rm -rf out test.db*
nightmill run test.yaml
traced -o /dev/null -e inject=rename,renameat,renameat2:signal=SIGKILL:when=2 -- nightmill run test.yaml --set $quality >said 2>&1
nightmill run test.yaml
counts
remake 'killed in between'

echo '--- an output removed, made again, killed before it was safe on the disk'
rm out/a.jpg-small.jpg out/b.jpg-small.jpg
traced -o /dev/null -e inject=rename,renameat,renameat2:signal=SIGKILL:when=2 -- nightmill run test.yaml >said 2>&1
nightmill explain test.yaml
nightmill run test.yaml
remake 'killed in between'
