# Twenty-one kinds of damage in each format: the same verdict whatever the executor and the size, under both policies.
"$PYTHON" -c 'from PIL import features; import sys; sys.exit(not (features.check("webp") and features.check("jpg_2000")))' ||
	skip 'there is no Pillow with WebP and JPEG 2000'
config
mkdir whole in first
"$PYTHON" -c 'import sys; from PIL import Image
Image.open(sys.argv[1]).convert("RGB").resize((480, 360)).save("first/avif", "PNG")' "$ROOT/data/photos/valley.jpg"
nightmill run test.yaml --set 'source.files.roots=[first]' --set 'stages.0.thumbnail.to=whole/{name}.{ext}' --set state=first.db \
	--set 'stages.0.thumbnail.sizes=[{ name: a, width: 480, format: avif, quality: 70 }]' || exit
cat >damage.py <<'PYTHON'
import ctypes, io, random, sys
from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB").resize((480, 360))
glass = picture.copy()
glass.putalpha(Image.linear_gradient("L").resize((480, 360)))
FORMATS = {
    "jpeg": ("jpg", picture, {"quality": 85}),
    "progressive": ("jpg", picture, {"quality": 85, "progressive": True}),
    "png": ("png", picture, {}),
    "png-alpha": ("png", glass, {}),
    "webp": ("webp", picture, {"quality": 80}),
    "webp-alpha": ("webp", glass, {"quality": 80}),
    "lossless": ("webp", picture, {"lossless": True, "method": 0}),
    "gif": ("gif", picture.convert("P", palette=Image.ADAPTIVE), {}),
    "bmp": ("bmp", picture, {}),
    "tiff": ("tiff", picture, {}),
    "tiff-lzw": ("tiff", picture, {"compression": "tiff_lzw"}),
    "ppm": ("ppm", picture, {}),
    "avif": ("avif", None, None),
    "jp2": ("jp2", picture, {"quality_mode": "rates", "quality_layers": [20]}),
    "restarts": ("jpg", None, None),
    "heic": ("heic", None, None),
    "jxl": ("jxl", None, None),
}

def scan_of(data):
    """Where the entropy-coded data of a JPEG begin."""
    at = data.index(b"\xFF\xDA")
    return at + 2 + int.from_bytes(data[at + 2:at + 4], "big")

def with_restarts(picture):
    """A JPEG with a restart marker behind each row of blocks, put together of one for each row."""
    def encoded(part):
        out = io.BytesIO()
        part.save(out, "JPEG", quality=85)
        return out.getvalue()
    whole = encoded(picture)
    rows = [encoded(picture.crop((0, y, 480, min(y + 16, 360)))) for y in range(0, 360, 16)]
    scans = [row[scan_of(row):-2] for row in rows]
    data = whole[:whole.index(b"\xFF\xDA")] + b"\xFF\xDD\0\4\0\x1E" + whole[whole.index(b"\xFF\xDA"):scan_of(whole)]
    for number, scan in enumerate(scans):
        data += scan + (bytes([0xFF, 0xD0 + number % 8]) if number + 1 < len(scans) else b"\xFF\xD9")
    return data

def by_vips(name):
    vips = ctypes.CDLL("libvips.so.42")
    vips.vips_init(b"damage")
    vips.vips_image_new_from_file.restype = ctypes.c_void_p
    vips.vips_image_new_from_file.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    vips.vips_image_write_to_file.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    if vips.vips_image_write_to_file(vips.vips_image_new_from_file(b"first/avif", None), name.encode() + b"[Q=70]", None):
        sys.exit("libvips cannot write " + name)

open("whole/restarts.jpg", "wb").write(with_restarts(picture))
by_vips("whole/heic.heic")
by_vips("whole/jxl.jxl")
DICE = random.Random(7)

def put(data, at, bytes):
    return data[:at] + bytes + data[at + len(bytes):]

def sides(data, kind):
    """Where height and width stand in the header: offset, bytes, order."""
    if kind in ("jpg",):
        at = next(i for i in range(len(data)) if data[i] == 0xFF and data[i + 1] in (0xC0, 0xC2)) + 5
        return (at, 2, "big"), (at + 2, 2, "big")
    return {"png": ((20, 4, "big"), (16, 4, "big")), "gif": ((8, 2, "little"), (6, 2, "little")),
            "bmp": ((22, 4, "little"), (18, 4, "little"))}.get(kind, (None, None))

def with_side(data, side, change):
    if side is None:
        return None
    at, bytes, order = side
    value = change(int.from_bytes(data[at:at + bytes], order))
    return put(data, at, value.to_bytes(bytes, order))

def middle(data):
    return len(data) // 2

