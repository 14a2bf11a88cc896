# Any bytes are a name.
config
picture $'in/new\nline.jpg'
picture $'in/latin-\xe9.jpg'
picture 'in/a.jpg[shrink=8]'
picture 'in/-v.jpg'
picture 'in/ space .jpg'
picture 'in/{name}.jpg'
picture 'in/%s%n.jpg'
picture 'in/"quote'"'"'.jpg'
picture $'in/\e[31mred\a.jpg'
picture 'in/..jpg'
picture "in/$(printf 'x%.0s' $(seq 1 255))"
picture 'in/no extension'
picture 'in/WRONG.png'
nightmill run test.yaml --set 'stages.0.thumbnail.to=out/{name}'; echo "exit $?"
counts
tree out
nightmill failures test.yaml
nightmill run test.yaml --set 'stages.0.thumbnail.to=out/{name}'; echo "exit $?"
counts
