# A manifest for each picture: what was made, ready for srcset, with a dominant colour and a ThumbHash.
cat >test.yaml <<-'END'
	name: test
	source:
	  files: { roots: [in] }
	stages:
	  - thumbnail:
	      sizes:
	        - { name: small, width: 64, height: 64 }
	        - { name: large, width: 120, height: 120 }
	        - { name: webp, width: 64, height: 64, format: webp }
	        - { name: same, width: 32, format: same }
	      to: out/{dir}/{name}-{size}.{ext}
	      manifest: out/{dir}/{name}.{ext}
	executor: { sequential: {} }
	state: test.db
END
picture 'in/a b, c.jpg' orientation/5.jpg
picture in/glass/glass.png charts/glass.png
"$PYTHON" - <<'END'
from PIL import Image
picture = Image.new("RGB", (90, 60), (200, 40, 30))
picture.paste((0, 0, 255), (0, 0, 30, 60))
picture.save("in/two.png")
Image.new("L", (50, 100), 77).save("in/grey.png")
END
echo text >in/note.txt
age in/*
nightmill run test.yaml; echo "exit $?"
counts
tree out
sed -E -e '/"name"/ s/"bytes": [0-9]+, "hash": "[^"]*"/"bytes": N, "hash": "H"/' -e 's/"dominant": "[^"]*"/"dominant": "C"/' 'out/a b, c.jpg.json'
cat >judge.py <<'PYTHON'
import glob, json, os
from PIL import Image
for path in sorted(glob.glob("out/**/*.json", recursive=True)):
    said = json.load(open(path))
    for one in said["thumbnails"]:
        made = "out/" + one["path"]
        picture = Image.open(made)
        right = (picture.size == (one["width"], one["height"]) and os.path.getsize(made) == one["bytes"]
                 and Image.MIME[picture.format] == one["type"])
        if not right:
            print(made, "is not as said:", one)
    look = (said["dominant"], said["thumbhash"]) if path.startswith(("out/two", "out/grey")) else ()
    print(path, *look, sorted(said["srcset"]))
PYTHON
"$PYTHON" judge.py
digest out >first
echo '--- alone, and with one of the sizes'
rm out/two.png.json out/grey.png-webp.webp out/grey.png.json
nightmill run test.yaml; counts
[ "$(digest out)" = "$(cat first)" ] && echo 'the same bytes'
nightmill run test.yaml; counts
echo '--- another size changes the manifest'
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.width=60
counts
"$PYTHON" judge.py
echo '--- elsewhere'
nightmill check test.yaml --set 'stages.0.thumbnail.manifest=other/{name}.json' 2>&1; echo "exit $?"
nightmill check test.yaml --set 'stages.0.thumbnail.manifest=out/all.json' 2>&1; echo "exit $?"
