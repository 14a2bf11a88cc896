# Files that are too young are counted by themselves, with the time at which the last of them is old enough; they are no empty folder.
mkdir pictures
cp "$ROOT/data/photos/sunset.webp" pictures/old.webp
cp "$ROOT/data/photos/sunset.webp" pictures/new.webp
cp "$ROOT/data/photos/sunset.webp" pictures/newer.webp
touch -d '2025-06-01 12:00' pictures/old.webp
touch -d '2100-01-01 12:00' pictures/new.webp
touch -d '2100-01-02 12:00' pictures/newer.webp
cat >test.yaml <<'YAML'
name: test
source: { files: { roots: [pictures], exclude: ["old*"], min_age: 1h } }
stages: [ thumbnail: { sizes: [ { name: s, width: 16 } ], to: "out/{path}-{size}.{ext}" } ]
executor: { sequential: {} }
state: test.db
YAML
young() { grep -o '[0-9]* left out.*' | sed -e 's/:00:00$/ sharp/' -e 's/-/./g'; }
nightmill run test.yaml; echo "exit $?"
nightmill run test.yaml --progress plain 2>&1 | young
echo '--- one is due'
nightmill run test.yaml --progress plain --set 'source.files.exclude=["new.webp"]' 2>&1 | young
nightmill run test.yaml --progress json --set 'source.files.exclude=["new.webp"]' 2>&1 | grep -o '"young":[0-9]*' | sort -u
echo '--- as late as there is a time'
touch -d '2262-04-11 23:00' pictures/newer.webp
nightmill run test.yaml --progress plain 2>&1 | young
echo '--- nothing there'
rm pictures/*
nightmill run test.yaml; echo "exit $?"
