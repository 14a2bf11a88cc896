# --set overrides any value; what it gets wrong is named as its own place.
picture in/a.jpg
config
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.width=40 --set 'stages.0.thumbnail.sizes.0.format=png' || exit
tree out
"$PYTHON" -c 'from PIL import Image; print(Image.open("out/a.jpg-small.png").size)'
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.witdh=40; echo "exit $?"
nightmill run test.yaml --set stages.7.thumbnail=x; echo "exit $?"
nightmill run test.yaml --set nonsense; echo "exit $?"
