# A good night says nothing at all.
config
picture in/a.jpg
nightmill run test.yaml; echo "exit $?"
nightmill run test.yaml; echo "exit $?"
