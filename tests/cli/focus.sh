# What `cover` keeps: the point that the item gives, else the faces or the subject in the metadata, in every orientation.
config
mkdir in
cat >make.py <<'PYTHON'
import io, struct
from PIL import Image

# Upright: five columns, the fourth is blue.
upright = Image.new("RGB", (500, 200), "red")
upright.paste("blue", (300, 0, 400, 200))
STORED = {1: None, 2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM, 5: Image.TRANSPOSE, 6: Image.ROTATE_90,
          7: Image.TRANSVERSE, 8: Image.ROTATE_270}
POINT = {1: (.7, .5), 2: (.3, .5), 3: (.3, .5), 4: (.7, .5), 5: (.5, .7), 6: (.5, .3), 7: (.5, .3), 8: (.5, .7)}

def exif(orientation, subject=None):
    entries = [(0x0112, 3, 1, struct.pack("<HH", orientation, 0))]
    entries += [(0x8769, 4, 1, struct.pack("<I", 60))] if subject else []
    block = b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(struct.pack("<HHI", *e[:3]) + e[3] for e in entries) + b"\0" * 4
    if subject:
        block = block.ljust(60, b"\0") + struct.pack("<HHHIHHI", 1, 0x9214, 3, 2, *subject, 0)
    return b"Exif\0\0" + block

def write(name, picture, orientation, xmp=None, subject=None):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0)
    segments = [exif(orientation, subject)] + ([b"http://ns.adobe.com/xap/1.0/\0" + xmp] if xmp else [])
    data = out.getvalue()
    open("in/%s.jpg" % name, "wb").write(data[:2] + b"".join(b"\xFF\xE1" + struct.pack(">H", len(s) + 2) + s for s in segments) + data[2:])

def group(x, y, sides=None):
    dimensions = '<mwg-rs:AppliedToDimensions stDim:w="%d" stDim:h="%d"/>' % sides if sides else ""
    return ('<rdf:li>%s<mwg-rs:Area stArea:x="%g" stArea:y="%g" stArea:w="0.02" stArea:h="0.02"/></rdf:li>' % (dimensions, x, y)).encode()

for turn, how in STORED.items():
    stored = upright.transpose(how) if how is not None else upright
    x, y = POINT[turn]
    write("region %d" % turn, stored, turn, xmp=group(x, y, stored.size))
    write("subject %d" % turn, stored, turn, subject=(round(x * stored.width), round(y * stored.height)))
write("region of the upright picture", upright.transpose(Image.ROTATE_90), 6, xmp=group(.7, .5, upright.size))
write("microsoft", upright, 1, xmp=b'<rdf:li MPReg:Rectangle="0.68, 0.4, 0.04, 0.2"/>')
write("elements", upright, 1, xmp=b"<mwg-rs:Area><stArea:h>0.1</stArea:h><stArea:y>0.5</stArea:y><stArea:x>0.7</stArea:x></mwg-rs:Area>")
write("two faces", upright, 1, xmp=group(.6, .5) + group(.8, .5))
write("nonsense", upright, 1, xmp=b'<mwg-rs:Area stArea:x="7" stArea:y="x"/><rdf:li MPReg:Rectangle="1"/>', subject=(60000, 60000))
PYTHON
"$PYTHON" make.py || exit
age in/*
size='stages.0.thumbnail.sizes.0'
cover="--set $size.fit=cover --set $size.width=40 --set $size.height=80 --set $size.crop=focus --set $size.format=png"
cat >show.py <<'PYTHON'
import collections, glob, os
from PIL import Image
found = collections.defaultdict(list)
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path).convert("RGB")
    left, middle, right = (picture.getpixel((x, 40)) for x in (1, picture.width // 2, picture.width - 2))
    found["%dx%d %s" % (*picture.size, " ".join("blue" if p[2] > p[0] else "red" for p in (left, middle, right)))].append(os.path.basename(path)[:-14])
for what, names in sorted(found.items()):
    print("%s: %s" % (what, ", ".join(names)))
PYTHON
nightmill run test.yaml $cover; echo "exit $?"
"$PYTHON" show.py
echo '--- a point for all of them'
nightmill run test.yaml $cover --set 'stages.0.thumbnail.focus="10%, 50%"'; echo "exit $?"
"$PYTHON" show.py
echo '--- a field that is no point'
nightmill run test.yaml $cover --set 'stages.0.thumbnail.focus="{name}"' --set on_error.halt=100% 2>&1 | head -2
nightmill check test.yaml --set 'stages.0.thumbnail.focus="{nmae}"' 2>&1; echo "exit $?"
