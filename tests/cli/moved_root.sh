# The root was renamed: the pictures are the same, their names are not; the paths go over to them.
for number in 2 3 5; do picture in/$number.jpg orientation/$number.jpg; done
config
nightmill run test.yaml
first=$(digest out)
mv in pictures
nightmill run test.yaml --set 'source.files.roots=[pictures]'; echo "exit $?"
counts
nightmill run test.yaml --set 'source.files.roots=[pictures]'; echo "exit $?"
counts
[ "$(digest out)" = "$first" ] && echo 'same bytes'
nightmill prune test.yaml --set 'source.files.roots=[pictures]'; echo "exit $?"
[ "$(digest out)" = "$first" ] && echo 'same bytes'
