# Metadata that goes along: upright, without previews, of the new size; nothing unless it is asked for.
config
mkdir in
cat >make.py <<'PYTHON'
import io, struct
from PIL import Image, ImageCms
picture = Image.open("%s/data/photos/valley.jpg").convert("RGB").resize((320, 240))
XMP = (b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"><dc:creator><rdf:Seq>'
       b'<rdf:li>Bo</rdf:li></rdf:Seq></dc:creator><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All mine</rdf:li></rdf:Alt></dc:rights>'
       b'<xmp:Thumbnails>SMALL PICTURE</xmp:Thumbnails></rdf:Description></rdf:RDF></x:xmpmeta>')

def entry(tag, kind, values):
    data = values if isinstance(values, bytes) else b"".join(struct.pack("<" + {3: "H", 4: "I"}[kind], v) for v in values)
    return tag, kind, len(values), data

def folder(entries, at, after=0):
    """The bytes of a folder that stands at `at`; values that are long stand behind it."""
    values_at = at + 2 + 12 * len(entries) + 4
    head, values = struct.pack("<H", len(entries)), b""
    for tag, kind, count, data in sorted(entries):
        place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", values_at + len(values))
        head += struct.pack("<HHI", tag, kind, count) + place
        values += data if len(data) > 4 else b""
    return head + struct.pack("<I", after) + values

def exif(**more):
    entries = [entry(0x010F, 2, b"Maker of cameras\0"), entry(0x0112, 3, [6]), entry(0x8769, 4, [200])]
    if more:
        entries += [entry(0x013B, 2, b"Ann\0"), entry(0x8298, 2, b"(c) Ann Example\0")]
    block = (b"II*\0" + struct.pack("<I", 8) + folder(entries, 8, 300)).ljust(200, b"\0")
    block = (block + folder([entry(0xA002, 4, [320]), entry(0xA003, 3, [240]), entry(0x927C, 7, b"notes of the maker")], 200)).ljust(300, b"\0")
    return block + folder([entry(0x0201, 4, [400]), entry(0x0202, 4, [14])], 300).ljust(100, b"\0") + b"PREVIEW INSIDE"

def jpeg(path, segments, **options):
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    data = out.getvalue()
    extra = b"".join(b"\xFF\xE1" + struct.pack(">H", len(segment) + 2) + segment for segment in segments)
    open(path, "wb").write(data[:2] + extra + data[2:])

wide = ImageCms.ImageCmsProfile(io.BytesIO(open("wide.icc", "rb").read())).tobytes()
jpeg("in/all.jpg", [b"Exif\0\0" + exif(rights=True), b"http://ns.adobe.com/xap/1.0/\0" + XMP], icc_profile=wide)
jpeg("in/rights in xmp.jpg", [b"Exif\0\0" + exif(), b"http://ns.adobe.com/xap/1.0/\0" + XMP])
jpeg("in/nothing.jpg", [])
jpeg("in/nonsense.jpg", [b"Exif\0\0II*\0\xFF\xFF\xFF\x7F and more", b"http://ns.adobe.com/xap/1.0/\0<"])
picture.save("in/all.png", exif=exif(rights=True))
picture.save("in/all.webp", exif=exif(rights=True), xmp=XMP, icc_profile=wide)
PYTHON
cat >wide.py <<'PYTHON'
# Adobe RGB's primaries and curve, by the book.
import struct
def number(v): return struct.pack(">i", round(v * 65536))
def xyz(*v): return b"XYZ \0\0\0\0" + b"".join(number(x) for x in v)
curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + b"\0" * 79), (b"wtpt", xyz(0.9505, 1, 1.0891)), (b"cprt", b"text\0\0\0\0none"),
        (b"rXYZ", xyz(0.60974, 0.31111, 0.01947)), (b"gXYZ", xyz(0.20528, 0.62567, 0.06087)), (b"bXYZ", xyz(0.14919, 0.06322, 0.74457)),
        (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
table, body, at = b"", b"", 132 + 12 * len(tags)
for name, data in tags:
    data += b"\0" * (-len(data) % 4)
    table += name + struct.pack(">II", at + len(body), len(data))
    body += data
head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, 0x02100000, b"mntr", b"RGB ", b"XYZ ") + struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
open("wide.icc", "wb").write(head + number(0.9642) + number(1) + number(0.8249) + b"\0" * 48 + struct.pack(">I", len(tags)) + table + body)
PYTHON
"$PYTHON" wide.py && sed -i "s|%s/data|$ROOT/data|" make.py && "$PYTHON" make.py || exit
age in/*
cat >show.py <<'PYTHON'
import glob, io, os, sys
from PIL import Image, ImageCms
for path in sorted(glob.glob("out/*")):
    data, picture = open(path, "rb").read(), Image.open(path)
    found = picture.getexif()
    words = ["%x=%s" % (tag, str(value).strip("\0")) for tag, value in sorted(found.items()) if tag not in (0x8769,)]
    inside = found.get_ifd(0x8769)
    words += ["%x=%s" % (tag, inside[tag]) for tag in (0xA002, 0xA003) if tag in inside]
    words += ["notes"] * (0x927C in inside) + ["exif in %d bytes" % len(found.tobytes())] * (len(found) > 0 and not inside)
    words += ["PREVIEW"] * (b"PREVIEW" in data or b"SMALL PICTURE" in data)
    at = data.find(b'tiff:Orientation="')
    words += ["xmp, orientation %s" % data[at + 18:at + 19].decode()] if at > 0 else []
    profile = picture.info.get("icc_profile")
    words += [ImageCms.getProfileName(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()] if profile else []
    print(os.path.basename(path), picture.size, *words)
PYTHON
size='stages.0.thumbnail.sizes.0'
for keep in '[]' '[exif]' '[copyright]' '[xmp, icc]'; do
	for format in jpeg webp png; do
		echo "--- $keep in $format"
		rm -rf out test.db*
		nightmill run test.yaml --set $size.format=$format --set "$size.keep=$keep"; status=$?
		[ $status = 0 ] || echo "exit $status"
		"$PYTHON" show.py
	done
done
echo '--- colours as they are, with their profile'
rm -rf out test.db*
nightmill run test.yaml --set $size.colour=keep --set $size.keep=icc; "$PYTHON" show.py
echo '--- what is not there to be kept'
nightmill check test.yaml --set "$size.keep=[iptc]" 2>&1; echo "exit $?"
