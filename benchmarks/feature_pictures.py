"""Pictures of every kind that the table of features is about, made on the spot.

All show the same: four quarters, red, green, blue and light grey, 512 x 384 px. make(FOLDER) gives {name: path or None}; None is what
cannot be made here, for want of `vips`, `convert` or `cjpeg`."""

import ctypes
import ctypes.util
import os
import shutil
import struct
import subprocess
import zlib

import numpy
from PIL import Image, ImageCms, ImageDraw

WIDTH, HEIGHT = 512, 384
COLOURS = ((200, 40, 40), (40, 160, 60), (40, 60, 200), (200, 200, 200))
IMAGEMAGICK = ["magick"] if shutil.which("magick") else ["convert"]


def quarters(colours=COLOURS, size=(WIDTH, HEIGHT)):
    picture = Image.new("RGB", size)
    across, down = size[0] // 2, size[1] // 2
    for i, colour in enumerate(colours):
        picture.paste(colour, (i % 2 * across, i // 2 * down, (i % 2 + 1) * across, (i // 2 + 1) * down))
    return picture


def other():
    """The same with the quarters in another order: what must not be shown."""
    return quarters(COLOURS[::-1])


def samples():
    return numpy.asarray(quarters())


def run(*command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_16(path):
    """A dark grey of 416 of 65535: 1.6 of 255, that is 2, or 1 where bits are cut off."""
    rows = (b"\0" + struct.pack(">H", 416) * 512) * 384
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 512, 384, 16, 0, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def png_gamma(path):
    """Numbers that are light (gAMA 1.0) and come to the usual colours."""
    light = numpy.round(255 * (samples() / 255) ** 2.2).astype("uint8")
    Image.fromarray(light).save(path)
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data[:33] + chunk(b"gAMA", struct.pack(">I", 100000)) + data[33:])


def tiff_floats(path):
    """Greys from 0 to 1."""
    grey = (numpy.asarray(quarters().convert("L")) / 255).astype("float32")
    Image.fromarray(grey, "F").save(path)


def tiff_inks(path):
    quarters().convert("CMYK").save(path)


def tiff_sampled(path):
    """Y, Cb and Cr without compression, colours at half the resolution."""
    y, cb, cr = (numpy.asarray(band).astype("uint8") for band in quarters().convert("YCbCr").split())
    unit = [y[0::2, 0::2], y[0::2, 1::2], y[1::2, 0::2], y[1::2, 1::2], cb[::2, ::2], cr[::2, ::2]]
    body = numpy.stack(unit, axis=-1).tobytes()
    entries = [(256, 3, 1, WIDTH), (257, 3, 1, HEIGHT), (258, 3, 3, 8 + len(body)), (259, 3, 1, 1), (262, 3, 1, 6), (273, 4, 1, 8),
               (277, 3, 1, 3), (278, 3, 1, HEIGHT), (279, 4, 1, len(body)), (284, 3, 1, 1), (530, 3, 2, 2 | 2 << 16)]
    folder = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + b"\0" * 4
    with open(path, "wb") as file:
        file.write(b"II*\0" + struct.pack("<I", 8 + len(body) + 8) + body + struct.pack("<HHHH", 8, 8, 8, 0) + folder)


def svg(path):
    spots = "".join('<rect x="%d" y="%d" width="256" height="192" fill="rgb%s"/>' % (i % 2 * 256, i // 2 * 192, c)
                    for i, c in enumerate(COLOURS))
    with open(path, "w", encoding="ascii") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" width="512" height="384">%s</svg>' % spots)


def pfm(path):
    """Light from 0 to 1, rows from below."""
    light = numpy.where(samples() <= 10, samples() / 3294.6, ((samples() / 255 + 0.055) / 1.055) ** 2.4)
    with open(path, "wb") as file:
        file.write(b"PF\n%d %d\n-1.0\n" % (WIDTH, HEIGHT) + light[::-1].astype("<f4").tobytes())


def pam(path):
    with open(path, "wb") as file:
        file.write(b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" % (WIDTH, HEIGHT) + samples().tobytes())


def ppm_16(path):
    with open(path, "wb") as file:
        file.write(b"P6\n%d %d\n65535\n" % (WIDTH, HEIGHT) + (samples().astype(">u2") * 257).tobytes())


def qoi(path):
    """Every pixel as it is."""
    pixels = b"".join(b"\xfe" + bytes(pixel) for pixel in samples().reshape(-1, 3))
    with open(path, "wb") as file:
        file.write(b"qoif" + struct.pack(">IIBB", WIDTH, HEIGHT, 3, 0) + pixels + b"\0" * 7 + b"\1")


def exif(*entries, behind=b"", second=b""):
    first = struct.pack("<H", len(entries)) + b"".join(entries)
    return b"II*\0" + struct.pack("<I", 8) + first + struct.pack("<I", 8 + len(first) + 4 if second else 0) + second + behind


def orientation(value):
    return struct.pack("<HHIHH", 0x0112, 3, 1, value, 0)


def with_segment(path, marker, body):
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + data[2:])


def jpeg_with_preview(path):
    """The EXIF's thumbnail, 256 px, has its quarters in another order."""
    small = path + ".small"
    other().resize((256, 192)).save(small, "JPEG", quality=80)
    with open(small, "rb") as file:
        bytes_of = file.read()
    second = struct.pack("<HHHII", 2, 0x0201, 4, 1, 56) + struct.pack("<HHII", 0x0202, 4, 1, len(bytes_of)) + b"\0" * 4
    quarters().save(path, quality=90)
    with_segment(path, 0xE1, b"Exif\0\0" + exif(orientation(1), second=second, behind=bytes_of))
    os.remove(small)


def heic_with_preview(path):
    """By libheif itself, which puts a thumbnail of 256 px into the file: of the other picture, so that it can be told apart."""
    name = ctypes.util.find_library("heif")
    if not name:
        return False
    heif = Heif(ctypes.CDLL(name))
    return heif.write(path, samples(), numpy.asarray(other()), 256)


class Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("detail", ctypes.c_int), ("text", ctypes.c_char_p)]


class Heif:
    """As much of libheif as it takes to write a picture and its thumbnail."""
    HEVC, RGB, INTERLEAVED, PIXELS = 1, 1, 10, 10

    def __init__(self, library):
        self.library = library
        for name in ("heif_image_create", "heif_image_add_plane", "heif_context_encode_image", "heif_context_encode_thumbnail",
                     "heif_context_get_encoder_for_format", "heif_context_write_to_file"):
            getattr(library, name).restype = Error
        library.heif_context_alloc.restype = ctypes.c_void_p
        library.heif_image_get_plane.restype = ctypes.c_void_p

    def picture(self, rows):
        made = ctypes.c_void_p()
        height, width = rows.shape[:2]
        self.library.heif_image_create(width, height, self.RGB, self.INTERLEAVED, ctypes.byref(made))
        self.library.heif_image_add_plane(made, self.PIXELS, width, height, 8)
        stride = ctypes.c_int()
        at = self.library.heif_image_get_plane(made, self.PIXELS, ctypes.byref(stride))
        for y in range(height):
            ctypes.memmove(at + y * stride.value, rows[y].tobytes(), width * 3)
        return made

    def write(self, path, whole, small, side):
        """Whole, and small reduced to `side` px as its thumbnail."""
        context, encoder = ctypes.c_void_p(self.library.heif_context_alloc()), ctypes.c_void_p()
        handle, ignored = ctypes.c_void_p(), ctypes.c_void_p()
        steps = (
            lambda lib: lib.heif_context_get_encoder_for_format(context, self.HEVC, ctypes.byref(encoder)),
            lambda lib: lib.heif_context_encode_image(context, self.picture(whole), encoder, None, ctypes.byref(handle)),
            lambda lib: lib.heif_context_encode_thumbnail(context, self.picture(small), handle, encoder, None, side, ctypes.byref(ignored)),
            lambda lib: lib.heif_context_write_to_file(context, path.encode()))
        return all(step(self.library).code == 0 for step in steps)


def by_pillow(make, **options):
    return lambda path: make().save(path, **options)


def by_vips(*options):
    return lambda path: run("vips", "copy", os.path.join(os.path.dirname(path), "png.png"), path + (options[0] if options else ""))


def by_imagemagick(*options):
    return lambda path: run(*IMAGEMAGICK, os.path.join(os.path.dirname(path), "png.png"), *options, path)


def grey():
    return quarters().convert("L")


def palette():
    return quarters().quantize(8)


def arithmetic(path):
    plain = os.path.join(os.path.dirname(path), "png.ppm")
    quarters().save(plain)
    return run("cjpeg", "-arithmetic", "-outfile", path, plain)


def glass():
    """Red that is there, on green that is not, one column each."""
    at = numpy.zeros((HEIGHT, WIDTH, 4), dtype="uint8")
    at[:, 0::2] = (255, 0, 0, 255)
    at[:, 1::2] = (0, 255, 0, 0)
    return Image.fromarray(at)


def stripes():
    """Black and white, one px each: half of the light, which sRGB calls 188."""
    x = numpy.arange(WIDTH) % 2 * 255
    return Image.fromarray(numpy.tile(x, (HEIGHT, 1)).astype("uint8")).convert("RGB")


def busy_end():
    """Grey, but for the right fifth, in which something goes on."""
    picture = Image.new("RGB", (768, 256), (128, 128, 128))
    noise = numpy.random.default_rng(1).integers(0, 256, (32, 19, 3)).astype("uint8")
    picture.paste(Image.fromarray(noise).resize((154, 256), Image.NEAREST), (614, 0))
    return picture


def soft():
    picture = Image.new("RGB", (WIDTH, HEIGHT), (90, 90, 90))
    ImageDraw.Draw(picture).rectangle((WIDTH // 2, 0, WIDTH, HEIGHT), fill=(170, 170, 170))
    return picture


def frames(path):
    """The second one is the usual picture."""
    quarters(COLOURS[::-1]).save(path, save_all=True, append_images=[quarters(), other()], duration=100, loop=0)


def pages(path):
    other().save(path, save_all=True, append_images=[quarters()])


def turned(path):
    """To be turned by 90 degrees to look as usual."""
    quarters().transpose(Image.ROTATE_90).save(path, quality=95, exif=b"Exif\0\0" + exif(orientation(6)))


def described(path):
    """With artist and copyright in EXIF, and XMP."""
    with_it = Image.Exif()
    with_it[0x013B], with_it[0x8298], with_it[0x0112] = "Ann Artist", "(c) Ann", 6
    quarters().transpose(Image.ROTATE_90).save(path, quality=95, exif=with_it.tobytes())
    with_segment(path, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
                 b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' "
                 b"dc:format='image/jpeg'/></rdf:RDF></x:xmpmeta>")


def wide(path):
    """The usual colours in Display P3, with its profile."""
    return run("vips", "icc_transform", os.path.join(os.path.dirname(path), "png.png"), path, "p3", "--input-profile", "srgb")


def cut(path):
    whole = path + ".whole"
    Image.effect_noise((WIDTH, HEIGHT), 60).convert("RGB").save(whole, "JPEG", quality=80)
    with open(whole, "rb") as file, open(path, "wb") as to:
        data = file.read()
        to.write(data[:len(data) // 2])
    os.remove(whole)


def misnamed(path):
    """A JPEG that is called PNG."""
    quarters().save(path, "JPEG", quality=95)


def bomb(path):
    """Of 150 megapixels and 150 kilobytes."""
    Image.new("L", (15000, 10000)).save(path)


def odd_sides():
    """Slanted bars, of sides that are multiples of nothing."""
    y, x = numpy.mgrid[0:757, 0:1009]
    return Image.fromarray((((x * 2 + y) // 60 + (x - y * 2) // 90) % 2 * 200 + 20).astype("uint8")).convert("RGB")


def standard(path):
    """sRGB's profile, for those who have to be given it."""
    with open(path, "wb") as file:
        file.write(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


MADE = {
    "png.png": by_pillow(quarters), "rgb.jpg": by_pillow(quarters, quality=95), "grey.jpg": by_pillow(grey, quality=95),
    "444.jpg": by_pillow(quarters, quality=95, subsampling=0), "422.jpg": by_pillow(quarters, quality=95, subsampling=1),
    "progressive.jpg": by_pillow(quarters, quality=95, progressive=True), "arithmetic.jpg": arithmetic,
    "inks.jpg": by_pillow(lambda: quarters().convert("CMYK"), quality=95), "palette.png": by_pillow(palette),
    "bits.png": by_pillow(lambda: grey().convert("1")), "interlaced.png": by_imagemagick("-interlace", "PNG"), "16.png": png_16,
    "gamma.png": png_gamma, "rgb.webp": by_pillow(quarters, quality=95), "lossless.webp": by_pillow(quarters, lossless=True),
    "still.gif": by_pillow(palette), "rgb.tiff": by_pillow(quarters, compression="tiff_lzw"),
    "tiles.tiff": by_vips("[tile,compression=deflate]"), "floats.tiff": tiff_floats, "inks.tiff": tiff_inks,
    "sampled.tiff": tiff_sampled, "rgb.bmp": by_pillow(quarters), "rgb.heic": by_vips("[compression=hevc]"), "rgb.avif": by_vips("[Q=80]"),
    "rgb.jxl": by_vips(), "rgb.jp2": by_pillow(quarters), "rgb.svg": svg, "rgb.pdf": by_pillow(quarters), "rgb.ppm": by_pillow(quarters),
    "16.ppm": ppm_16, "grey.pgm": by_pillow(grey), "floats.pfm": pfm, "rgb.pam": pam, "light.hdr": by_vips(),
    "light.exr": by_imagemagick(), "rgb.tga": by_pillow(quarters, orientation=1), "rgb.psd": by_imagemagick(),
    "rgb.ico": by_pillow(lambda: quarters().resize((256, 192)).convert("RGBA")), "rgb.qoi": qoi, "misnamed.png": misnamed,
    "frames.gif": frames, "pages.tiff": pages, "preview.jpg": jpeg_with_preview, "preview.heic": heic_with_preview, "turned.jpg": turned,
    "glass.png": by_pillow(glass), "stripes.png": by_pillow(stripes), "busy.png": by_pillow(busy_end), "soft.png": by_pillow(soft),
    "described.jpg": described, "wide.jpg": wide, "cut.jpg": cut, "bomb.png": bomb, "odd.jpg": by_pillow(odd_sides, quality=95), "srgb.icc": standard,
}


def make(folder):
    """{name: path, or None where it could not be made}."""
    made = {}
    for name, maker in MADE.items():
        path = os.path.join(folder, name)
        made[name] = path if maker(path) is not False and os.path.exists(path) else None
    return made
