# Every shipped config makes thumbnails of the sample pictures, and the second run has nothing to do.
mkdir data
cp -R "$ROOT/data/photos" data/photos
cp -R "$ROOT/configs" configs
find data -type f -exec touch -d '2025-06-01 12:00' {} +
for name in thumbnails gallery uploads; do
	echo "--- $name"
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
	tree out/$name
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
done
ls -A out/*
