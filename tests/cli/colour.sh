# A profile's colours become sRGB, or stay and take their profile along; broken profiles are as none. Judged by another reading of
# the same profiles.
"$PYTHON" -c 'from PIL import ImageCms' || skip 'there is no Pillow with ImageCms'
config
mkdir in
cat >make.py <<'PYTHON'
import io, struct, zlib
from PIL import Image

def number(value):
    return struct.pack(">i", round(value * 65536))

def xyz(x, y, z):
    return b"XYZ \0\0\0\0" + number(x) + number(y) + number(z)

def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"

def text(words):
    return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" * (79 + 4 - (len(words) + 3) % 4)

def profile(space, tags, kind=b"mntr"):
    tags = [(b"desc", text(b"test")), (b"cprt", b"text\0\0\0\0none"), (b"wtpt", xyz(0.9642, 1, 0.8249))] + tags
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for name, data in tags:
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, 0x02100000, kind, space, b"XYZ ")
    head += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + number(0.9642) + number(1) + number(0.8249) + b"\0" * 48
    return head + struct.pack(">I", len(tags)) + table + body

def rgb(curve, r, g, b):
    return profile(b"RGB ", [(b"rXYZ", xyz(*r)), (b"gXYZ", xyz(*g)), (b"bXYZ", xyz(*b))] + [(c + b"TRC", gamma(curve)) for c in (b"r", b"g", b"b")])

adobe = rgb(2.2, (0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
p3 = rgb(2.2, (0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
dark = profile(b"GRAY", [(b"kTRC", gamma(1.4))])
long = adobe + bytes(100000)  # more than one segment of a JPEG holds
long = struct.pack(">I", len(long)) + long[4:]

picture = Image.new("RGB", (64, 64))
for y in range(64):
    for x in range(64):
        picture.putpixel((x, y), (x * 4, y * 4, 255 - (x + y) * 2))
grey = Image.linear_gradient("L").resize((64, 64))
half = picture.copy()
half.putalpha(Image.linear_gradient("L").resize((64, 64)).point(lambda a: a // 2 + 128))

for name, one in (("adobe", adobe), ("p3", p3), ("long", long)):
    picture.save("in/%s.png" % name, icc_profile=one)
    picture.save("in/%s.jpg" % name, icc_profile=one, quality=100, subsampling=0)
    picture.save("in/%s.webp" % name, icc_profile=one, lossless=True)
    picture.save("in/%s.tiff" % name, icc_profile=one)
half.save("in/half.png", icc_profile=adobe)
half.save("in/half.webp", icc_profile=adobe, lossless=True, exact=True)
grey.save("in/grey.png", icc_profile=dark)
grey.save("in/grey.jpg", icc_profile=dark, quality=100)
picture.save("in/plain.png")
# Broken ones
picture.save("in/broken-cut.png", icc_profile=adobe[:300])
picture.save("in/broken-noise.jpg", icc_profile=bytes(range(256)) * 4, quality=100, subsampling=0)
picture.save("in/broken-ink.png", icc_profile=adobe[:16] + b"CMYK" + adobe[20:])

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

def with_chunk(path, *chunks):
    file = io.BytesIO()
    picture.save(file, "PNG")
    data = file.getvalue()
    open(path, "wb").write(data[:33] + b"".join(chunks) + data[33:])

gama = lambda value: chunk(b"gAMA", struct.pack(">I", value))
wide = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))
with_chunk("in/gamma-1.png", gama(100000))
with_chunk("in/gamma-half.png", gama(50000))
with_chunk("in/gamma-srgb.png", gama(45455))
with_chunk("in/gamma-zero.png", gama(0))
with_chunk("in/gamma-wide.png", gama(45455), wide)
with_chunk("in/gamma-overruled.png", gama(100000), chunk(b"sRGB", b"\0"))
with_chunk("in/gamma-under-profile.png", gama(100000), chunk(b"iCCP", b"a\0\0" + zlib.compress(adobe)))
with_chunk("in/broken-inflate.png", chunk(b"iCCP", b"a\0\0" + zlib.compress(adobe)[:90]))
with_chunk("in/broken-large.png", chunk(b"iCCP", b"a\0\0" + zlib.compress(adobe + bytes(1 << 23))))
PYTHON
"$PYTHON" make.py || exit
age in/*
cat >judge.py <<'PYTHON'
import glob, io, os, sys
from PIL import Image, ImageChops, ImageCms, ImageStat
folder, policy = sys.argv[1:]
standard = ImageCms.createProfile("sRGB")

def to_srgb(picture, data):
    if not data:
        return picture
    mode = "L" if picture.mode == "L" else "RGB"
    source = ImageCms.ImageCmsProfile(io.BytesIO(data))
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    made = ImageCms.profileToProfile(picture.convert(mode), source, standard, 1, "RGB", flags=0x2000)
    if alpha:
        made.putalpha(alpha)
    return made

def away(a, b):
    mode = "RGBA" if "A" in a.mode + b.mode else "RGB"
    difference = ImageChops.difference(a.convert(mode), b.convert(mode))
    if mode == "RGBA":  # colours are premultiplied on the way, in bytes: now and then one is further away
        return max(ImageStat.Stat(difference).mean)
    return max(high for low, high in difference.getextrema())

# What the chunks of a PNG mean, by their definition: light is a power of the numbers.
def encode(light):
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055

powers = {"gamma-1.png": 1, "gamma-linear-grey.png": 1, "gamma-half.png": 2}
plain = Image.open("in/plain.png")
for path in sorted(glob.glob("in/*")):
    name = os.path.basename(path)
    made = Image.open("%s/%s-small.png" % (folder, name))
    source = plain if name == "broken-large.png" else Image.open(path)
    data = source.info.get("icc_profile")
    kept = made.info.get("icc_profile")
    if name.startswith("broken"):
        data = None
    shown = to_srgb(made, kept)
    wanted = source if policy == "ignore" else to_srgb(source, data)
    if name in powers and policy != "ignore":
        table = [round(255 * encode((i / 255) ** powers[name])) for i in range(256)]
        wanted = wanted.point(table * len(wanted.getbands()))
    if name == "gamma-wide.png" and policy != "ignore":
        verdict = "other colours" if away(shown, wanted) > 20 else "not converted"
    else:
        verdict = "as wanted" if away(shown, wanted) <= 1 else "wrong by %d" % away(shown, wanted)
    print("%-28s" % name, made.mode.ljust(4), "with profile," if kept else "no profile,", verdict)
PYTHON
size=stages.0.thumbnail.sizes.0
for colour in srgb keep ignore; do
	nightmill run test.yaml --set $size.colour=$colour --set $size.format=png --set "stages.0.thumbnail.to=$colour/{name}-{size}.{ext}"
	echo "colour: $colour, exit $?"
	"$PYTHON" judge.py $colour $colour
done
