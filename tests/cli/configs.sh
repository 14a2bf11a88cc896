# Every shipped config makes what it should of the sample data, and the second run has nothing to do.
umask 022
mkdir data
cp -R "$ROOT/data/photos" data/photos
cp "$ROOT"/data/*.csv data
cp -R "$ROOT/configs" configs
find data -type f -exec touch -d '2025-06-01 12:00' {} +
for name in thumbnails gallery uploads postcards; do
	echo "--- $name"
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
	tree out/$name
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
done
ls -A out/*
for name in secret-santa coffee-rounds; do
	echo "--- $name"
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
	nightmill run configs/$name.yaml; echo "exit $?"
	counts state/$name.db
	nightmill pair check configs/$name.yaml
done
for folder in santa coffee; do
	stat -c '%a' out/$folder/* | sort | uniq -c
	grep -L . out/$folder/*
done
grep -c ' and ' out/coffee/* | grep -vc ':0'
