# Values from the environment, which no output shows.
config
picture in/a.jpg
sed -i 's/roots: \[in\]/roots: ["${PICTURES}"]/' test.yaml
nightmill run test.yaml; echo "exit $?"
export PICTURES=in
nightmill run test.yaml; echo "exit $?"
tree out
nightmill check test.yaml | grep roots
