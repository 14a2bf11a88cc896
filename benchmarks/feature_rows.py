"""The rows of the table of features: what is asked of each program, and how one sees whether it did it.

A row is (what, picture, checks, {program: wish}). A wish is, of

    nightmill         "options of a size" or ("options of a size", "options of the stage")
    vipsthumbnail     "arguments", with `-o` of its own or without
    sharp             calls behind `sharp(file, {})`, from `.resize` to before `.toFile`
    ImageMagick, gm   "arguments" between the source and the output; what stands before a "|" comes before the source
    Pillow            statements over `picture`, which end with `picture` as it is to be written

None: no way is known. A wish that is missing is USUAL's. {in} and {out} stand for the two files, {made} and {pictures} for their folders."""

import glob
import json
import os

import numpy
from PIL import Image

import feature_pictures as pictures
import likeness

SRGB = "--export-profile srgb"
USUAL = {
    "nightmill": "", "vipsthumbnail": "", "sharp": ".resize(64, 64, { fit: 'inside' })", "ImageMagick": "-thumbnail 64x64",
    "GraphicsMagick": "-thumbnail 64x64", "Pillow": "picture.thumbnail((64, 64))",
}
NONE = dict.fromkeys(USUAL)


def need(what, said):
    if not what:
        raise AssertionError(said)


def opened(path):
    with Image.open(path) as picture:
        picture.load()
        return picture


def seen(path, spots):
    """Means of 5 x 5 px around shares of its sides."""
    picture = numpy.asarray(opened(path).convert("RGB"), dtype=float)
    height, width = picture.shape[:2]
    found = []
    for x, y in spots:
        left, top = int(x * width), int(y * height)
        found.append(picture[max(0, top - 2):top + 3, max(0, left - 2):left + 3].reshape(-1, 3).mean(0))
    return found


QUARTERS = ((.25, .25), (.75, .25), (.25, .75), (.75, .75))


def away(path, colours):
    return max(float(abs(a - b).max()) for a, b in zip(seen(path, QUARTERS), numpy.array(colours, dtype=float)))


def shows(tolerance, colours=pictures.COLOURS):
    """The four quarters, each of its colour."""
    def check(path):
        wrong = away(path, colours)
        need(wrong <= tolerance, "colours %d off" % wrong)
    return check


def shows_grey(tolerance):
    return shows(tolerance, [[0.299 * r + 0.587 * g + 0.114 * b] * 3 for r, g, b in pictures.COLOURS])


def measures(width, height):
    def check(path):
        size = opened(path).size
        need(size == (width, height), "%d x %d px" % size)
    return check


def written_as(*formats):
    def check(path):
        with open(path, "rb") as file:
            head = file.read(32)
        found = next((name for mark, name in MARKS if mark in head), "something else")
        need(found in formats, "wrote " + found)
    return check


MARKS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"WEBP", "WebP"), (b"ftypavif", "AVIF"), (b"\xff\x0a", "JXL"), (b"JXL ", "JXL"),
         (b"II*", "TIFF"), (b"MM\0*", "TIFF"), (b"GIF8", "GIF"), (b"ftypheic", "HEIC"))


def grey_of(value, tolerance=0):
    def check(path):
        mean = float(numpy.asarray(opened(path).convert("RGB"), dtype=float).mean())
        need(abs(mean - value) <= tolerance + 0.01, "%.1f instead of %g" % (mean, value))
    return check


def has(*wanted):
    """Metadata, by what Pillow finds."""
    def check(path):
        with open(path, "rb") as file:
            data = file.read()
        there = {"exif": b"Ann Artist" in data, "copyright": b"(c) Ann" in data, "xmp": b"x:xmpmeta" in data,
                 "icc": b"acsp" in data}
        missing = [word for word in wanted if not there[word]]
        need(not missing, "without " + ", ".join(missing))
    return check


def nothing_kept(path):
    with open(path, "rb") as file:
        data = file.read()
    need(b"Ann" not in data and b"xmpmeta" not in data, "metadata are still there")


def upright(path):
    exif = opened(path).getexif()
    need(exif.get(0x0112, 1) == 1, "orientation says %s" % exif.get(0x0112))


def moving(path):
    with Image.open(path) as picture:
        need(getattr(picture, "n_frames", 1) == 3, "%d frames" % getattr(picture, "n_frames", 1))


def progressive(path):
    need(opened(path).info.get("progressive"), "not progressive")


def sampled(wanted):
    def check(path):
        with Image.open(path) as picture:
            found = picture.layer[0][1:3]
        need(found == wanted, "Y sampled %d x %d" % found)
    return check


