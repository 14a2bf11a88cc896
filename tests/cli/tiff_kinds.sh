# Every kind of TIFF, written here by the book: strips, tiles, planes, both byte orders, BigTIFF, depths up to floats, inks, palettes,
# colours at half the resolution, pages. Each shows the same picture: red above, green left below, blue right below.
config
mkdir in
cat >tiff.py <<'PYTHON'
import struct

WIDTH, HEIGHT = 32, 32

def pixel(x, y):
    if y < 16:
        return (1.0, 0.0, 0.0)
    return (0.0, 1.0, 0.0) if x < 16 else (0.0, 0.0, 1.0)

def grey(x, y):
    return 1.0 if y < 16 else 0.5 if x < 16 else 0.0

def write(path, tags, blocks, order="<", big=False, pages=1):
    """tags: number -> (type, values); blocks: lists of bytes for each page; 324 stands for tiles, else strips."""
    place = "Q" if big else "I"
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42))
    out += struct.pack(order + "HHQ", 8, 0, 0) if big else struct.pack(order + "I", 0)
    link = len(out) - (8 if big else 4)
    for page in range(pages):
        mine = dict(tags)
        offsets = []
        for block in blocks:
            offsets.append(len(out))
            out += block + b"\0" * (len(block) % 2)
        tiled = 324 in mine
        mine[324 if tiled else 273] = (16 if big else 4, offsets)
        mine[325 if tiled else 279] = (16 if big else 4, [len(block) for block in blocks])
        entries = b""
        for number in sorted(mine):
            kind, values = mine[number]
            data = b"".join(struct.pack(order + {3: "H", 4: "I", 16: "Q", 5: "II"}[kind], *(v if kind == 5 else (v,))) for v in values)
            room = 8 if big else 4
            if len(data) > room:
                at = len(out)
                out += data + b"\0" * (len(data) % 2)
                data = struct.pack(order + place, at)
            entries += struct.pack(order + "HH" + place, number, kind, len(values)) + data.ljust(room, b"\0")
        folder = len(out)
        out += struct.pack(order + ("Q" if big else "H"), len(mine)) + entries + struct.pack(order + place, 0)
        out[link:link + (8 if big else 4)] = struct.pack(order + place, folder)
        link = len(out) - (8 if big else 4)
    open(path, "wb").write(out)

def tags(bits, photometric, samples, **more):
    found = {256: (4, [WIDTH]), 257: (4, [HEIGHT]), 258: (3, [bits] * samples), 259: (3, [1]), 262: (3, [photometric]),
             277: (3, [samples]), 278: (4, [HEIGHT])}
    found.update({int(name[1:]): value for name, value in more.items()})
    return found

def rows(form, value, order="<", left=0, top=0, width=WIDTH, height=HEIGHT):
    return b"".join(struct.pack(order + form, v) for y in range(top, top + height) for x in range(left, left + width) for v in value(x, y))

def scaled(most):
    return lambda x, y: [round(v * most) for v in pixel(x, y)]

rgb, wide = scaled(255), scaled(65535)
tones = lambda most: lambda x, y: [round(grey(x, y) * most)]
inks = lambda x, y: [255 - round(v * 255) for v in pixel(x, y)] + [0]
ycc = {(1, 0, 0): (76, 85, 255), (0, 1, 0): (150, 44, 21), (0, 0, 1): (29, 255, 107)}

def half(x2, y2):
    colour = ycc[pixel(2 * x2, 2 * y2)]
    return bytes((colour[0],) * 4 + colour[1:])

strips = [rows("B", rgb, top=top, height=5 if top < 30 else 2) for top in range(0, 32, 5)]
write("in/strips.tif", tags(8, 2, 3, t278=(4, [5])), strips)
write("in/big endian.tif", tags(8, 2, 3), [rows("B", rgb)], order=">")
write("in/bigtiff.tif", tags(8, 2, 3), [rows("B", rgb)], big=True)
tiled = tags(8, 2, 3, t322=(4, [16]), t323=(4, [16]), t324=(4, [0]))
del tiled[278]
write("in/tiles.tif", tiled, [rows("B", rgb, left=x, top=y, width=16, height=16) for y in (0, 16) for x in (0, 16)])
write("in/planes.tif", tags(8, 2, 3, t284=(3, [2])), [rows("B", lambda x, y, c=c: [rgb(x, y)[c]]) for c in range(3)])
write("in/16 bits.tif", tags(16, 2, 3), [rows("H", wide)])
write("in/16 bits, big endian.tif", tags(16, 2, 3), [rows("H", wide, ">")], order=">")
write("in/floats.tif", tags(32, 2, 3, t339=(3, [3, 3, 3])), [rows("f", pixel)])
write("in/inks.tif", tags(8, 5, 4), [rows("B", inks)])
write("in/alpha.tif", tags(8, 2, 4, t338=(3, [2])), [rows("B", lambda x, y: rgb(x, y) + [255])])
colours = [65535, 0, 0] + [0] * 253 + [0, 65535, 0] + [0] * 253 + [0, 0, 65535] + [0] * 253
write("in/palette.tif", tags(8, 3, 1, t320=(3, colours)), [rows("B", lambda x, y: [[c > 0 for c in pixel(x, y)].index(True)])])
write("in/half colours.tif", tags(8, 6, 3, t530=(3, [2, 2]), t531=(3, [1])), [b"".join(half(x, y) for y in range(16) for x in range(16))])
write("in/pages.tif", tags(8, 2, 3), [rows("B", rgb)], pages=3)
write("in/grey.tif", tags(8, 1, 1), [rows("B", tones(255))])
write("in/grey, white is 0.tif", tags(8, 0, 1), [rows("B", lambda x, y: [255 - tones(255)(x, y)[0]])])
write("in/grey, 16 bits.tif", tags(16, 1, 1), [rows("H", tones(65535))])
write("in/grey, floats.tif", tags(32, 1, 1, t339=(3, [3])), [rows("f", lambda x, y: [grey(x, y)])])
bits = b"".join(bytes(sum((grey(x + i, y) > 0.7) << (7 - i) for i in range(8)) for x in range(0, 32, 8)) for y in range(32))
write("in/grey, 1 bit.tif", tags(1, 1, 1), [bits])
for turn in range(2, 9):
    write("in/orientation %d.tif" % turn, tags(8, 2, 3, t274=(3, [turn])), [rows("B", rgb)])
PYTHON
"$PYTHON" tiff.py || exit
age in/*
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.format=png --set on_error.halt=100%; echo "exit $?"
counts
nightmill failures test.yaml
cat >judge.py <<'PYTHON'
import glob, os
from PIL import Image
for path in sorted(glob.glob("in/*")):
    made = "out/%s-small.png" % os.path.basename(path)
    if not os.path.exists(made):
        continue
    picture = Image.open(made)
    mode, picture = picture.mode, picture.convert("RGB")
    print("%s: %s %s" % (os.path.basename(path), mode, " ".join("%d,%d,%d" % picture.getpixel(at) for at in ((8, 8), (24, 8), (8, 24), (24, 24)))))
PYTHON
"$PYTHON" judge.py
