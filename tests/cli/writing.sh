# What cover keeps, and how files are written.
config
mkdir in
"$PYTHON" - <<'PYTHON' || exit
import random
from PIL import Image
dice = random.Random(1)
colours = {"red": (200, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 200)}
wide = Image.new("RGB", (300, 100))
for i, colour in enumerate(colours.values()):
    wide.paste(colour, (100 * i, 0, 100 * i + 100, 100))
wide.save("in/wide.png")
wide.rotate(-90, expand=True).save("in/tall.png")
exif = Image.Exif()
exif[0x0112] = 6
wide.rotate(90, expand=True).save("in/turned.jpg", quality=95, subsampling=0, exif=exif)
busy = Image.new("RGB", (300, 100), (90, 90, 90))
for x in range(215, 285):
    for y in range(15, 85):
        busy.putpixel((x, y), (dice.randrange(256),) * 3)
busy.save("in/busy.png")
tones = Image.new("RGB", (300, 100), (90, 90, 90))
for x in range(5, 95):
    for y in range(100):
        tones.putpixel((x, y), (20 + x * 2,) * 3)
tones.save("in/tones.png")
PYTHON
age in/*
size=stages.0.thumbnail.sizes.0
cat >look.py <<'PYTHON'
import sys
from PIL import Image
def name(path):
    red, green, blue = (sum(band) for band in (c.getdata() for c in Image.open(path).convert("RGB").split()))
    return "red" if red > 2 * (green + blue) else "green" if green > 2 * (red + blue) else "blue" if blue > 2 * (red + green) else "grey"
def deviation(path):
    from PIL import ImageStat
    return "%s" % ("something" if ImageStat.Stat(Image.open(path).convert("L")).stddev[0] > 20 else "nothing")
print(*sys.argv[1:2], *(name("out/%s-small.png" % n) for n in ("wide.png", "tall.png", "turned.jpg")), *(deviation("out/%s-small.png" % n) for n in ("busy.png", "tones.png")))
PYTHON
for crop in centre north northeast east southeast south southwest west northwest entropy attention; do
	nightmill run test.yaml --set $size.fit=cover --set $size.format=png --set $size.crop=$crop && "$PYTHON" look.py $crop
done
rm in/*
"$PYTHON" - <<'PYTHON' || exit
from PIL import Image
Image.radial_gradient("L").convert("RGB").rotate(30).resize((64, 64)).save("in/a.png")
PYTHON
age in/*
write() { # write OPTION=VALUE...: the thumbnail with these options
	local set=()
	for option; do set+=(--set "$size.$option"); done
	rm -rf out
	nightmill run test.yaml --force "${set[@]}" || return
	mv out/a.png-small.* made.bin
}
describe() { # describe WORDS
	"$PYTHON" - "$@" <<-'PYTHON'
		import os, sys
		from PIL import Image, ImageChops
		made, source = Image.open("made.bin"), Image.open("in/a.png")
		sampling = getattr(made, "layer", None)
		exact = ImageChops.difference(made.convert("RGB"), source).getbbox() is None
		print(*sys.argv[1:], made.format, "progressive" if made.info.get("progressive") else "", sampling[0][1:3] if sampling else "", "exact" if exact else "near")
	PYTHON
}
write && describe jpeg; cp made.bin plain.bin
write progressive=yes && describe progressive
write chroma=444 && describe chroma
write format=webp && describe webp
write format=webp lossless=yes && describe lossless
write format=png && describe png
for effort in 1 9; do write format=png effort=$effort && cp made.bin png$effort.bin; done
for effort in 0 6 9; do write format=webp effort=$effort && cp made.bin webp$effort.bin; done
echo "effort of png: $(($(stat -c %s png1.bin) > $(stat -c %s png9.bin))), of webp: $(cmp -s webp0.bin webp6.bin; echo $?) $(cmp -s webp6.bin webp9.bin; echo $?)"
for amount in 0 0.5 1; do
	write format=png sharpen=$amount && "$PYTHON" -c 'import sys; from PIL import Image, ImageFilter, ImageStat
print("sharpen", sys.argv[1], "edges", "%.1f" % ImageStat.Stat(Image.open("made.bin").convert("L").filter(ImageFilter.FIND_EDGES)).mean[0])' $amount
done
