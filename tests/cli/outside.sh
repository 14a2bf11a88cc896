# Nothing is written outside the output root.
config
picture in/a.jpg
mkdir out elsewhere
ln -s ../elsewhere out/sub
picture in/sub/b.jpg
nightmill run test.yaml; echo "exit $?"
for to in '../out/{name}' '/{name}' '{name}' 'out/../../{name}' 'out/{dir}/../{name}' 'in/{name}'; do
	echo "--- $to"
	nightmill run test.yaml --set "stages.0.thumbnail.to='$to'"; echo "exit $?"
done
echo '--- everything there is'
rm -rf test.db*
tree .
