# The layout of file managers: names, sizes, tags, and fail/ for what cannot be made.
cat >test.yaml <<-'END'
	name: test
	source:
	  files: { roots: [in] }
	stages:
	  - thumbnail:
	      layout: freedesktop
	      sizes:
	        - { name: normal }
	        - { name: x-large }
	      to: cache/thumbnails
	executor: { sequential: {} }
	state: test.db
END
picture in/a.jpg orientation/5.jpg
picture "in/sub/odd ü#%?;'[x].png" charts/glass.png
picture in/short.jpg
head -c 20000 in/short.jpg >in/s && mv in/s in/short.jpg
age in/* in/sub/*
touch -d '2020-02-02 02:02:02.9' in/a.jpg
calm='--set on_error.halt=100%'
cat >judge.py <<'PYTHON'
# Names by GLib and MD5, tags by the specification.
import ctypes, ctypes.util, glob, hashlib, os, stat
from PIL import Image
glib = ctypes.CDLL("libglib-2.0.so.0")
glib.g_filename_to_uri.restype = ctypes.c_char_p
known = {}
for folder, _, names in os.walk("in"):
    for name in names:
        path = os.path.join(folder, name)
        uri = glib.g_filename_to_uri(os.path.abspath(path).encode(), None, None)
        known[hashlib.md5(uri).hexdigest()] = (path, uri.decode())
for made in sorted(glob.glob("cache/thumbnails/**/*.png", recursive=True), key=lambda p: (os.path.dirname(p), known.get(os.path.basename(p)[:-4], ("?", ""))[0])):
    path, uri = known.get(os.path.basename(made)[:-4], ("?", ""))
    picture = Image.open(made)
    tags = dict(picture.text)
    source = os.stat(path)
    right = (tags.pop("Thumb::URI") == uri and tags.pop("Thumb::MTime") == str(int(source.st_mtime)) and tags.pop("Thumb::Size") == str(source.st_size))
    print(os.path.dirname(made)[17:], path, picture.mode, picture.size, oct(stat.S_IMODE(os.stat(made).st_mode)), tags, "" if right else "WRONG")
PYTHON
nightmill run test.yaml $calm; echo "exit $?"
"$PYTHON" judge.py
echo '--- nothing to do'
nightmill run test.yaml $calm; counts
echo '--- touched: the tag is renewed'
touch -d '2021-03-03' in/a.jpg
nightmill run test.yaml $calm; counts
"$PYTHON" judge.py | grep WRONG
echo '--- mended: the note is gone'
picture in/short.jpg orientation/3.jpg
for executor in forked threads; do
	nightmill run test.yaml $calm --executor $executor; counts
done
find cache -type f | grep -c fail
echo '--- sizes of other names'
nightmill check test.yaml --set 'stages.0.thumbnail.sizes.0.name=small' 2>&1; echo "exit $?"
