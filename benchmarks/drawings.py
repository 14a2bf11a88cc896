"""Pictures that are hard to make smaller, each as a JPEG of 4:2:0, one of 4:4:4, and a PNG."""

import os

import numpy
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1603, 1205  # multiples of nothing
TEXT = "Sphinx of black quartz, judge my vow. 0123456789 "


def ground():
    return numpy.mgrid[0:HEIGHT, 0:WIDTH].astype(float)


def grey(values):
    return Image.fromarray(numpy.clip(values.round(), 0, 255).astype("uint8")).convert("RGB")


def zone_plate():
    """Rings of every frequency, up to one px at the left and the right edge."""
    y, x = ground()
    return grey(127.5 + 127.5 * numpy.cos(numpy.pi * ((x - WIDTH / 2) ** 2 + (y - HEIGHT / 2) ** 2) / WIDTH))


def columns():
    return grey(ground()[1] % 2 * 255)


def rows():
    return grey(ground()[0] % 2 * 255)


def chequers():
    """Of one px in the upper half, two in the lower."""
    y, x = ground()
    step = numpy.where(y < HEIGHT / 2, 1, 2)
    return grey((x // step + y // step) % 2 * 255)


def text():
    """From 11 px to 88 px high."""
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    font, at = ImageFont.load_default(), 0
    for scale in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 6, 6, 8, 8):
        line = Image.new("RGB", (WIDTH // scale, 13), "white")
        ImageDraw.Draw(line).text((1, 1), TEXT * 6, fill="black", font=font)
        line = line.resize((line.width * scale, line.height * scale), Image.BICUBIC)
        page.paste(line, (0, at))
        at += line.height
    return page


def red_and_blue():
    """Slanted bars, from 2 to 60 px wide."""
    y, x = ground()
    width = 2 + x * 58 / WIDTH
    blue = ((x + y / 3) % (2 * width) < width)[..., None]
    return Image.fromarray(numpy.where(blue, [0, 0, 255], [255, 0, 0]).astype("uint8"))


def star():
    """Rays in two colours of the same brightness."""
    y, x = ground()
    ray = (numpy.sin(48 * numpy.arctan2(y - HEIGHT / 2, x - WIDTH / 2)) > 0)[..., None]
    return Image.fromarray(numpy.where(ray, [0, 150, 90], [210, 70, 90]).astype("uint8"))


def make(folder):
    """All of them, by name, in order."""
    paths = []
    for draw in (zone_plate, columns, rows, chequers, text, red_and_blue, star):
        picture, name = draw(), os.path.join(folder, draw.__name__.replace("_", "-"))
        for ending, options in (("420.jpg", {"quality": 95, "subsampling": 2}), ("444.jpg", {"quality": 95, "subsampling": 0}),
                                ("rgb.png", {})):
            paths.append(name + "-" + ending)
            picture.save(paths[-1], **options)
    return paths
