config
picture in/a.jpg
nightmill history test.yaml; echo "exit $?"
nightmill run test.yaml && nightmill run test.yaml || exit
nightmill history test.yaml
