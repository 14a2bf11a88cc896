"""The programs that are measured: how each is started in the best form that is known for many files, for the same result.

All make JPEGs of 4:2:0 with the same quality, upright, without metadata, with the standard's Huffman tables, never larger than the
source; what is damaged is shown as far as it goes. A program is a row of PROGRAMS; commands(job) are to be run one after another."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
SHARP = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "nightmill", "peers")
BATCH = 64  # files that a process of vipsthumbnail or mogrify is given
ENDINGS = ("jpg", "jpeg", "png", "webp", "tif", "tiff", "gif", "bmp")
CONFIG = """
name: measured
source:
  files: {{ roots: ["{folder}"], include: ["**/*.{{{endings}}}"], hidden: yes }}
stages:
  - thumbnail:
      sizes:
{sizes}
      to: "{out}/{{width}}/{{dir}}/{{stem}}.{{ext}}"
      on_damage: keep
on_error: {{ halt: 100% }}
state: {scratch}/measured.db
"""
SIZE = "        - {{ name: s{side}, width: {side}, height: {side}, format: {format}, quality: {quality} }}"


@dataclass
class Job:
    folder: str  # what nightmill walks; everyone else gets its files by name
    files: list
    sides: list  # px
    out: str
    scratch: str  # for lists and configs
    workers: int = 2
    format: str = "jpg"
    quality: int = 80
    profiles: bool = False  # whether the others are told to convert to sRGB, as nightmill and sharp do by themselves

    def list(self, files=None, name="files"):
        """The files, each with a NUL behind it, in a file."""
        path = os.path.join(self.scratch, name + ".list")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("".join(name + "\0" for name in (self.files if files is None else files)))
        return path

    def spread(self, command, files=None, name="files"):
        """Command, given the files in batches, in as many processes as there are workers."""
        files = self.files if files is None else files
        batch = max(1, min(BATCH, -(-len(files) // self.workers)))
        return ["xargs", "-0", "-r", "-a", self.list(files, name), "-n", str(batch), "-P", str(self.workers)] + command


def find_pictures(folder):
    """All files below it that end like pictures, in order."""
    found = []
    for at, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(at, n) for n in sorted(names) if n.lower().rpartition(".")[2] in ENDINGS]
    return found


def nightmill(job):
    sizes = [SIZE.format(side=s, format="jpeg" if job.format == "jpg" else job.format, quality=job.quality) for s in job.sides]
    endings = ",".join(ENDINGS + tuple(e.upper() for e in ENDINGS))
    config = os.path.join(job.scratch, "measured.yaml")
    with open(config, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=job.folder, out=job.out, sizes="\n".join(sizes), endings=endings, scratch=job.scratch))
    for left in ("measured.db", "measured.db-wal", "measured.db-shm"):
        if os.path.exists(os.path.join(job.scratch, left)):
            os.remove(os.path.join(job.scratch, left))
    return [[os.path.join(ROOT, "nightmill"), "run", config, "--workers", str(job.workers), "--progress", "none"]]


def pillow(pool, gap):
    def commands(job):
        script = ["/usr/bin/python3", os.path.join(HERE, "pillow.py"), pool, str(job.workers), str(gap)]
        settings = [job.out, job.format, str(job.quality), str(int(job.profiles))]
        return [script + [job.list()] + settings + [str(side) for side in job.sides]]
    return commands


def sharp(job):
    script = ["node", os.path.join(HERE, "sharp.js"), SHARP, str(job.workers)]
    return [script + [job.list(), job.out, job.format, str(job.quality)] + [str(side) for side in job.sides]]


def has_profile(path):
    """As far as the head of a file shows it."""
    with open(path, "rb") as file:
        head = file.read(1 << 18)
    return any(mark in head for mark in (b"ICC_PROFILE\0", b"iCCP", b"ICCP", b"acsp"))


def vipsthumbnail(job):
    """It darkens pictures without a profile where it is told to convert, so they are told apart."""
    commands = []
    for side in job.sides:
        base = ["env", "VIPS_CONCURRENCY=1", "vipsthumbnail", "--size", "%dx%d>" % (side, side), "-o",
                os.path.join(job.out, str(side), "%s." + job.format + ("[Q=%d,strip]" % job.quality if job.format == "jpg" else ""))]
        groups = [("files", job.files, [])]
        if job.profiles:
            groups = [("with", [f for f in job.files if has_profile(f)], ["--export-profile", "srgb"]),
                      ("without", [f for f in job.files if not has_profile(f)], [])]
        commands += [job.spread(base + more, files, name) for name, files, more in groups]
    return commands


def imagemagick_tool():
    """Debian calls version 6 `mogrify`, version 7 `magick mogrify`."""
    return ["magick", "mogrify"] if shutil.which("magick") else ["mogrify"]


def magick(job, side, tool, path, hint):
    """In the folder of the files, since GraphicsMagick puts their whole names behind that of the output folder."""
    box = "%dx%d" % (side, side)
    settings = ["-define", "jpeg:optimize-coding=false", "-sampling-factor", "2x2", "-quality", str(job.quality)]
    start = ["env", "-C", os.path.dirname(job.files[0]), "OMP_NUM_THREADS=1", "MAGICK_THREAD_LIMIT=1"]
    command = start + tool + [path, os.path.join(job.out, str(side)), "-format", job.format] + hint
    names = [os.path.basename(name) for name in job.files]
    return job.spread(command + ["-auto-orient", "-thumbnail", box + ">", "-strip"] + settings, names, "names")


def imagemagick(job):
    """`jpeg:size` at twice the side, as its manual has it."""
    return [magick(job, s, imagemagick_tool(), "-path", ["-define", "jpeg:size=%dx%d" % (2 * s, 2 * s)]) for s in job.sides]


def graphicsmagick(job):
    """`-size` at the side, as its manual has it."""
    return [magick(job, s, ["gm", "mogrify"], "-output-directory", ["-size", "%dx%d" % (s, s)]) for s in job.sides]


def said(*command):
    """The first number with a dot in what a command prints, or None where there is no such command."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.search(r"\d+\.[\w.-]+", run.stdout + run.stderr)
    return found.group() if found and run.returncode == 0 else None


