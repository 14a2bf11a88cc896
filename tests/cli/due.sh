# `due` gives of each record the reminder that is due now: as days and hours pass, before and after the clock is changed.
cat >meetings.csv <<'CSV'
id,title,date,time,zone,every,until,participants
board,Board,2026-03-30,09:00,Europe/Berlin,,,ann;yui
skipped,At night,2026-03-29,02:30,Europe/Berlin,,,ann
twice,At night again,2026-10-25,02:30,Europe/Berlin,,,ann
party,All day,2026-03-30,,,,,ann;yui
weekly,Every week,2025-12-29,14:00,America/New_York,week,2026-04-13,ann
stamp,With an offset,2026-03-30 09:00:00+02,,,,,ann
bad date,Bad,2026-02-30,10:00,Europe/Berlin,,,ann
bad time,Bad,2026-03-30,25:00,Europe/Berlin,,,ann
bad zone,Bad,2030-01-01,10:00,Europe/Berln,,,ann
bad rule,Bad,2026-03-30,10:00,Europe/Berlin,weekly,,ann
CSV
cat >people.csv <<'CSV'
name,zone,language
ann,Europe/Berlin,de
yui,Asia/Tokyo,en
CSV
echo '{who}: {title} {due.left} ({due.days} d): {due.start} {due.zone}, {due.utc}, {due.lead} since {due.when}{^due.time}, all day{/due.time}' >line.txt
cat >test.yaml <<'YAML'
name: test
stores:
  meetings: { csv: { path: meetings.csv } }
  people: { csv: { path: people.csv } }
source:
  table: { store: meetings, key: id }
stages:
  - split: { field: participants, as: who, separator: ";" }
  - lookup: { store: people, key: "{who}", as: person, fields: [zone, language] }
  - due:
      date: "{date}"
      time: "{time}"
      zone: "{zone}"
      recipient_zone: "{person.zone}"
      language: "{person.language}"
      every: "{every}"
      until: "{until}"
      leads: [7d, 1d, 2h]
      catch_up: 3d
  - render: { template: line.txt, as: text }
  - write: { to: "out/{id}-{who}-{due.lead}-{due.utc}.txt", from: text }
executor: { sequential: {} }
state: test.db
YAML
plain() { tr '-' '.'; } # no time for the harness to hide
at() {          # at TIME [OPTION...]: the reminders that are made
	echo "--- at $1" | plain
	rm -rf out test.db
	nightmill run test.yaml --now "$@" >/dev/null 2>&1
	cat out/*.txt 2>/dev/null | plain
}
for now in 2026-03-22T22:59:59Z 2026-03-22T23:00:00Z 2026-03-28T23:10:00Z 2026-03-28T23:30:00Z 2026-03-29T14:59:00Z \
	2026-03-29T15:00:00Z 2026-03-30T00:00:00+02:00 2026-03-30T08:59:00+02:00 2026-03-30T09:00:00+02:00 \
	2026-04-13T12:00:00-04:00 2026-04-19T12:00:00-04:00 2026-10-25T00:10:00+02:00; do
	at $now
done
echo '--- the other one of two, and none for what is skipped'
at 2026-10-25T02:10:00+02:00
at 2026-10-25T02:10:00+02:00 --set stages.2.due.overlap=second
at 2026-03-29T01:00:00+01:00
at 2026-03-29T01:00:00+01:00 --set stages.2.due.gap=skip
echo '--- what fails'
rm -rf out test.db
nightmill run test.yaml --now 2026-03-22T23:00:00Z 2>/dev/null
echo "exit $?"
nightmill failures test.yaml | plain
echo '--- a second run'
nightmill run test.yaml --now 2026-03-22T23:00:00Z
echo "exit $?"
nightmill explain test.yaml --now 2026-03-29T15:00:00Z | plain
echo '--- a range of dates'
rm -f test.db
explain() { nightmill explain test.yaml --now 2026-03-22T23:30:00Z "$@" 2>&1 | grep -v '^executor' | plain; }
explain --set 'source.table.where=[{field: date, from: today-1d, before: today+10d}]'
for wrong in '{field: date}' '{field: date, from: todayish}' '{field: date, before: today}' '{field: date, from: today, is: [x]}'; do
	explain --set "source.table.where=[$wrong]"
done
