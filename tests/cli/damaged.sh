# A damaged picture is its own failure: told once, remembered, and tried again when it changes.
config
for number in 1 2 3; do picture in/$number.jpg; done
head -c 20000 in/1.jpg >in/short.jpg
age in/*
calm='--set on_error.halt=100%'
nightmill run test.yaml $calm; echo "exit $?"
echo '--- the next night'
nightmill run test.yaml $calm; echo "exit $?"
nightmill run test.yaml $calm --strict; echo "strict: exit $?"
nightmill failures test.yaml
echo '--- once more, as asked'
nightmill run test.yaml $calm --retry-failed; echo "exit $?"
echo '--- kept'
nightmill run test.yaml $calm --set stages.0.thumbnail.on_damage=keep; echo "exit $?"
tree out
echo '--- mended'
picture in/short.jpg orientation/3.jpg
nightmill run test.yaml $calm; echo "exit $?"
nightmill failures test.yaml
