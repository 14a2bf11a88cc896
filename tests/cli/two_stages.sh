# Two stages of one pipeline: each makes its own, and neither may write over the other.
picture in/2.jpg
config
cat >two.yaml <<'END'
name: two
source: { files: { roots: [in] } }
stages:
  - thumbnail: { sizes: [ { name: small, width: 64, height: 64 } ], to: "out/{name}-{size}.{ext}" }
  - thumbnail: { sizes: [ { name: tiny, width: 16, height: 16, format: png } ], to: "out/{name}-{size}.{ext}" }
END
nightmill run two.yaml; echo "exit $?"
tree out
sed -i 's/name: tiny/name: small/; s/, format: png//' two.yaml
nightmill run two.yaml; echo "exit $?"
