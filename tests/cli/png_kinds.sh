# Every kind of PNG: depths, types, transparency, interlaced or not, to the last pixel. 16 bits are rounded. Written here by the
# book, chunk for chunk.
config
mkdir in
cat >png.py <<'PYTHON'
import random, struct, zlib

SIDE = 19  # in the last byte of a row bits stay unused
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(t, d) for t, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))) for d in depths]

def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

def pack(row, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", v) for pixel in row for v in pixel)
    bits = "".join(format(v, "0%db" % depth) for pixel in row for v in pixel)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))

def pixels(kind, depth):
    dice = random.Random("%d %d" % (kind, depth))
    most = 2 ** depth - 1
    return [[tuple(dice.randint(0, most) for _ in range(SAMPLES[kind])) for _ in range(SIDE)] for _ in range(SIDE)]

def palette(depth):
    dice = random.Random(depth)
    return [tuple(dice.randint(0, 255) for _ in range(4)) for _ in range(2 ** depth)]

def write(path, kind, depth, interlaced, transparent):
    rows = pixels(kind, depth)
    data = b""
    for left, top, across, down in PASSES if interlaced else ((0, 0, 1, 1),):
        part = [row[left::across] for row in rows[top::down]]
        data += b"".join(b"\0" + pack(row, depth) for row in part if row)
    chunks = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, depth, kind, 0, 0, interlaced))
    if kind == 3:
        chunks += chunk(b"PLTE", b"".join(bytes(c[:3]) for c in palette(depth)))
    if transparent and kind == 3:
        chunks += chunk(b"tRNS", bytes(c[3] for c in palette(depth)[:-1]))
    elif transparent:
        chunks += chunk(b"tRNS", struct.pack(">%dH" % SAMPLES[kind], *rows[3][5]))
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunks + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))

def meant(kind, depth, transparent):
    """RGBA of every pixel."""
    most = 2 ** depth - 1
    rows, colours = pixels(kind, depth), palette(depth) if kind == 3 else None
    def one(pixel):
        if kind == 3:
            alpha = colours[pixel[0]][3] if transparent and pixel[0] < most else 255
            return colours[pixel[0]][:3] + (alpha,)
        values = [(v * 255 * 2 + most) // (2 * most) for v in pixel]
        alpha = values.pop() if kind in (4, 6) else 255
        if transparent and pixel == rows[3][5]:
            alpha = 0
        return tuple(values * 3 if len(values) == 1 else values) + (alpha,)
    return [one(pixel) for row in rows for pixel in row]

def every():
    for kind, depth in KINDS:
        for interlaced in (0, 1):
            for transparent in (0, 1) if kind in (0, 2, 3) else (0,):
                yield "type %d, %d bits%s%s" % (kind, depth, ", interlaced" * interlaced, ", tRNS" * transparent), kind, depth, interlaced, transparent
PYTHON
"$PYTHON" -c 'import png
for name, *kind in png.every(): png.write("in/%s.png" % name, *kind)' || exit
age in/*
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.format=png; echo "exit $?"
counts
cat >judge.py <<'PYTHON'
import png
from PIL import Image

# Bytes are premultiplied on the way, which costs translucent colours up to 255 / alpha / 2.
def near(made, wanted):
    if made[3] != wanted[3]:
        return False
    slack = 0 if wanted[3] == 255 else 255 if wanted[3] == 0 else 127 // wanted[3] + 1
    return all(abs(a - b) <= slack for a, b in zip(made[:3], wanted[:3]))

for name, kind, depth, interlaced, transparent in png.every():
    made = Image.open("out/%s.png-small.png" % name)
    mode, made = made.mode, list(made.convert("RGBA").getdata())
    wanted = png.meant(kind, depth, transparent)
    wrong = sum(not near(a, b) for a, b in zip(made, wanted)) + abs(len(made) - len(wanted))
    print(name + ":", mode, "%d pixels wrong" % wrong if wrong else "right")
PYTHON
"$PYTHON" judge.py
