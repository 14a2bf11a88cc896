# Upright whatever the camera wrote, and no tag left. A thumbnail of the upright picture and the upright thumbnail differ by what
# the codec loses.
config
for number in 2 3 5 8; do picture in/$number.jpg orientation/$number.jpg; done
picture "in/6.jpg" "holiday/café.jpg"
if [ "$SHARED" ]; then cp "$SHARED"/pictures/orientation/*.jpg in/; age in/*; fi
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.width=200 --set stages.0.thumbnail.sizes.0.height=200 \
	--set stages.0.thumbnail.sizes.0.quality=95 || exit
cat >judge.py <<'END'
import glob, os
from PIL import Image, ImageChops, ImageOps, ImageStat
wrong = 0
for path in sorted(glob.glob("in/*.jpg")):
    made = Image.open("out/%s-small.jpg" % os.path.basename(path))
    wanted = ImageOps.exif_transpose(Image.open(path)).convert("RGB").resize(made.size, Image.LANCZOS)
    away = max(ImageStat.Stat(ImageChops.difference(made.convert("RGB"), wanted)).mean)
    turned = max(ImageStat.Stat(ImageChops.difference(made.convert("RGB"), wanted.rotate(180))).mean)
    if away > 4 or away > turned / 2 or made.getexif():
        wrong += 1
        print(path, made.size, "differs by %.1f of 255" % away, dict(made.getexif()))
print("wrong:", wrong)
END
"$PYTHON" judge.py
