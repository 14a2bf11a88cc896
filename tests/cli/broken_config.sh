# Every error of a config at once, each with its place.
cat >typos.yaml <<'END'
name: typos
sorce:
  files: { roots: [in] }
stages:
  - thumbnial:
      sizes: []
executor: { thread: { workers: 4 } }
on_error: { halt: 5%, retires: 2 }
END
cat >values.yaml <<'END'
name: values
source:
  files: { roots: [in], links: maybe, min_age: 3 fortnights }
stages:
  - thumbnail:
      sizes:
        - { name: small, width: 0, height: 256 }
        - { name: small, width: wide, height: 70000, fit: stretch, quality: 101 }
        - { width: 100 }
      to: out/{dir}/{nmae}.{ext}
executor: { work-stealing: { workers: -1 } }
state: [a, b]
on_error: { halt: 500%, retries: many }
END
cat >syntax.yaml <<'END'
name: syntax
source: { files: { roots: [in }
END
cat >twice.yaml <<'END'
name: twice
name: again
source: { files: { roots: "${NIGHTMILL_TEST_UNSET}" } }
stages:
  - thumbnail: { sizes: [{ name: s, width: 1, height: 1 }], to: "../{name}.jpg" }
  - thumbnail: *nowhere
END
cat >home.yaml <<'END'
name: home
source: { files: { roots: [~/pictures] } }
stages:
  - thumbnail: { sizes: [{ name: s, width: 1, height: 1 }], to: "~/thumbnails/{name}.jpg" }
END
cat >home_state.yaml <<'END'
name: home
source: { files: { roots: ["~"] } }
stages:
  - thumbnail: { sizes: [{ name: s, width: 1, height: 1 }], to: "out/{name}.jpg" }
state: ~/home.db
END
printf '' >empty.yaml
printf 'name: latin\nsource: \xe9\n' >latin.yaml
for name in typos values syntax twice home home_state empty latin; do
	echo "--- $name"
	nightmill check $name.yaml; echo "exit $?"
done 2>&1
ls
