# Who was told of a meeting is told when it is moved, changed, cancelled or on again: once, and no one else.
cat >people.csv <<'CSV'
email,zone,language
ann@example.org,Europe/Berlin,en
eve@example.org,Asia/Tokyo,de
CSV
cat >test.yaml <<'YAML'
name: test
stores: { people: { csv: { path: people.csv } } }
source:
  calendar: { paths: [team.ics], cancelled: yes }
stages:
  - split: { field: participants, as: email, separator: ";" }
  - lookup: { store: people, key: "{email}", as: person, fields: [zone, language] }
  - due:
      date: "{date}"
      time: "{time}"
      zone: "{zone}"
      recipient_zone: "{person.zone}"
      language: "{person.language}"
      sequence: "{sequence}"
      status: "{status}"
      corrections: yes
      leads: [1d, 2h]
      catch_up: 3d
  - render: { template: text.txt, as: text }
  - mail: { to: "{email}", subject: "{title}", text: text, via: { maildir: { path: out } } }
executor: { sequential: {} }
state: test.db
YAML
cat >text.txt <<'TXT'
{title} for {email}:
{due.tells} ({due.lead})
at {due.start}{#due.was}, was {due.was}{/due.was}{#due.cancelled}: not at all{/due.cancelled}
TXT
event() { # event UID START LINE...
	printf '%s\n' BEGIN:VEVENT "UID:$1" "SUMMARY:$1" "DTSTART;TZID=Europe/Berlin:$2" ATTENDEE:mailto:ann@example.org
	shift 2
	printf '%s\n' "$@" END:VEVENT
}
eve=ATTENDEE:mailto:eve@example.org
calendar() { # calendar: from the events on standard input
	{ printf '%s\n' BEGIN:VCALENDAR VERSION:2.0; cat; echo END:VCALENDAR; } >team.ics
}
run() { # run TIME WHAT [OPTION...]: what is told
	echo "--- $2"
	rm -rf out
	nightmill run test.yaml --yes --progress none --now "$1" "${@:3}" || echo "exit $?"
	for mail in out/new/*; do
		[ ! -f "$mail" ] || sed '1,/^\r\?$/d' "$mail" | tr -d '\r' | tr '\n-' ' .'
		echo
	done | grep . | sort
}
night=2026-03-27T03:00:00Z
{ event talk 20260328T140000; event other 20260328T100000; event far 20260520T100000; } | calendar
run $night 'told of two'
run $night 'nothing new'
{ event talk 20260328T160000 SEQUENCE:1 $eve; event other 20260328T100000; event far 20260521T100000 SEQUENCE:1; } | calendar
run $night 'one is moved, and Eve was never told'
run $night 'nothing new'
run 2026-03-28T13:00:00Z 'the next lead as usual, of the one that is still to come'
{ event talk 20260328T163000 SEQUENCE:2 $eve; } | calendar
run 2026-03-28T13:05:00Z 'moved again: the latest alone, and Eve knew'
{ event talk 20260328T163000 SEQUENCE:2 STATUS:CANCELLED $eve; } | calendar
run 2026-03-28T13:10:00Z 'cancelled, with the number as it was'
run 2026-03-28T13:10:00Z 'nothing new'
{ event talk 20260328T163000 SEQUENCE:4; } | calendar
run 2026-03-28T13:20:00Z 'on again, without Eve'
$PYTHON - <<'PY'
import sqlite3
with sqlite3.connect("test.ledger") as ledger: # as a run leaves it that is killed
    ledger.execute("UPDATE deeds SET state = 2 WHERE CAST(key AS TEXT) LIKE '%changed:4'")
PY
run 2026-03-28T13:21:00Z 'killed over it'
nightmill mail settle test.yaml ann@example.org --as done
{ event talk 20260328T163000 SEQUENCE:5; } | calendar
run 2026-03-28T13:25:00Z 'a higher number, same start'
run 2026-03-28T13:25:00Z 'nothing new'

rm -f test.*db* test.ledger*
series='RRULE:FREQ=DAILY;COUNT=5'
event sync 20260327T120000 "$series" | calendar
run $night 'a series'
run 2026-03-28T03:00:00Z 'its next day'
event sync 20260327T120000 "$series" 'EXDATE;TZID=Europe/Berlin:20260329T120000' SEQUENCE:1 | calendar
run 2026-03-28T04:00:00Z 'left out, and the number of the whole series went up'
run 2026-03-28T04:00:00Z 'nothing new'
{ event sync 20260327T120000 "$series" SEQUENCE:2
	event sync 20260330T180000 'RECURRENCE-ID;TZID=Europe/Berlin:20260330T120000' SEQUENCE:2; } | calendar
run 2026-03-29T03:00:00Z 'on again at noon; the day after is moved before anyone was told of it'

echo '--- rows of a table'
rm -f test.*db* test.ledger*
sed -e 's/^stores:.*/stores: { people: { csv: { path: people.csv } }, rows: { csv: { path: rows.csv } } }/' \
	-e 's/calendar: {.*/table: { store: rows, key: id }/' -e '/sequence:/d' -e 's/status: .*/&\n      every: "{every}"/' test.yaml >table.yaml
mv test.yaml calendar.yaml
mv table.yaml test.yaml
rows() { { echo 'id,title,date,time,zone,every,status,participants'; printf '%s,ann@example.org\n' "$@"; } >rows.csv; }
rows 1,Talk,2026-03-28,14:00,Europe/Berlin,, 2,Daily,2026-01-01,15:00,Europe/Berlin,day, 3,Old,2026-03-27,12:00,Europe/Berlin,,
run $night 'told'
rows 1,Talk,2026-03-29,10:00,Europe/Berlin,, 2,Daily,2026-01-01,15:00,Europe/Berlin,day,cancelled 3,Old,2026-03-27,12:00,Europe/Berlin,,
run 2026-03-27T23:30:00Z 'one is moved, another cancelled'
rows 1,Talk,2026-03-28,14:00,Europe/Berlin,, 3,Old,2026-04-27,12:00,Europe/Berlin,,
run 2026-03-28T03:00:00Z 'put back; what is past is used again for another'
talk=1,Talk,2026-03-28,14:00,Europe/Berlin,,
for what in cancelled 'on again' 'cancelled again' 'nothing new' 'on again'; do
	case $what in on*) rows $talk ;; *) rows ${talk}cancelled ;; esac
	run 2026-03-28T03:30:00Z "$what"
done
rows 1,Talk,2026-03-28,16:00,Europe/Berlin,,
run 2026-03-28T03:40:00Z moved
rows $talk
run 2026-03-28T03:40:00Z 'put back again'
mv calendar.yaml test.yaml

echo '--- a row stands for several people'
sed -i -e '/split:/d' -e '/lookup:/d' -e 's/^  - render/  - split: { field: participants, as: email, separator: ";" }\n&/' \
	-e '/person/d' test.yaml
rm -f test.*db* test.ledger*
event talk 20260328T140000 | calendar
run $night 'told'
event talk 20260328T150000 $eve | calendar
run $night 'moved'
