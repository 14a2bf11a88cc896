nightmill help
for name in run thumbnail files forked; do
	echo "--- $name"
	nightmill help $name
done
