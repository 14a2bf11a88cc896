# Two pictures for one path: the second is an error that names the first.
config
picture in/a/x.jpg
picture in/b/x.jpg orientation/3.jpg
nightmill run test.yaml --set 'stages.0.thumbnail.to=out/{name}'; echo "exit $?"
tree out
nightmill failures test.yaml
echo '--- again'
nightmill run test.yaml --set 'stages.0.thumbnail.to=out/{name}'; echo "exit $?"