def sharp_version():
    script = "const v = require(process.argv[1]).versions; console.log(v.sharp + ' (libvips ' + v.vips + ')')"
    run = subprocess.run(["node", "-e", script, os.path.join(SHARP, "node_modules", "sharp")], capture_output=True, text=True,
                         check=False) if shutil.which("node") else None
    return run.stdout.strip() if run and run.returncode == 0 else None


def install_sharp():
    """By npm, into a folder of the cache; whether it is there then."""
    if not sharp_version() and shutil.which("npm"):
        os.makedirs(SHARP, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", "sharp"], cwd=SHARP, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return sharp_version()


def pillow_version():
    return said("/usr/bin/python3", "-c", "import PIL; print(PIL.__version__)")


# Name, how its commands come about, its version or None where it is not there, and what to do about that.
PROGRAMS = {
    "nightmill": (nightmill, lambda: said(os.path.join(ROOT, "nightmill"), "version"), "make"),
    "sharp": (sharp, install_sharp, "needs node and npm, and a registry that can be reached"),
    "vipsthumbnail": (vipsthumbnail, lambda: said("vipsthumbnail", "--vips-version"), "apt-get install libvips-tools"),
    "Pillow, processes": (pillow("processes", 2), pillow_version, "apt-get install python3-pil"),
    "Pillow, threads": (pillow("threads", 2), pillow_version, "apt-get install python3-pil"),
    "Pillow, draft only": (pillow("processes", 1), pillow_version, "apt-get install python3-pil"),
    "GraphicsMagick": (graphicsmagick, lambda: said("gm", "version"), "apt-get install graphicsmagick"),
    "ImageMagick": (imagemagick, lambda: said(imagemagick_tool()[0], "-version"), "apt-get install imagemagick"),
}


def find(only=()):
    """{name: what makes its commands} of those that can be measured, and nightmill. Says which version they are, or why not."""
    there = {}
    for name, (make, version, advice) in PROGRAMS.items():
        if only and name != "nightmill" and not any(word.lower() in name.lower() for word in only):
            continue
        number = version()
        print("%-20s %s" % (name, number or "is not here: " + advice))
        if number:
            there[name] = make
    if "nightmill" not in there:
        sys.exit("nightmill is not here: make")
    return there
