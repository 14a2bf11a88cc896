# Formats that come through libvips, by content and not by name.
config
mkdir in
"$PYTHON" - <<'END'
from PIL import Image
picture = Image.radial_gradient("L").convert("RGB")
for name in ("a.gif", "b.tiff", "c.bmp", "d.ppm"):
    picture.save("in/" + name)
END
mv in/a.gif in/a.jpg
age in/*
nightmill run test.yaml; echo "exit $?"
counts
tree out
nightmill failures test.yaml

echo '--- documents only where they are asked for'
rm -rf in out test.db*
mkdir in
cat >in/drawing.svg <<'SVG'
<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="8" height="4" fill="#00f"/></svg>
SVG
"$PYTHON" - <<'END'
from PIL import Image
pages = [Image.new("RGB", (60, 40), colour) for colour in ("red", "green", "blue")]
for name in ("pages.pdf", "pages.tiff", "pages.gif"):
    pages[0].save("in/" + name, save_all=True, append_images=pages[1:])
pages[0].save("in/one.png")
END
age in/*
nightmill run test.yaml; echo "exit $?"
counts
colours() {
	"$PYTHON" - <<'END'
import glob
from PIL import Image
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path).convert("RGB")
    pixel = picture.getpixel((9, 9))
    print(path, picture.size, ("red", "green", "blue")[pixel.index(max(pixel))])
END
}
formats='--set stages.0.thumbnail.formats=[common,svg,pdf]'
nightmill run test.yaml $formats; echo "exit $?"
counts
colours
for frame in 2 9; do
	echo "--- page $frame, or the last"
	nightmill run test.yaml $formats --set stages.0.thumbnail.frame=$frame; echo "exit $?"
	counts
	colours
done
echo '--- one kind alone'
nightmill run test.yaml --set 'stages.0.thumbnail.formats=[png]' --force; counts
nightmill check test.yaml --set 'stages.0.thumbnail.formats=[jpg, nothing]' 2>&1; echo "exit $?"
