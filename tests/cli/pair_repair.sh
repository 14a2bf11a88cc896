# People go and come after the draw: the run says so and writes nothing; the repair changes as few pairs as can be, never one's own
# or an excluded one, and the next run writes to those alone.
people() { echo id,home; printf '%s,\n' "$@"; }
cat >santa.yaml <<'YAML'
name: santa
stores:
  people: { csv: { path: people.csv } }
  made: { csv: { path: made.csv } }
source:
  table: { store: people, key: id }
stages:
  - pair: { round: "2026", exclude: [home] }
  - write: { to: "out/{id}.txt", from: receiver }
executor: { sequential: {} }
YAML
names='a b c d e f g h'
people $names >people.csv
quietly() { nightmill "$@" 2>/dev/null; }
quietly run santa.yaml
cp -R out before
people b c d e f g h i j >people.csv
nightmill run santa.yaml; echo "exit $?"
diff -r before out && echo untouched
nightmill pair check santa.yaml; echo "exit $?"
echo '--- not by accident'
nightmill pair repair santa.yaml; echo "exit $?"
nightmill pair repair santa.yaml --remove b --add i --add j; echo "exit $?"
echo '--- the repair'
nightmill pair repair santa.yaml --remove a --add i --add j; echo "exit $?"
nightmill pair repair santa.yaml; echo "exit $?"
nightmill run santa.yaml; echo "exit $?"
counts state/santa.db
diff -rq before out | sed 's/[b-h]\.txt/ONE/g' | sort
nightmill pair check santa.yaml
nightmill pair verify santa.yaml | grep -v '^[rcs]'
nightmill prune santa.yaml --yes | tail -n 1
(cd out; cat * | sort | uniq -d | wc -l; ls | wc -l)

echo '--- one ring stays one'
quietly run santa.yaml --set 'stages.0.pair={round: ring, cycle: single}' --set stages.1.write.to='ring/{id}'
people b c d e f i j k l >people.csv
nightmill pair repair santa.yaml --set 'stages.0.pair={round: ring, cycle: single}' --yes | sed 's/[0-9]* of 9/N of 9/; s/[0-9]* of them/N of them/'
nightmill pair check santa.yaml --set 'stages.0.pair={round: ring, cycle: single}'; echo "exit $?"

echo '--- a draw made elsewhere'
judge() { (echo giver,receiver; printf '%s\n' "$@") >made.csv; nightmill pair check santa.yaml made; echo "exit $?"; }
sed -i 's/^[bc],/&k/' people.csv
judge b,d c,e d,b e,c f,i i,f j,k k,l l,j
judge b,c c,b d,e e,d f,i i,f j,k k,l l,j
judge b,d c,d d,b e,c f,i i,f j,k k,l l,j
judge b,d b,e d,b e,c f,i i,f j,k k,zoe
nightmill pair check santa.yaml mad; echo "exit $?"
nightmill pair check santa.yaml people; echo "exit $?"
echo '--- the key is gone'
mv state/santa.key kept
nightmill run santa.yaml; echo "exit $?"
nightmill run santa.yaml --set stages.0.pair.round=2027; echo "exit $?"
mv kept state/santa.key; chmod 644 state/santa.key
nightmill run santa.yaml; echo "exit $?"
