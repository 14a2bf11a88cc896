# The smaller pictures in HEICs and AVIFs, where they are asked for and do: large enough, of the same shape, in files that turn nothing.
config
mkdir in
cat >make.py <<'PYTHON'
import ctypes, sys

class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("detail", ctypes.c_int), ("text", ctypes.c_char_p)]

try:
    heif = ctypes.CDLL("libheif.so.1")
except OSError:
    sys.exit(77)
HEVC, AV1, RGB, INTERLEAVED = 1, 4, 1, 10
for name in ("image_create", "image_add_plane", "context_encode_image", "context_encode_thumbnail", "context_get_encoder_for_format",
             "context_write_to_file"):
    getattr(heif, "heif_" + name).restype = Error
heif.heif_context_alloc.restype = heif.heif_image_get_plane.restype = ctypes.c_void_p

def needs(error):
    if error.code:
        sys.exit(77)

def picture(width, height, pixel):
    made, stride = ctypes.c_void_p(), ctypes.c_int()
    needs(heif.heif_image_create(width, height, RGB, INTERLEAVED, ctypes.byref(made)))
    needs(heif.heif_image_add_plane(made, INTERLEAVED, width, height, 8))
    at = heif.heif_image_get_plane(made, INTERLEAVED, ctypes.byref(stride))
    for y in range(height):
        ctypes.memmove(at + y * stride.value, pixel * width, 3 * width)
    return made

def write(name, kind, whole, small, side=160):
    """Red, with a green preview of `side` px made of a picture of the sides `small`."""
    context, encoder = ctypes.c_void_p(heif.heif_context_alloc()), ctypes.c_void_p()
    handle, preview = ctypes.c_void_p(), ctypes.c_void_p()
    needs(heif.heif_context_get_encoder_for_format(context, kind, ctypes.byref(encoder)))
    needs(heif.heif_context_encode_image(context, picture(*whole, b"\xff\0\0"), encoder, None, ctypes.byref(handle)))
    if small:
        needs(heif.heif_context_encode_thumbnail(context, picture(*small, b"\0\xff\0"), handle, encoder, None, side, ctypes.byref(preview)))
    needs(heif.heif_context_write_to_file(context, ("in/" + name).encode()))

def add(name, box):
    """In a box that readers pass over."""
    with open("in/" + name, "ab") as file:
        file.write((8 + len(box)).to_bytes(4, "big") + b"free" + box)

write("fits.heic", HEVC, (640, 480), (640, 480))
write("fits.avif", AV1, (640, 480), (640, 480))
write("none.heic", HEVC, (640, 480), None)
write("square.heic", HEVC, (640, 480), (480, 480))
for name, box in (("turned", b"\0\0\0\x09irot\x01"), ("mirrored", b"\0\0\0\x09imir\x01"), ("turned by nothing", b"\0\0\0\x09irot\0")):
    write(name + ".heic", HEVC, (640, 480), (640, 480))
    add(name + ".heic", box)
PYTHON
"$PYTHON" make.py || skip 'there is no libheif that writes HEIC and AVIF'
age in/*
cat >show.py <<'PYTHON'
import collections, glob, os
from PIL import Image
found = collections.defaultdict(list)
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path).convert("RGB")
    red, green, _ = picture.getpixel((20, 20))
    found["%dx%d %s" % (*picture.size, "the picture" if red > green else "the preview")].append(os.path.basename(path)[:-9])
for what, names in sorted(found.items()):
    print("  %s: %s" % (what, ", ".join(names)))
PYTHON
size='stages.0.thumbnail.sizes.0'
for side in 100 300; do
	for preview in ignore use; do
		rm -rf out test.db*
		echo "$side px, $preview"
		nightmill run test.yaml --set stages.0.thumbnail.preview=$preview --set $size.width=$side --set $size.height=$side
		"$PYTHON" show.py
	done
done