def exact(path):
    need(away(path, pictures.COLOURS) == 0, "not exact")


def no_green(path):
    red, green, _, alpha = numpy.asarray(opened(path).convert("RGBA"), dtype=float).reshape(-1, 4).mean(0)
    need(red > 250 and green < 3, "red %d, green %d" % (red, green))
    need(90 < alpha < 165, "alpha %d" % alpha)


def busy(path):
    need(numpy.asarray(opened(path).convert("L"), dtype=float)[:, 32:].std() > 10, "the even part is kept")


def sharper(path):
    values = numpy.asarray(opened(path).convert("L"), dtype=float)
    need(values.max() > 174 and values.min() < 86, "no edge is clearer")


def close(path):
    """Where things are, in px, of a picture whose sides are no multiples of 8."""
    planes = likeness.read(path)
    shift = likeness.shift(planes[0], likeness.wanted(os.path.join(os.path.dirname(os.path.dirname(path)), "odd.jpg"), planes.shape[:0:-1])[0])
    return "%.3f px off" % shift


def several(path):
    found = [os.path.basename(name) for name in glob.glob(os.path.join(os.path.dirname(path), "*.jpg"))]
    need(len(found) > 1, "%d files" % len(found))


def as_old(path):
    source = os.path.join(os.path.dirname(os.path.dirname(path)), "rgb.jpg")
    need(int(os.path.getmtime(path)) == int(os.path.getmtime(source)), "time of making")


def manifest(path):
    with open(os.path.join(os.path.dirname(path), "out-rgb.jpg.json"), encoding="utf-8") as file:
        need("thumbhash" in json.load(file), "without a ThumbHash")


def desktop(path):
    need("Thumb::URI" in opened(path).text, "without its tags")


def made(path):
    need(os.path.getsize(path) > 0, "empty")


def ways(**wishes):
    """Wishes by short names of the programs."""
    names = {"mill": "nightmill", "vips": "vipsthumbnail", "sharp": "sharp", "im": "ImageMagick", "gm": "GraphicsMagick", "pil": "Pillow"}
    return {names[word]: wish for word, wish in wishes.items()}


WRONG = (AssertionError, OSError, SyntaxError, ValueError, StopIteration)
REFUSED = "refused"  # in place of a check: nothing is to be made
IN = [("JPEG: 4:2:0", "rgb.jpg", shows(6)), ("JPEG: 4:2:2", "422.jpg", shows(6)), ("JPEG: 4:4:4", "444.jpg", shows(6)),
      ("JPEG: grey", "grey.jpg", shows_grey(6)), ("JPEG: progressive", "progressive.jpg", shows(6)),
      ("JPEG: arithmetic coding", "arithmetic.jpg", shows(6)), ("JPEG: inks (CMYK, Adobe)", "inks.jpg", shows(95)),
      ("PNG", "png.png", shows(6)), ("PNG: palette", "palette.png", shows(6)), ("PNG: 1 bit", "bits.png", made),
      ("PNG: interlaced", "interlaced.png", shows(6)), ("WebP", "rgb.webp", shows(6)), ("WebP: lossless", "lossless.webp", shows(6)),
      ("GIF", "still.gif", shows(6)), ("TIFF: strips", "rgb.tiff", shows(6)), ("TIFF: tiles", "tiles.tiff", shows(6)),
      ("TIFF: greys in real numbers, 0 to 1", "floats.tiff", lambda path: need(away(path, [(0, 0, 0)] * 4) > 60, "nearly black")),
      ("TIFF: inks", "inks.tiff", shows(95)), ("TIFF: colours at a lower resolution, plain", "sampled.tiff", shows(12)),
      ("BMP", "rgb.bmp", shows(6)), ("HEIC", "rgb.heic", shows(12)), ("AVIF", "rgb.avif", shows(12)), ("JPEG XL", "rgb.jxl", shows(12)),
      ("JPEG 2000", "rgb.jp2", shows(6)), ("PPM", "rgb.ppm", shows(6)), ("PPM: 16 bits", "16.ppm", shows(6)),
      ("PGM", "grey.pgm", shows_grey(6)), ("PFM", "floats.pfm", shows(8)), ("PAM", "rgb.pam", shows(6)),
      ("Radiance", "light.hdr", shows(12)), ("OpenEXR", "light.exr", shows(80)), ("SVG", "rgb.svg", shows(6)), ("PDF", "rgb.pdf", shows(12)),
      ("TGA", "rgb.tga", shows(6)), ("PSD", "rgb.psd", shows(6)), ("ICO", "rgb.ico", shows(6)), ("QOI", "rgb.qoi", shows(6)),
      ("A JPEG that is called .png", "misnamed.png", shows(6))]

