"""How like a thumbnail is to what it should be.

That is: the picture decoded in full, turned upright, converted to sRGB by its profile (relative colorimetric, black point), reduced
with Lanczos in one step, in floating point. Rounded between the passes, as Pillow does it for bytes, it would favour Pillow's own
rounding errors. Planes are arrays of real numbers: Y, Cb, Cr, each from 0 to 255."""

import io
import math

import numpy
from PIL import Image, ImageCms, ImageOps

STANDARD = ImageCms.createProfile("sRGB")
WEIGHTS = numpy.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
BLOCK, STEP = 8, 4
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
NAMES = ("ssim y", "ssim cb", "ssim cr", "psnr y", "edge", "shift")
HIGH_IS_GOOD = (True, True, True, True, False, False)
DIGITS = ("%.4f", "%.4f", "%.4f", "%.1f", "%.2f", "%.4f")


def to_srgb(picture, profile):
    picture = picture.convert("RGB") if picture.mode not in ("RGB", "L", "CMYK") else picture
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, STANDARD, 1, "RGB", flags=0x2000)
        except ImageCms.PyCMSError:
            pass
    return picture.convert("RGB")


def planes_of(red, green, blue):
    planes = numpy.tensordot(WEIGHTS, numpy.stack([red, green, blue]), 1)
    planes[1:] += 128
    return planes


def read(path):
    """The planes of a thumbnail."""
    with Image.open(path) as picture:
        made = to_srgb(picture, picture.info.get("icc_profile"))
        return planes_of(*(numpy.asarray(band, dtype=float) for band in made.split()))


def wanted(path, size):
    """The planes of the reference. Cut off at the ends of the scale only."""
    with Image.open(path) as picture:
        upright = to_srgb(ImageOps.exif_transpose(picture), picture.info.get("icc_profile"))
    bands = [band.convert("F").resize(size, Image.LANCZOS) for band in upright.split()]
    return planes_of(*(numpy.clip(numpy.asarray(band, dtype=float), 0, 255) for band in bands))


def blocks(plane):
    """The means of 8 x 8 px, every 4 px."""
    sums = numpy.pad(plane, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    means = sums[BLOCK:, BLOCK:] - sums[:-BLOCK, BLOCK:] - sums[BLOCK:, :-BLOCK] + sums[:-BLOCK, :-BLOCK]
    return means[::STEP, ::STEP] / BLOCK ** 2


def ssim(made, ideal):
    """Without weights. Of planes that are smaller than a block, that of the whole."""
    mean = blocks if min(made.shape) >= BLOCK else numpy.mean
    mx, my = mean(made), mean(ideal)
    vx, vy, cov = mean(made * made) - mx * mx, mean(ideal * ideal) - my * my, mean(made * ideal) - mx * my
    like = (2 * mx * my + 6.5025) * (2 * cov + 58.5225) / ((mx * mx + my * my + 6.5025) * (vx + vy + 58.5225))
    return float(numpy.mean(like))


def psnr(made, ideal):
    square = float(numpy.mean((made - ideal) ** 2))
    return 10 * math.log10(65025 / square) if square > 1e-6 else 99.0


def edge(made, ideal):
    """The mean difference of the worst outermost row or column, less that of the whole."""
    away = abs(made - ideal)
    return float(max(away[0].mean(), away[-1].mean(), away[:, 0].mean(), away[:, -1].mean()) - away.mean())


def shift(made, ideal):
    """What moves one onto the other, in px, in the sense of least squares."""
    gx, gy = ideal[1:-1, 2:] - ideal[1:-1, :-2], ideal[2:, 1:-1] - ideal[:-2, 1:-1]
    t = 2 * (ideal - made)[1:-1, 1:-1]
    xx, xy, yy, xt, yt = ((a * b).sum() for a, b in ((gx, gx), (gx, gy), (gy, gy), (gx, t), (gy, t)))
    size = xx * yy - xy * xy
    return float(math.hypot(xt * yy - yt * xy, yt * xx - xt * xy) / size) if size else 0.0


def figures(made, ideal):
    """In the order of NAMES."""
    return [ssim(m, w) for m, w in zip(made, ideal)] + [f(made[0], ideal[0]) for f in (psnr, edge, shift)]


def to_picture(planes):
    """Back to something that can be looked at."""
    away = planes - numpy.array([0, 128, 128]).reshape(3, 1, 1)
    bands = numpy.tensordot(numpy.linalg.inv(WEIGHTS), away, 1)
    return Image.fromarray(numpy.clip(numpy.moveaxis(bands, 0, -1).round(), 0, 255).astype("uint8"))
