# A camera's own smaller pictures, where they are asked for and do: large enough, of the same shape, the right way up, whole.
config
mkdir in
cat >make.py <<'PYTHON'
import io, struct
from PIL import Image

def jpeg(colour, size, **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=90, **options)
    return out.getvalue()

def segment(marker, body):
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body

def exif(thumbnail, orientation=1):
    """Orientation in the first folder, the thumbnail in the second."""
    first = struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 26)
    second = struct.pack("<HHHII", 2, 0x0201, 4, 1, 56) + struct.pack("<HHII", 0x0202, 4, 1, len(thumbnail)) + b"\0" * 4
    return segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second + thumbnail)

def write(name, main, segments, behind=b""):
    open("in/%s.jpg" % name, "wb").write(main[:2] + segments + main[2:] + behind)

main = jpeg("red", (1600, 1200))
small = jpeg("lime", (160, 120))
write("fits", main, exif(small))
write("turned with it", main, exif(small, 6))
write("letterboxed", jpeg("red", (1500, 1000)), exif(small))
write("damaged", main, exif(small[:-40]))
write("not there", main, exif(b""))
write("upright already", jpeg("red", (1600, 1200)), exif(jpeg("lime", (120, 160)), 6))
own = small[:2] + segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 3, 0, 0)) + small[2:]
write("its own way up", main, exif(own))
large = jpeg("blue", (640, 480))
entries = struct.pack("<IIIHH", 0x20030000, len(main), 0, 0, 0)
head = b"MPF\0II*\0" + struct.pack("<I", 8) + struct.pack("<HHHII", 1, 0xB002, 7, 32, 26) + b"\0" * 4
offset = len(main) + 4 + len(head) + 32 - (2 + 4 + 4)
body = head + entries + struct.pack("<IIIHH", 0x40010001, len(large), offset, 0, 0)
write("multi-picture", main, segment(0xE2, body), large)
write("plain", main, b"")
PYTHON
"$PYTHON" make.py || exit
age in/*
cat >show.py <<'PYTHON'
import collections, glob, os
from PIL import Image
found = collections.defaultdict(list)
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path).convert("RGB")
    pixel = picture.getpixel((20, 20))
    found["%dx%d %s" % (*picture.size, ("the picture", "the thumbnail", "the preview")[pixel.index(max(pixel))])].append(os.path.basename(path)[:-14])
for what, names in sorted(found.items()):
    print("  %s: %s" % (what, ", ".join(names)))
PYTHON
size='stages.0.thumbnail.sizes.0'
for side in 100 300 900; do
	for preview in ignore use; do
		rm -rf out test.db*
		echo "$side px, $preview"
		nightmill run test.yaml --set stages.0.thumbnail.preview=$preview --set $size.width=$side --set $size.height=$side
		"$PYTHON" show.py
	done
done