BOX = "-thumbnail 64x64^ -gravity {0} -extent 64x64"


def gravity(name, pil):
    return ways(mill="fit: cover, crop: " + name, vips=None if name != "centre" else "--smartcrop centre",
                sharp=".resize(64, 64, { position: '%s' })" % name, im=BOX.format({"centre": "Center"}.get(name, name)),
                gm=BOX.format({"centre": "Center"}.get(name, name)), pil="picture = ImageOps.fit(picture, (64, 64), centering=%s)" % pil)


SECTIONS = [
    ("Pictures in", [(what, picture, check, {}) for what, picture, check in IN] + [
        ("SVG and PDF, asked for", "rgb.svg", shows(6), ways(mill=("", "formats: [svg]"))),
        ("16 bits rounded, not cut off", "16.png", grey_of(2), ways(
            mill="format: webp, lossless: yes", vips="-o {out}[lossless]", sharp=".resize(64, 64, { fit: 'inside' }).webp({ lossless: true })",
            im="-thumbnail 64x64 -define webp:lossless=true", gm="-thumbnail 64x64 -define webp:lossless=true",
            pil="picture.thumbnail((64, 64)); options['lossless'] = True")),
        ("PNG's `gAMA`", "gamma.png", shows(6), {}),
        ("A frame of a GIF", "frames.gif", shows(12), ways(
            mill=("", "frame: 2"), vips="[page=1]", sharp="{ page: 1 }.resize(64, 64, { fit: 'inside' })", im="[1] -thumbnail 64x64",
            gm="[1] -thumbnail 64x64", pil="picture.seek(1); picture.thumbnail((64, 64))")),
        ("A page of a TIFF", "pages.tiff", shows(6), ways(
            mill=("", "frame: 2"), vips="[page=1]", sharp="{ page: 1 }.resize(64, 64, { fit: 'inside' })", im="[1] -thumbnail 64x64",
            gm="[1] -thumbnail 64x64", pil="picture.seek(1); picture.thumbnail((64, 64))")),
        ("The preview in a JPEG, asked for", "preview.jpg", shows(12, pictures.COLOURS[::-1]),
         {**NONE, **ways(mill=("", "preview: use"))}),
        ("The preview in a HEIC, asked for", "preview.heic", shows(20, pictures.COLOURS[::-1]), ways(
            mill=("", "preview: use"), sharp=None, im=None, gm=None, pil=None)),
    ]),
    ("Geometry", [
        ("inside the box", "rgb.jpg", measures(64, 48), {}),
        ("around the box", "rgb.jpg", measures(85, 64), ways(
            mill="fit: outside", vips=None, sharp=".resize(64, 64, { fit: 'outside' })", im="-thumbnail 64x64^", gm="-thumbnail 64x64^",
            pil=None)),
        ("cover, the middle", "rgb.jpg", measures(64, 64), gravity("centre", "(.5, .5)")),
        ("cover, a corner", "rgb.jpg", measures(64, 64), gravity("northwest", "(0, 0)")),
        ("contain, with bars", "rgb.jpg", measures(64, 64), ways(
            mill="fit: contain", vips=None, sharp=".resize(64, 64, { fit: 'contain' })", im="-thumbnail 64x64 -gravity Center -extent 64x64",
            gm="-thumbnail 64x64 -gravity Center -extent 64x64", pil="picture = ImageOps.pad(picture, (64, 64))")),
        ("stretched", "rgb.jpg", measures(64, 64), ways(
            mill="fit: fill", vips="--size 64x64!", sharp=".resize(64, 64, { fit: 'fill' })", im="-thumbnail 64x64!", gm="-thumbnail 64x64!",
            pil="picture = picture.resize((64, 64))")),
        ("never larger than the source", "rgb.jpg", measures(512, 384), ways(
            mill="width: 900, height: 900", vips="--size 900x900>", sharp=".resize(900, 900, { fit: 'inside', withoutEnlargement: true })",
            im="-thumbnail 900x900>", gm="-thumbnail 900x900>", pil="picture.thumbnail((900, 900))")),
        ("upright by EXIF, unasked", "turned.jpg", shows(8), {}),
        ("upright by EXIF, asked for", "turned.jpg", shows(8), ways(
            sharp=".autoOrient().resize(64, 64, { fit: 'inside' })", im="-auto-orient -thumbnail 64x64", gm="-auto-orient -thumbnail 64x64",
            pil="picture = ImageOps.exif_transpose(picture); picture.thumbnail((64, 64))")),
        ("the busiest part (entropy)", "busy.png", busy, {**NONE, **ways(
            mill="fit: cover, crop: entropy", vips="--smartcrop entropy", sharp=".resize(64, 64, { position: 'entropy' })")}),
        ("what draws attention", "busy.png", busy, {**NONE, **ways(
            mill="fit: cover, crop: attention", vips="--smartcrop attention", sharp=".resize(64, 64, { position: 'attention' })")}),
        ("around a point that is given", "busy.png", busy, {**NONE, **ways(
            mill=("fit: cover, crop: focus", 'focus: "0.9,0.5"'), pil="picture = ImageOps.fit(picture, (64, 64), centering=(.95, .5))")}),
        ("several sizes from one command", "rgb.jpg", several, ways(
            mill=("", "sizes: [{ name: a, width: 64, height: 64 }, { name: b, width: 32, height: 32 }]"), vips=None,
            sharp=".clone().resize(32, 32, { fit: 'inside' }).toFile('{out}.b.jpg').then(() => 0), "
                  "sharp('{in}').resize(64, 64, { fit: 'inside' })",
            im="( +clone -thumbnail 32x32 -write {out}.b.jpg +delete ) -thumbnail 64x64", gm=None,
            pil="picture.thumbnail((64, 64)); small = picture.copy(); small.thumbnail((32, 32)); small.save('{out}.b.jpg')")),
        ("exact where sides are no multiples of 8", "odd.jpg", close, ways(
            im="-define jpeg:size=128x128 | -thumbnail 64x64", gm="-size 64x64 | -thumbnail 64x64")),
    ]),
    ("Colour and quality", [
        ("profile to sRGB, unasked", "wide.jpg", shows(10), {}),
        ("profile to sRGB, asked for", "wide.jpg", shows(10), ways(
            vips=SRGB, im="-profile {pictures}/srgb.icc -thumbnail 64x64", gm="-profile {pictures}/srgb.icc -thumbnail 64x64",
            pil="picture = ImageCms.profileToProfile(picture, io.BytesIO(picture.info['icc_profile']), ImageCms.createProfile('sRGB')); "
                "picture.thumbnail((64, 64))")),
        ("profile kept", "wide.jpg", has("icc"), ways(
            mill="colour: keep", sharp=".resize(64, 64, { fit: 'inside' }).keepIccProfile()", im="-resize 64x64", gm="-resize 64x64",
            pil="profile = picture.info['icc_profile']; picture.thumbnail((64, 64)); options['icc_profile'] = profile")),
        ("averaged as light", "stripes.png", grey_of(188, 2), ways(
            mill="linear: yes", vips="--linear", sharp=".gamma(2.2).resize(64, 64, { fit: 'inside' })",
            im="-colorspace RGB -resize 64x64 -colorspace sRGB", gm=None, pil=None)),
        ("alpha does not bleed", "glass.png", no_green, ways(mill="format: png")),
        ("sharpened", "soft.png", sharper, ways(
            mill="sharpen: 1, format: png", vips=None, sharp=".resize(64, 64, { fit: 'inside' }).sharpen({ sigma: 1, m1: 2, m2: 5 })",
            im="-thumbnail 64x64 -unsharp 0x1+1", gm="-thumbnail 64x64 -unsharp 0x1+1",
            pil="picture.thumbnail((64, 64)); picture = picture.filter(ImageFilter.UnsharpMask(1, 150, 0))")),
    ]),
    ("Files out", [
        (what, "rgb.jpg", written_as(what if what != "JPEG XL" else "JXL"), ways(mill="format: " + word if word else None))
        for what, word in (("JPEG", "jpeg"), ("PNG", "png"), ("WebP", "webp"), ("AVIF", "avif"), ("JPEG XL", None), ("TIFF", None),
                           ("GIF", None))
    ] + [
        ("the format of the source", "rgb.webp", written_as("WebP"), {**NONE, **ways(
            mill="format: same", sharp=".resize(64, 64, { fit: 'inside' })")}),
        ("WebP where there is alpha, else JPEG", "glass.png", written_as("WebP"), {**NONE, **ways(mill="format: auto")}),
        ("animated WebP of a GIF", "frames.gif", moving, ways(
            mill="format: webp, animated: yes", vips="[n=-1]", sharp="{ animated: true }.resize(64, 64, { fit: 'inside' })",
            im="-coalesce -thumbnail 64x64", pil=None)),
        ("progressive JPEG", "rgb.jpg", progressive, ways(
            mill="progressive: yes", vips="-o {out}[interlace]", sharp=".resize(64, 64, { fit: 'inside' }).jpeg({ progressive: true })",
            im="-thumbnail 64x64 -interlace Plane", gm="-thumbnail 64x64 -interlace Line",
            pil="picture.thumbnail((64, 64)); options['progressive'] = True")),
        ("JPEG of 4:4:4", "rgb.jpg", sampled((1, 1)), ways(
            mill="chroma: 444", vips="-o {out}[no_subsample]", sharp=".resize(64, 64, { fit: 'inside' }).jpeg({ chromaSubsampling: '4:4:4' })",
            im="-thumbnail 64x64 -sampling-factor 1x1", gm="-thumbnail 64x64 -sampling-factor 1x1",
            pil="picture.thumbnail((64, 64)); options['subsampling'] = 0")),
        ("lossless WebP", "png.png", exact, ways(
            mill="format: webp, lossless: yes", vips="-o {out}[lossless]", sharp=".resize(64, 64, { fit: 'inside' }).webp({ lossless: true })",
            im="-thumbnail 64x64 -define webp:lossless=true", gm="-thumbnail 64x64 -define webp:lossless=true",
            pil="picture.thumbnail((64, 64)); options['lossless'] = True")),
        ("no metadata, unasked", "described.jpg", nothing_kept, {}),
        ("EXIF kept", "described.jpg", has("exif"), ways(
            mill="keep: [exif]", sharp=".resize(64, 64, { fit: 'inside' }).keepExif()", im="-resize 64x64", gm="-resize 64x64",
            pil="known = picture.getexif(); picture.thumbnail((64, 64)); options['exif'] = known")),
        ("... and upright in pixels and tag", "described.jpg", upright, ways(
            mill="keep: [exif]", sharp=".autoOrient().resize(64, 64, { fit: 'inside' }).keepExif()", im="-auto-orient -resize 64x64",
            gm="-auto-orient -resize 64x64",
            pil="picture = ImageOps.exif_transpose(picture); known = picture.getexif(); picture.thumbnail((64, 64)); options['exif'] = known")),
        ("XMP kept", "described.jpg", has("xmp"), ways(
            mill="keep: [xmp]", sharp=".resize(64, 64, { fit: 'inside' }).keepXmp()", im="-resize 64x64", gm="-resize 64x64", pil=None)),
        ("copyright alone kept", "described.jpg", has("copyright"), {**NONE, **ways(mill="keep: [copyright]")}),
        ("the source's time", "rgb.jpg", as_old, {**NONE, **ways(mill=("", "mtime: keep"))}),
        ("thumbnails for file managers", "rgb.jpg", desktop, {**NONE, **ways(
            mill=("name: normal, width: 128, height: 128, format: png", "layout: freedesktop, to: {made}"))}),
        ("a manifest with ThumbHash", "rgb.jpg", manifest, {**NONE, **ways(mill=("", 'manifest: "{made}/out-{name}.json"'))}),
    ]),
    ("Damage", [
        ("half a JPEG refused, unasked", "cut.jpg", REFUSED, {}),
        ("half a JPEG refused, asked for", "cut.jpg", REFUSED, {**NONE, **ways(
            mill=("", "on_damage: fail"), sharp="{ failOn: 'truncated' }.resize(64, 64, { fit: 'inside' })",
            im="-regard-warnings | -thumbnail 64x64", pil="picture.thumbnail((64, 64))")}),
        ("what there is of it, asked for", "cut.jpg", made, ways(
            mill=("", "on_damage: keep"), sharp="{ failOn: 'none' }.resize(64, 64, { fit: 'inside' })",
            pil="ImageFile.LOAD_TRUNCATED_IMAGES = True; picture.thumbnail((64, 64))")),
        ("150 megapixels refused, unasked", "bomb.png", REFUSED, {}),
        ("150 megapixels refused, asked for", "bomb.png", REFUSED, ways(
            mill=("", "max_pixels: 100"), vips=None, sharp="{ limitInputPixels: 1e8 }.resize(64, 64, { fit: 'inside' })",
            im="-limit width 12KP -limit height 12KP | -thumbnail 64x64", gm="-limit pixels 100M | -thumbnail 64x64", pil=None)),
    ]),
]
