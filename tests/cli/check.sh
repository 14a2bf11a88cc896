# The plan with every default, which reads back as itself.
picture in/a.jpg
config
nightmill check test.yaml || exit
nightmill check test.yaml >again.yaml
nightmill check again.yaml | diff again.yaml - && echo 'reads back as itself'
for root in absent test.yaml; do
	nightmill check test.yaml --set source.files.roots=$root | grep root
done
ls -A
