# Pictures within mails: `thumbnail` with `as` makes fields of them, within a budget of bytes; nothing is written, and who has no picture gets a
# mail without one. Whatever the executor, the mails are the same bytes.
"$PYTHON" -c 'from PIL import Image' || skip 'there is no Pillow'
mkdir faces
cp "$ROOT/data/photos/valley.jpg" "$ROOT/data/photos/sunset.webp" faces
echo 'no picture' >faces/words.jpg
cat >people.csv <<'CSV'
id,email,face
1,ann@example.org,valley.jpg
2,bo@example.org,sunset.webp
3,cy@example.org,
CSV
echo 'Hello.' >t.txt
printf '<p>Hello <img src="cid:face.small" alt="you"> <img src="cid:face.icon" alt="you">\n' >t.html
cat >mail.yaml <<'YAML'
name: mail
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - thumbnail:
      from: "faces/{face}"
      as: face
      sizes:
        - { name: small, width: 480, height: 480, quality: 90, budget: 12KiB }
        - { name: icon, width: 48, height: 48, fit: cover, format: png, budget: 2000B }
  - render: { template: t.txt, as: text }
  - render: { template: t.html, as: html }
  - mail: { to: "{email}", from: mill@example.org, subject: Hello, text: text, html: html, inline: [face.small, face.icon], via: { outbox: { path: out } } }
executor: { sequential: {} }
state: mail.db
YAML
cat >read.py <<'PY'
import email, email.policy, io, sys
from PIL import Image
for path in sys.argv[1:]:
    mail = email.message_from_bytes(open(path, "rb").read(), policy=email.policy.default)
    print(path)
    for part in mail.walk():
        kind = part.get_content_type()
        if not kind.startswith("image/"):
            print("   ", kind)
            continue
        data = part.get_content()
        picture = Image.open(io.BytesIO(data))
        picture.load()
        print("   ", kind, part["Content-ID"], part.get_content_disposition(), picture.format, max(picture.size), len(data) <= (12288 if "small" in part["Content-ID"] else 2000))
PY
for executor in sequential threads forked work-stealing; do
	rm -rf out mail.db*
	nightmill run mail.yaml --executor $executor; echo "$executor: exit $?"
	rm out/index.html
	digest out >now
	[ -e first ] || cp now first
	cmp now first
done
rm now first
tree .| grep -v '^out\|^mail.db\|faces'
"$PYTHON" read.py out/1.eml out/2.eml out/3.eml
echo '--- smaller budgets: quality first, then sides'
for budget in 100KiB 20KiB 10KiB 2KiB 700B; do
	nightmill run mail.yaml --limit 1 --force --set state=one.db --set stages.0.thumbnail.sizes.0.budget=$budget
	"$PYTHON" - $budget <<'PY'
import email, email.policy, io, sys
from PIL import Image
mail = email.message_from_bytes(open("out/1.eml", "rb").read(), policy=email.policy.default)
data = [part for part in mail.walk() if part.get_content_type() == "image/jpeg"][0].get_content()
picture = Image.open(io.BytesIO(data))
most = int(sys.argv[1].rstrip("KiB")) * (1024 if "KiB" in sys.argv[1] else 1)
print(sys.argv[1], max(picture.size), "fits" if len(data) <= most else "TOO LARGE", "quantiser", picture.quantization[0][0])
PY
done
echo '--- what is wrong'
try() { nightmill run mail.yaml --force --limit 1 --set state=one.db "$@" 2>&1 | grep -v '^ *$'; }
try --set stages.0.thumbnail.sizes.0.budget=100B | head -1
try --set stages.0.thumbnail.from='faces/words.jpg' | head -1
try --set stages.0.thumbnail.from='faces/none.jpg' | head -1
try --set stages.0.thumbnail.from='"{face}"'
try --set stages.0.thumbnail.to='out/{id}.jpg'
try --set stages.0.thumbnail.as='""'
try --set stages.0.thumbnail.as=text
try --set stages.0.thumbnail.manifest='out/{id}.json'
try --set stages.0.thumbnail.sizes.0.format=webp --set stages.0.thumbnail.sizes.0.animated=yes
try --set stages.3.mail.inline='[face]'
