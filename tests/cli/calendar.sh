# The source `calendar`: rules, what is added, left out, changed and cancelled, in all the ways that files name zones.
mkdir -p team/sub team/.hidden
cat >head <<'ICS'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//test
ICS
event() { # event UID LINE...
	printf 'BEGIN:VEVENT\nUID:%s\n' "$1"
	shift
	printf '%s\n' "$@" END:VEVENT
}
{
	cat head
	printf '%s\n' BEGIN:VTIMEZONE TZID:Office X-LIC-LOCATION:Europe/Berlin BEGIN:STANDARD DTSTART:19701025T030000 \
		TZOFFSETFROM:+0200 TZOFFSETTO:+0100 END:STANDARD END:VTIMEZONE
	event daily 'DTSTART;TZID=Office:20260328T023000' 'DTEND;TZID=Office:20260328T033000' 'RRULE:FREQ=DAILY;COUNT=6' \
		'EXDATE;TZID=Office:20260331T023000' 'SUMMARY:At night\, every\; day' ' \, folded\nand on' \
		'ATTENDEE;CN="Lee; Ann: x";ROLE=CHAIR:mailto:ann@example.org' 'ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org' \
		'ATTENDEE:MAILTO:eve@example.org' 'ORGANIZER:mailto:boss@example.org' BEGIN:VALARM 'SUMMARY:not this' END:VALARM
	event daily RECURRENCE-ID:20260330T003000Z 'DTSTART;TZID=W. Europe Standard Time:20260330T153000' SUMMARY:Moved SEQUENCE:3
	event daily 'RECURRENCE-ID;TZID=Office:20260401T023000' STATUS:CANCELLED 'DTSTART;TZID=Office:20260401T023000'
	event until 'DTSTART;TZID=America/New_York:20260327T220000' 'RRULE:FREQ=DAILY;UNTIL=20260329T020000Z'
	event untilday 'DTSTART;TZID=America/New_York:20260327T220000' 'RRULE:FREQ=DAILY;UNTIL=20260328'
	event added DTSTART:20260328T100000Z 'RDATE:20260329T110000Z,20260328T100000Z' 'RDATE;VALUE=PERIOD:20260330T120000Z/PT1H' \
		'RDATE;VALUE=DATE:20260331' DURATION:PT90M
	event dayout 'DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20260328T090000' 'RRULE:FREQ=DAILY;COUNT=3' 'EXDATE;VALUE=DATE:20260329'
	event birthday 'DTSTART;VALUE=DATE:19310329' RRULE:FREQ=YEARLY 'DTEND;VALUE=DATE:19310330'
	event floating DTSTART:20260329T100000
	event once 'RRULE:FREQ=MONTHLY;BYDAY=-1SU' 'DTSTART;TZID="Europe/London":20260118T010000'
	event off STATUS:CANCELLED DTSTART:20260329T100000Z
	event past DTSTART:20260101T100000Z
	event far DTSTART:20260601T100000Z
	echo END:VCALENDAR
} >team/a.ics
{
	cat head
	event 'no zone' 'DTSTART;TZID=Nowhere/Land:20260329T100000'
	event 'no start' SUMMARY:x
	event minutely DTSTART:20260329T100000 RRULE:FREQ=MINUTELY
	event nonsense DTSTART:20260329T100000 RRULE:FREQ=SOMETIMES
	event 'no day' DTSTART:20260230T100000
	event range RECURRENCE-ID\;RANGE=THISANDFUTURE:20260330T003000Z DTSTART:20260329T100000
	event exrule DTSTART:20260329T100000 EXRULE:FREQ=DAILY
	event latin DTSTART:20260329T100000 "$(printf 'SUMMARY:caf\xe9')"
	event 'still good' DTSTART:20260329T110000
	printf 'BEGIN:VEVENT\nUID:cut\nDTSTART:2026'
} >team/sub/b.ics
{ cat head; event crlf DTSTART:20260329T120000Z SUMMARY:Lines; echo END:VCALENDAR; } | sed 's/$/\r/' >team/sub/c.ICS
echo 'uid,date' >team/sub/d.ics
cp team/sub/c.ICS team/.hidden/x.ics
ln -s ../a.ics team/sub/link.ics
echo not a calendar >team/notes.txt
cat >test.yaml <<'YAML'
name: test
source:
  calendar: { paths: [team], horizon: 30d, past: 3d }
stages:
  - render: { template: line.txt, as: text }
  - write: { to: "out/{uid}-{occurrence}.txt", from: text }
executor: { sequential: {} }
state: test.db
YAML
echo '{uid} {occurrence} [{title}] {date}, {time} in {zone} to {end} <{participants}> by {organizer}, {sequence} {status} {file}' >line.txt
plain() { tr '-' '.'; } # no time for the harness to hide
show() {
	rm -rf out test.db
	nightmill run test.yaml --now 2026-03-28T00:00:00Z "$@" 2>errors
	echo "exit $?"
	cat out/* 2>/dev/null | plain
	grep -v '^test:' errors | plain
}
show
echo '--- the first of its end, and what is cancelled too'
show --set 'source.calendar.paths=[team/a.ics]' --set source.calendar.horizon=1d --set source.calendar.past=0s --set source.calendar.cancelled=yes
echo '--- no file'
show --set 'source.calendar.paths=[absent.ics]'
mkdir empty
show --set 'source.calendar.paths=[empty]'
show --set 'source.calendar.paths=[/dev/null]'
