#!/usr/bin/python3
"""Thumbnails as a Pillow script makes them: pillow.py WORKERS SIDE OUT FILE..."""

import os
import sys
from multiprocessing import Pool

from PIL import Image, ImageOps

SIDE = int(sys.argv[2])
OUT = sys.argv[3]


def thumbnail(path):
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (SIDE, SIDE))
            picture.thumbnail((SIDE, SIDE), Image.LANCZOS, reducing_gap=2.0)
            picture = ImageOps.exif_transpose(picture).convert("RGB")
            picture.save(os.path.join(OUT, os.path.basename(path) + ".jpg"), quality=80)
    except OSError as error:
        print(path, error, file=sys.stderr)


if __name__ == "__main__":
    workers = int(sys.argv[1])
    if workers == 1:
        for name in sys.argv[4:]:
            thumbnail(name)
    else:
        with Pool(workers) as pool:
            pool.map(thumbnail, sys.argv[4:], chunksize=1)
