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
