# What is written: formats that the picture decides, AVIF, and the time of the source.
cat >test.yaml <<-'END'
	name: test
	source:
	  files: { roots: [in] }
	stages:
	  - thumbnail:
	      sizes:
	        - { name: auto, width: 40, height: 40, format: auto }
	      mtime: keep
	      to: out/{name}-{size}.{ext}
	  - thumbnail:
	      sizes:
	        - { name: avif, width: 40, height: 40, format: avif }
	        - { name: sharp, width: 40, height: 40, format: avif, lossless: yes, effort: 0 }
	      to: avif/{name}-{size}.{ext}
	executor: { sequential: {} }
	state: test.db
END
picture in/opaque.png charts/paper.png
picture in/glass.png charts/glass.png
picture in/leaf.webp charts/leaf.webp
picture in/photo.jpg
touch -d '2001-02-03 04:05:06.789' in/photo.jpg
"$PYTHON" -c 'from PIL import Image
Image.open("in/photo.jpg").convert("L").save("in/grey.jpg")'
age in/grey.jpg
nightmill run test.yaml; echo "exit $?"
tree out
stat -c '%n %y' out/photo.jpg-auto.jpg
for made in avif/*; do
	head -c 12 "$made" | tail -c 8; echo " $made"
done
echo '--- back again'
cat >back.yaml <<-'END'
	name: back
	source:
	  files: { roots: [avif] }
	stages:
	  - thumbnail: { sizes: [ { name: back, width: 40, format: png } ], to: "back/{name}.{ext}" }
	executor: { sequential: {} }
	state: back.db
END
nightmill run back.yaml; echo "exit $?"
cat >judge.py <<'PYTHON'
import glob, os
from PIL import Image, ImageChops, ImageOps, ImageStat
def flat(picture):
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
for path in sorted(glob.glob("back/*")):
    source = ImageOps.exif_transpose(Image.open("in/" + os.path.basename(path).rsplit("-", 1)[0]))
    made = Image.open(path)
    source.thumbnail((40, 40), Image.LANCZOS)
    wanted = flat(source)
    away = ImageStat.Stat(ImageChops.difference(flat(made).resize(wanted.size), wanted)).mean
    print(os.path.basename(path), made.mode, made.size, "near" if max(away) < 12 else "far: %s" % away)
PYTHON
"$PYTHON" judge.py
echo '--- every executor the same'
first=$(digest avif)
for executor in threads forked work-stealing; do
	rm -rf out avif test.db*
	nightmill run test.yaml --executor $executor --workers 3; [ "$(digest avif)" = "$first" ] && echo "$executor: same bytes"
done
echo '--- two that the picture decides'
nightmill check test.yaml --set 'stages.1.thumbnail.sizes.0.format=same' --set 'stages.1.thumbnail.sizes.1.format=auto' 2>&1; echo "exit $?"
