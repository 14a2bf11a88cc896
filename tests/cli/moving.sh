# Animations: the frame that is asked for, or all of them as an animated WebP.
"$PYTHON" -c 'from PIL import features; import sys; sys.exit(not features.check("webp_anim"))' || skip 'there is no Pillow with animated WebP'
cat >test.yaml <<-'END'
	name: test
	source:
	  files: { roots: [in] }
	stages:
	  - thumbnail:
	      sizes:
	        - { name: still, width: 20, height: 20, format: png }
	        - { name: moving, width: 30, height: 20, format: webp, animated: yes, lossless: yes }
	        - { name: cut, width: 10, height: 20, fit: cover, crop: attention, format: webp, animated: yes, lossless: yes }
	      to: out/{name}-{size}.{ext}
	executor: { sequential: {} }
	state: test.db
END
mkdir in
"$PYTHON" - <<'END'
from PIL import Image
frames = [Image.new("RGB", (60, 40), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
for frame in frames:
    frame.paste((255, 255, 255), (40, 0, 60, 40))
times = {"duration": [40, 0, 300], "loop": 0}
frames[0].save("in/a.gif", save_all=True, append_images=frames[1:], **times)
frames[0].save("in/b.webp", save_all=True, append_images=frames[1:], lossless=True, duration=[40, 50, 300], loop=2)
frames[0].save("in/c.gif")
glass = [Image.new("RGBA", (60, 40), (0, 0, 255, alpha)) for alpha in (0, 128, 255)]
glass[0].save("in/d.webp", save_all=True, append_images=glass[1:], lossless=True, duration=100)
END
head -c $(($(stat -c %s in/a.gif) * 3 / 4)) in/a.gif >in/short.gif
age in/*
cat >show.py <<'PYTHON'
import glob
from PIL import Image
for path in sorted(glob.glob("out/*")):
    picture = Image.open(path)
    count = getattr(picture, "n_frames", 1)
    print(path, picture.size, "loop %d" % picture.info["loop"] if count > 1 else "still", end=":")
    for frame in range(count):
        picture.seek(frame)
        picture.load()
        print(" %s %s" % (picture.convert("RGBA").getpixel((4, 4)), picture.info.get("duration", "")), end="")
    print()
PYTHON
for frame in 1 2; do
	echo "--- frame $frame"
	nightmill run test.yaml --set on_error.halt=100% --set stages.0.thumbnail.frame=$frame 2>/dev/null; echo "exit $?"
	"$PYTHON" show.py
done
nightmill failures test.yaml
echo '--- all frames together are too many pixels'
"$PYTHON" -c 'from PIL import Image
frames = [Image.new("L", (1000, 1000), n) for n in range(3)]
frames[0].save("in/large.gif", save_all=True, append_images=frames[1:])'
age in/large.gif
nightmill run test.yaml --set stages.0.thumbnail.max_pixels=2 --set on_error.halt=100% 2>&1 | grep large
echo '--- damaged ones kept'
rm in/large.gif
nightmill run test.yaml --set stages.0.thumbnail.on_damage=keep; echo "exit $?"
"$PYTHON" show.py | grep short
echo '--- alone'
nightmill check test.yaml --set stages.0.thumbnail.sizes.1.format=jpeg 2>&1; echo "exit $?"
