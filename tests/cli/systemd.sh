# The timer's service is tied down, and starts at an hour that every clock has once a day (tests/unit/test_zone.c).
command -v systemd-analyze >/dev/null || skip 'no systemd-analyze here'
units=$ROOT/configs/systemd/nightmill-reminders
systemd-analyze security --offline=yes --threshold=10 $units.service >analysed 2>&1 || cat analysed
sed -n 's/.*\(Overall exposure level\).*: \([0-9.]*\).*/\1 \2/p' analysed
systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' $units.timer)" | sed -n 's/ *Normalized form: \*-\*-\* //p'
grep -v '^#' "$ROOT/configs/systemd/crontab" | cut -d ' ' -f 1-5
