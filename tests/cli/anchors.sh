# Anchors, aliases and merge keys.
picture in/a.jpg
cat >test.yaml <<'END'
name: test
source: { files: { roots: [in] } }
stages:
  - thumbnail:
      sizes:
        - &small { name: small, width: 64, height: 64, quality: 70 }
        - { <<: *small, name: wide, width: 96 }
      to: out/{name}-{size}-{width}.{ext}
executor: { sequential: {} }
state: test.db
END
nightmill run test.yaml; echo "exit $?"
tree out
