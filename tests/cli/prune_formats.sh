# What is there under another claim, after another format, another folder or another age, stays.
for number in 2 3 5; do picture in/$number.jpg orientation/$number.jpg; done
config
same=stages.0.thumbnail.sizes.0.format=same
nightmill run test.yaml --set $same
nightmill run test.yaml
nightmill prune test.yaml --yes; echo "exit $?"
tree out
nightmill run test.yaml --set $same
nightmill prune test.yaml --set $same --yes; echo "exit $?"
tree out
echo '--- another folder'
other='stages.0.thumbnail.to=elsewhere/{name}-{size}.{ext}'
nightmill run test.yaml --set "$other"
nightmill prune test.yaml --set "$other" --dry-run; echo "exit $?"
nightmill prune test.yaml --set "$other" --yes; echo "exit $?"
nightmill prune test.yaml --yes | sort; echo "exit $?"
tree out
echo '--- too young to be taken, old enough to be kept'
rm -rf out elsewhere test.db*
nightmill run test.yaml
touch in/2.jpg
nightmill prune test.yaml --set source.files.min_age=1h --yes; echo "exit $?"
tree out
echo '--- a picture that became a text'
echo text >in/3.jpg; age in/3.jpg
nightmill run test.yaml
nightmill prune test.yaml --yes
echo '--- a dry run makes nothing'
rm -rf out test.db*
nightmill prune test.yaml --dry-run; echo "exit $?"
ls -A
