# Rounds that another tool has drawn count as history: the latest by their names, behind those that nightmill drew itself.
cat >santa.yaml <<'YAML'
name: santa
stores:
  people: { csv: { path: people.csv } }
  earlier: { csv: { path: earlier.csv } }
source:
  table: { store: people, key: id }
stages:
  - pair: { round: "11", history: 1, past: { store: earlier }, seed: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef }
  - write: { to: "out/{id}", from: receiver }
executor: { sequential: {} }
YAML
printf '%s\n' id a b c >people.csv
printf '%s\n' round,giver,receiver 9,a,b 9,b,c 9,c,a 10,a,c 10,c,b 10,b,a 10,gone,a >earlier.csv
draw() { # draw OPTION...: who gives to whom, from scratch unless KEEP is set
	[ -n "${KEEP-}" ] || rm -rf state
	rm -rf out
	nightmill run santa.yaml "$@" 2>&1 | grep -v '^$'
	[ -n "$(ls out 2>/dev/null)" ] && (cd out && for giver in *; do echo "$giver $(cat "$giver")"; done | tr '\n' ','; echo)
	return 0
}
commitment() { nightmill pair verify santa.yaml "$@" | grep commitment; }
echo '--- the one before'
draw
commitment >first
echo '--- both'
draw --set stages.0.pair.history=2
echo '--- both, the older one gives way'
draw --set stages.0.pair.history=2 --set stages.0.pair.soften=yes
echo '--- what nightmill drew is later than any of them'
draw
KEEP=yes draw --set stages.0.pair.round=12
KEEP=yes draw --set stages.0.pair.round=13
echo '--- a round that nightmill drew counts as that'
draw --set stages.0.pair.round=9
KEEP=yes draw --set stages.0.pair.round=10 --set stages.0.pair.history=2
echo '--- rows in another order are the same draw'
(head -n 1 earlier.csv; tail -n +2 earlier.csv | tac) >turned.csv
draw --set stores.earlier.csv.path=turned.csv
commitment --set stores.earlier.csv.path=turned.csv | cmp - first
echo '--- without names of rounds'
printf '%s\n' giver,receiver a,b b,c c,a >earlier.csv
draw
draw --set stages.0.pair.history=5 --set stores.earlier.csv.path=turned.csv
echo '--- other keys'
printf '%s\n' giver,receiver Ann,Bob Bob,Ann >earlier.csv
draw | head -n 1
echo '--- mistakes'
nightmill check santa.yaml --set stages.0.pair.history=0 2>&1
nightmill check santa.yaml --set stages.0.pair.past.store=people 2>&1
nightmill check santa.yaml --set stages.0.pair.past.store=earlir 2>&1
true