DAMAGES = [
    ("nothing is there", lambda d, k: b""),
    ("cut after 12 bytes", lambda d, k: d[:12]),
    ("cut after 1/20", lambda d, k: d[:len(d) // 20]),
    ("cut after half", lambda d, k: d[:middle(d)]),
    ("cut after 19/20", lambda d, k: d[:len(d) * 19 // 20]),
    ("16 bytes short", lambda d, k: d[:-16]),
    ("2 bytes short", lambda d, k: d[:-2]),
    ("1 byte short", lambda d, k: d[:-1]),
    ("zeros from half on", lambda d, k: d[:middle(d)] + b"\0" * (len(d) - middle(d))),
    ("0xFF from half on", lambda d, k: d[:middle(d)] + b"\xFF" * (len(d) - middle(d))),
    ("64 random bytes", lambda d, k: put(d, middle(d), DICE.randbytes(64))),
    ("a bit turned", lambda d, k: put(d, middle(d), bytes([d[middle(d)] ^ 0x10]))),
    ("a byte lost", lambda d, k: d[:middle(d)] + d[middle(d) + 1:]),
    ("a byte too many", lambda d, k: d[:middle(d)] + b"\x55" + d[middle(d):]),
    ("a sector lost", lambda d, k: d[:middle(d)] + d[middle(d) + 512:]),
    ("a sector of zeros", lambda d, k: put(d, middle(d), b"\0" * 512)),
    ("a sector of another file", lambda d, k: put(d, middle(d), (b"another file's text " * 26)[:512])),
    ("bytes behind the end", lambda d, k: d + b"and more " * 100),
    ("header says twice as high", lambda d, k: with_side(d, sides(d, k)[0], lambda v: v * 2)),
    ("header says 0 px wide", lambda d, k: with_side(d, sides(d, k)[1], lambda v: 0)),
    ("first byte wrong", lambda d, k: b"\x01" + d[1:]),
]

open("labels", "w").writelines(label + "\n" for label, _ in DAMAGES)
open("kinds", "w").writelines(kind + "\n" for kind in FORMATS)
for name, (kind, image, options) in FORMATS.items():
    path = "whole/%s.%s" % (name, kind)
    if image:
        image.save(path, **options)
    data = open(path, "rb").read()
    for number, (label, change) in enumerate(DAMAGES):
        broken = change(data, kind)
        if broken is not None:
            open("in/%s-%02d.%s" % (name, number, kind), "wb").write(broken)
PYTHON

"$PYTHON" damage.py "$ROOT/data/photos/valley.jpg" 2>why || skip "there is nothing that writes every format: $(tail -n 1 why)"
age in/*
cat >verdicts.py <<'PYTHON'
import re, sqlite3, sys
WORDS = ("made", "unchanged", "ignored", "refused")
size, pattern = sys.argv[1], re.compile(r"^in/(.*)-(\d\d)\.")
for key, status, code, error in sqlite3.connect("test.db").execute("SELECT key, status, code, error FROM items ORDER BY key"):
    print(*pattern.match(key.decode()).groups(), WORDS[status], code, error if size == "32" else "", sep="|")
PYTHON
run() { # run POLICY SIDE EXECUTOR: what became of each file, into "verdicts"
	rm -rf out test.db*
	nightmill run test.yaml --progress none --set on_error.halt=100% --set stages.0.thumbnail.on_damage=$1 \
		--set stages.0.thumbnail.sizes.0.width=$2 --set stages.0.thumbnail.sizes.0.height=$2 --executor $3 2>/dev/null
	[ $? -le 3 ] || echo "exit $?"
	"$PYTHON" verdicts.py $2 >verdicts
}
for policy in fail keep; do
	run $policy 32 sequential
	cp verdicts $policy
	for executor in threads forked work-stealing; do
		run $policy 32 $executor
		cmp -s verdicts $policy && echo "$policy, $executor: the same" || diff $policy verdicts
	done
	run $policy 400 sequential
	cut -d '|' -f 1-4 $policy >short
	cut -d '|' -f 1-4 verdicts | cmp -s - short && echo "$policy, 400 px: the same" || cut -d '|' -f 1-4 verdicts | diff short -
done
cat >table.py <<'PYTHON'
rows = {policy: {} for policy in ("fail", "keep")}
for policy, verdicts in rows.items():
    for line in open(policy):
        kind, number, verdict = line.split("|")[:3]
        verdicts[kind, int(number)] = verdict
labels = [line.rstrip("\n") for line in open("labels")]
kinds = [line.rstrip("\n") for line in open("kinds")]
print(" " * 26 + " ".join(kind.ljust(11) for kind in kinds).rstrip())
for number, label in enumerate(labels):
    line = label.ljust(26)
    for kind in kinds:
        verdicts = [rows[policy].get((kind, number), "") for policy in ("fail", "keep")]
        word = "kept" if verdicts == ["refused", "made"] else verdicts[0] if verdicts[0] == verdicts[1] else "/".join(verdicts)
        line += word.ljust(12)
    print(line.rstrip())
PYTHON
"$PYTHON" table.py
