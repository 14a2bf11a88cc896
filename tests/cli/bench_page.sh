# The page of `bench` as a browser shows it, without a network: at two widths, plots drawn, no complaint of the scripts.
command -v chromium >/dev/null || skip 'there is no chromium'
config
for number in 1 2 3; do picture in/$number.jpg; done
nightmill bench test.yaml --items 3 --rounds 2 --workers 1,2 --html page.html >figures; echo "exit $?"
grep -ciE '(src|href)=.?https?:' page.html
browse() { # browse OPTION...: opens the page; what its scripts complain of comes out
	timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --force-device-scale-factor=1 \
		--user-data-dir="$PWD/browser" --enable-logging=stderr "$@" "file://$PWD/page.html" 2>browser.log
	grep CONSOLE browser.log
	rm -rf browser
}
browse --virtual-time-budget=5000 --dump-dom >dom
"$PYTHON" - dom <<'END'
import html.parser, sys

class Page(html.parser.HTMLParser):
    rows, heads, plots, choices, inside = 0, [], 0, 0, ""
    def handle_starttag(self, tag, attributes):
        self.inside = tag
        self.rows += tag == "tr"
        self.choices += tag == "option"
        self.plots += tag == "canvas" and int(dict(attributes).get("width", 0)) > 100
    def handle_data(self, text):
        if self.inside in ("h1", "h2") and text.strip():
            self.heads.append(text.strip())

page = Page()
page.feed(open(sys.argv[1]).read())
print(page.rows, "rows,", page.plots, "plots,", page.choices, "choices;", *page.heads, sep=" | ")
END
for width in 1280 480; do
	browse --window-size=$width,2000 --screenshot="$PWD/$width.png"
	"$PYTHON" - $width.png <<'END'
import sys
from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB")
colours = dict((colour, count) for count, colour in picture.getcolors(1 << 24))
lines = [(0x2f, 0x7d, 0xe1), (0xe0, 0x7b, 0x39), (0x1f, 0x9d, 0x72)]
print(picture.width, "px: lines and bars are", "drawn" if all(colours.get(line, 0) > 50 for line in lines) else colours)
END
done
