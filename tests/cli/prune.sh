# Thumbnails whose picture is gone, or whose size is no longer wanted.
config
for number in $(seq 1 20); do picture in/$number.jpg; done
nightmill run test.yaml || exit
echo '--- nothing to prune'
nightmill prune test.yaml; echo "exit $?"
rm in/1.jpg
echo '--- one of twenty'
nightmill prune test.yaml; echo "exit $?"
tree out | wc -l
rm in/2.jpg in/3.jpg in/4.jpg in/5.jpg
echo '--- too many to be meant'
nightmill prune test.yaml; echo "exit $?"
tree out | wc -l
nightmill prune test.yaml --yes; echo "exit $?"
tree out | wc -l
echo '--- a size less, a stranger stays'
echo mine >out/mine.txt
nightmill run test.yaml --set 'stages.0.thumbnail.sizes=[{name: tiny, width: 16, height: 16}]' || exit
nightmill prune test.yaml --yes --set 'stages.0.thumbnail.sizes=[{name: tiny, width: 16, height: 16}]'; echo "exit $?"
tree out
echo '--- all gone'
rm -r in
nightmill prune test.yaml --yes; echo "exit $?"
tree out | wc -l
