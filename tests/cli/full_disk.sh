# A full disk stops the run and is nobody's failure; with room again it goes on.
[ "$(id -u)" = 0 ] || skip 'only root can mount a small disk'
config
mkdir out
mount -t tmpfs -o size=40k none out 2>/dev/null || skip 'nothing can be mounted here'
trap 'umount -l out' EXIT
for number in $(seq 1 30); do picture in/$number.jpg; done
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.width=256 --set stages.0.thumbnail.sizes.0.height=256
echo "exit $?"
nightmill failures test.yaml
mount -o remount,size=4m out
nightmill run test.yaml --set stages.0.thumbnail.sizes.0.width=256 --set stages.0.thumbnail.sizes.0.height=256
echo "exit $?"
tree out | wc -l
ls -A out | grep '^\.'
true
