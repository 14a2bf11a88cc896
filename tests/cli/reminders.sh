# configs/reminders.yaml: who is told what at a given moment, each in their own zone and language, as mails in an outbox; there is always
# something to see; a second run adds nothing.
umask 022
cp -R "$ROOT/configs" configs
mkdir data
cp "$ROOT"/data/*.csv data
nightmill run configs/reminders.yaml --now 2026-03-28T04:00:00Z; echo "exit $?"
ls out/outbox
nightmill run configs/reminders.yaml --now 2026-03-28T04:00:00Z; echo "exit $?"
counts state/reminders.db
grep -h "^Subject" out/outbox/*.eml | tr -d "\r" | sort | uniq -c
tr -d '\r' <'out/outbox/garden~omar.haddad@example.org~2026-03-29~1d.eml' | sed -n '/^$/,$p'
echo '--- every day of the year has something'
for day in 01-01 02-29 03-29 06-30 10-25 12-31; do
	nightmill run configs/reminders.yaml --now 2028-$day'T03:30:00Z' --dry-run 2>&1 >/dev/null | grep -c 'would be made'
done
