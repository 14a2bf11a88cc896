#!/usr/bin/python3
"""Thumbnails as a Pillow script makes them.

    pillow.py POOL WORKERS GAP LIST OUT FORMAT QUALITY PROFILES SIDE...

POOL is `processes` or `threads`; LIST a file of names with a NUL behind each; GAP how many times too large a picture is decoded at
least (Pillow's `reducing_gap`; 1 is the fastest that `draft` has). PROFILES is 1 where colours are to be converted to sRGB, or 0. The
largest side comes from the decode, each other one from the next larger. OUT/SIDE/NAME.FORMAT is written."""

import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool

from PIL import Image, ImageCms, ImageOps

POOL, WORKERS, GAP, LIST, OUT, FORMAT, QUALITY, PROFILES = sys.argv[1:9]
SIDES = sorted(map(int, sys.argv[9:]), reverse=True)
STANDARD = ImageCms.createProfile("sRGB")


def to_srgb(picture, profile):
    """Relative colorimetric, with black point compensation."""
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    if profile and PROFILES == "1":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, STANDARD, 1, "RGB", flags=0x2000)
        except ImageCms.PyCMSError:
            pass
    return picture if picture.mode == "L" and FORMAT == "jpg" else picture.convert("RGB")


def thumbnails(path):
    name = os.path.splitext(os.path.basename(path))[0]
    try:
        with Image.open(path) as picture:
            profile = picture.info.get("icc_profile")
            for side in SIDES:
                gap = float(GAP)
                if gap == 1:  # `thumbnail` asks for twice the size by itself
                    picture.draft(None, (side, side))
                picture.thumbnail((side, side), Image.LANCZOS, reducing_gap=max(gap, 2))
                made = to_srgb(ImageOps.exif_transpose(picture), profile)
                made.save(os.path.join(OUT, str(side), name + "." + FORMAT), quality=int(QUALITY))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        print(path, error, file=sys.stderr)


def main():
    with open(LIST, encoding="utf-8", errors="surrogateescape") as file:
        paths = file.read().split("\0")[:-1]
    workers = int(WORKERS)
    if workers == 1:
        for path in paths:
            thumbnails(path)
    elif POOL == "threads":
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(thumbnails, paths))
    else:
        with Pool(workers) as pool:
            chunk = max(1, min(16, len(paths) // (16 * workers)))
            list(pool.imap_unordered(thumbnails, paths, chunksize=chunk))


if __name__ == "__main__":
    main()
