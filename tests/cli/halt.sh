# Too many failures stop the run.
config
mkdir in
for number in $(seq 1 30); do
	head -c $((2000 + number)) "$ROOT/data/photos/orientation/2.jpg" >in/$number.jpg
done
age in/*
nightmill run test.yaml --set on_error.halt=5; echo "exit $?"
nightmill failures test.yaml | wc -l
