# What is too large is refused by its header, and the message names the option.
config
picture in/valley.jpg valley.jpg
picture in/harbour.jpg holiday/harbour.jpg
picture in/small.jpg
calm='--set on_error.halt=100%'
for option in max_pixels=5 max_memory=16MiB max_bytes=500kB; do
	echo "--- $option"
	rm -rf out test.db*
	nightmill run test.yaml $calm --set stages.0.thumbnail.$option; echo "exit $?"
	tree out
done
echo '--- the limit lifted'
nightmill run test.yaml $calm; echo "exit $?"
tree out
