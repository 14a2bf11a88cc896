# How a picture meets its box, the rounding, alpha and backgrounds.
picture in/wide.jpg valley.jpg
picture in/tall.jpg "holiday/café.jpg"
picture in/glass.png charts/glass.png
picture in/leaf.webp charts/leaf.webp
picture in/grey.jpg "charts/zone plate.jpg"
cat >test.yaml <<'END'
name: test
source: { files: { roots: [in] } }
stages:
  - thumbnail:
      sizes:
        - { name: inside, width: 100, height: 70 }
        - { name: outside, width: 100, height: 70, fit: outside }
        - { name: cover, width: 100, height: 70, fit: cover }
        - { name: contain, width: 100, height: 70, fit: contain, format: png }
        - { name: fill, width: 100, height: 70, fit: fill }
        - { name: big, width: 5000, height: 5000, format: same }
        - { name: jpeg, width: 90, height: 90, format: jpeg, background: "#ff0000" }
        - { name: webp, width: 90, height: 90, format: webp }
      to: out/{name}-{size}-{width}.{ext}
executor: { threads: { workers: 2 } }
state: test.db
END
nightmill run test.yaml || exit
"$PYTHON" - <<'END'
import glob
from PIL import Image
for path in sorted(glob.glob("out/*")):
    made = Image.open(path)
    corner = made.convert("RGBA").getpixel((0, 0))
    alpha = "transparent corner" if corner[3] < 9 else "opaque corner"
    red = ", red" if corner[0] > 220 and max(corner[1:3]) < 40 else ""
    print(path, made.format, made.mode, "%dx%d" % made.size, alpha + red, "info:", sorted(set(made.info) & {"exif", "icc_profile", "comment"}))
END
