# CMYK through its profile as another reader of the same profile has it; without one, by a usual one, never inverted.
"$PYTHON" -c 'from PIL import ImageCms' || skip 'there is no Pillow with ImageCms'
config
mkdir in
cat >make.py <<'PYTHON'
import itertools, struct
from PIL import Image

def number(value):
    return struct.pack(">i", round(value * 65536))

# A table with a corner for each combination of inks, in Lab: paper is white, each ink filters, all together are dark.
corners = b""
for inks in itertools.product((0, 1), repeat=4):
    c, m, y, k = inks
    light = 100 * (1 - 0.40 * c) * (1 - 0.45 * m) * (1 - 0.1 * y) * (1 - 0.85 * k)
    a, b = (-30 * c + 70 * m) * (1 - k), (-45 * c + 85 * y) * (1 - k)
    corners += bytes((round(light * 2.55), round(a + 128), round(b + 128)))
flat = bytes(range(256))
table = b"mft1\0\0\0\0\x04\x03\x02\0" + b"".join(number(v) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1)) + flat * 4 + corners + flat * 3
words = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 79
tags, body, at = b"", b"", 132 + 12 * 5
for name, data in ((b"desc", words), (b"cprt", b"text\0\0\0\0none"), (b"A2B0", table), (b"A2B1", table), (b"wtpt", b"XYZ \0\0\0\0" + number(0.9642) + number(1) + number(0.8249))):
    data += b"\0" * (-len(data) % 4)
    tags += name + struct.pack(">II", at + len(body), len(data))
    body += data
head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, 0x02100000, b"scnr", b"CMYK", b"Lab ")
head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + number(0.9642) + number(1) + number(0.8249) + b"\0" * 48
profile = head + struct.pack(">I", 5) + tags + body

picture = Image.new("CMYK", (64, 64))
for y in range(64):
    for x in range(64):
        picture.putpixel((x, y), (x * 4, y * 4, (x + y) * 2, 100 if (x // 16 + y // 16) % 2 else 0))
for kind, options in (("jpg", {"quality": 100, "subsampling": 0}), ("tiff", {})):
    picture.save("in/profile." + kind, icc_profile=profile, **options)
    picture.save("in/none." + kind, **options)
    picture.save("in/noise." + kind, icc_profile=bytes(range(256)) * 2, **options)
PYTHON
"$PYTHON" make.py || exit
age in/*
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.format=png; echo "exit $?"
cat >judge.py <<'PYTHON'
import glob, io, os, sys
from PIL import Image, ImageChops, ImageCms, ImageStat
standard = ImageCms.createProfile("sRGB")
for path in sorted(glob.glob("in/*")):
    name = os.path.basename(path)
    source, made = Image.open(path), Image.open("out/%s-small.png" % name)
    if name.startswith("profile"):
        profile = ImageCms.ImageCmsProfile(io.BytesIO(source.info["icc_profile"]))
        wanted, slack = ImageCms.profileToProfile(source, profile, standard, 1, "RGB", flags=int(sys.argv[1], 16)), 1
    else:
        wanted, slack = source.convert("RGB"), 30  # no profile at all: brighter than any ink
    away = max(ImageStat.Stat(ImageChops.difference(made, wanted)).mean)
    print(name, made.mode, "as wanted" if away <= slack else "wrong by %d on the mean" % away)
PYTHON
"$PYTHON" judge.py 0x2000
echo '--- without black point compensation'
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.format=png --set stages.0.thumbnail.black_point=no; echo "exit $?"
"$PYTHON" judge.py 0
"$PYTHON" judge.py 0x2000 | grep profile
