# Reminders out of a calendar: whatever the night, some are due; run again, there is nothing to do; what was moved is told as moved.
mkdir data
cp "$ROOT"/data/*.csv "$ROOT"/data/*.ics data
cp -R "$ROOT/configs" configs
for time in 2026-06-23T02:30:00Z 2026-06-23T02:30:00Z 2026-06-24T02:30:00Z; do
	nightmill run configs/reminders-calendar.yaml --now $time; echo "exit $?"
	counts state/reminders-calendar.db
done
grep -rh -A 1 '^To:' out/outbox-calendar --include='*.eml' | grep -v '^--' | LC_ALL=C sort | uniq -c
grep -rhA 8 'lunch for once is' out/outbox-calendar --include='*.eml' | tr '-' '.' | sort -u
nights=0
for day in 0{1..9} {10..31}; do
	nightmill explain configs/reminders-calendar.yaml --now 2027-01-${day}T02:30:00Z >explained 2>&1
	grep -q ': new$' explained && nights=$((nights + 1))
done
echo "$nights nights of 31"
