# A dry run and explain change nothing; a limit does a part.
config
for number in 1 2 3 4; do picture in/$number.jpg; done
nightmill run test.yaml --dry-run; echo "exit $?"
nightmill explain test.yaml
ls -A
nightmill run test.yaml --limit 3; echo "exit $?"
counts
touch -d '2025-07-01 12:00' in/1.jpg
nightmill explain test.yaml
nightmill explain test.yaml in/1.jpg
nightmill explain test.yaml in/5.jpg; echo "exit $?"
nightmill explain test.yaml --set stages.0.thumbnail.sizes.0.quality=50 in/2.jpg
