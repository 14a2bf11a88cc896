# `render` makes a text of each row, `write` puts it into a file: the same bytes under every executor, again where the template
# or the row has changed, and what is wrong with a template is told before anything is written.
mkdir t
cat >people.csv <<'CSV'
id,name,language,wishes,born
ann,Ann & Co,en,"tea, ""green""",2001-03-01
bob,Böb,de,,1999-12-24
eve,Eve,xx,a kite,soon
CSV
cat >t/letter.en.txt <<'END'
Dear {name},
{#wishes}
you wish for {wishes}.
{/wishes}
{^wishes}
you wish for nothing.
{/wishes}
{! not for you }
{#born}Born on {born}.{/born}
END
echo 'Hallo {name}, geboren am {born|longdate}!' >t/letter.de.txt
cat >letters.yaml <<'YAML'
name: letters
stores:
  people: { csv: { path: people.csv } }
source:
  table: { store: people, key: id }
stages:
  - render: { template: "t/letter.{language}.txt", fallback: en, language: "{language}", as: text }
  - write: { to: "out/{id}.txt", from: text }
executor: { sequential: {} }
state: letters.db
YAML
umask 022
for executor in sequential threads forked work-stealing; do
	rm -rf out letters.db*
	nightmill run letters.yaml --executor $executor || echo "exit $?"
	digest out
done
for name in ann bob eve; do echo "--- $name"; cat out/$name.txt; done
stat -c '%a %n' out/ann.txt

echo '--- what is due again'
nightmill run letters.yaml; counts letters.db
rm out/bob.txt
nightmill run letters.yaml; counts letters.db
sed -i 's/a kite/two kites/' people.csv
nightmill explain letters.yaml eve
nightmill run letters.yaml; counts letters.db; grep kites out/eve.txt
echo 'Lieber {name}' >t/letter.de.txt
nightmill run letters.yaml; counts letters.db; cat out/bob.txt

echo '--- by what it is'
echo '<p title="{name}">{name|raw}</p>' >t/page.html
nightmill run letters.yaml --set 'stages.0.render={template: t/page.html, as: text}' --set stages.1.write.to='pages/{id}.html' --set stages.1.write.mode='"0640"'
cat pages/ann.html; stat -c '%a' pages/ann.html
echo '{name},{wishes}' >t/row.csv
nightmill run letters.yaml --set 'stages.0.render={template: t/row.csv, as: text}' --set stages.1.write.to='rows/{id}.csv'
cat rows/ann.csv

echo '--- what is wrong'
printf 'Dear {naame},\n{#wishes}\n' >t/letter.de.txt
nightmill run letters.yaml; echo "exit $?"
rm t/letter.de.txt
try() { nightmill check letters.yaml "$@" >/dev/null; echo "exit $?"; }
try --set stages.0.render.fallback=fr
try --set 'stages.0.render.fallback=""'
try --set 'stages.0.render={template: t/none.txt, as: text}'
try --set 'stages.0.render={template: "t/{name}.{id}", as: text, fallback: x}'
try --set 'stages.0.render={template: t, as: name}'
try --set stages.1.write.from=txt
try --set stages.1.write.mode=0999
try --set stages.1.write.to=all.txt
try --set 'stages=[{render: {template: t/letter.en.txt, as: text}}]'
echo '{born|date}' >t/letter.xx.txt
nightmill run letters.yaml; echo "exit $?"
cat out/ann.txt | head -n 1
