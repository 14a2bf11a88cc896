# Averages of light: black and white give the grey that looks half as bright, colours and alpha come out as reckoned in real numbers.
config
mkdir in
"$PYTHON" - <<'END'
import random
from PIL import Image
board = Image.new("L", (256, 256))
board.putdata([255 * ((x + y) % 2) for y in range(256) for x in range(256)])
board.save("in/board.png")
stripes = Image.new("RGB", (256, 192))
stripes.putdata([(255, 0, 0) if x % 2 else (0, 255, 0) for y in range(192) for x in range(256)])
stripes.save("in/stripes.png")
glass = Image.new("RGBA", (256, 256))
glass.putdata([(255, 255, 255, 255) if (x + y) % 2 else (0, 0, 255, 0) for y in range(256) for x in range(256)])
glass.save("in/glass.png")
dice = random.Random(3)
noise = Image.new("RGB", (90, 70))
noise.putdata([tuple(dice.randint(0, 255) for _ in range(3)) for _ in range(90 * 70)])
noise.save("in/noise.png")
Image.new("RGB", (300, 200), (12, 130, 250)).save("in/even.png")
END
picture in/turned.jpg orientation/5.jpg
age in/*
size='stages.0.thumbnail.sizes.0'
for linear in no yes; do
	rm -rf out test.db*
	nightmill run test.yaml --set $size.format=png --set $size.linear=$linear
	"$PYTHON" - <<'END'
import glob
from PIL import Image
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path)
    if "noise" not in path and "turned" not in path:
        print(path, picture.mode, picture.size, picture.getpixel((picture.width // 2, picture.height // 2)))
END
done
cat >judge.py <<'PYTHON'
# In real numbers: Lanczos by Pillow, which has it for those.
from PIL import Image, ImageChops, ImageOps, ImageStat
light = lambda v: v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
value = lambda v: 12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055
for name in ("noise.png", "turned.jpg"):
    made = Image.open("out/%s-small.png" % name)
    source = ImageOps.exif_transpose(Image.open("in/" + name)).convert("RGB")
    planes = []
    for plane in source.split():
        real = Image.new("F", source.size)
        real.putdata([light(v / 255) for v in plane.getdata()])
        real = real.resize(made.size, Image.LANCZOS)
        planes.append(Image.new("L", made.size))
        planes[-1].putdata([round(255 * value(min(1, max(0, v)))) for v in real.getdata()])
    away = ImageStat.Stat(ImageChops.difference(made, Image.merge("RGB", planes)))
    print(name, "as reckoned" if max(away.mean) < 0.5 else "away by %s" % away.mean)
PYTHON
"$PYTHON" judge.py
nightmill run test.yaml --set $size.format=webp --set $size.linear=yes
"$PYTHON" -c 'from PIL import Image; print("board.webp", Image.open("out/board.png-small.webp").getpixel((20, 20)))'
