# `workers: auto` for real: a quota of a control group, a limit on its memory. Where none can be made, fake trees in
# tests/unit/test_auto.c stand for them.
config
picture in/a.jpg

auto() { # auto WHAT COMMAND...: what it chose; numbers that depend on the machine are left out
	printf '%s: ' "$1"
	shift
	"$@" nightmill explain test.yaml --set 'executor={work-stealing: {workers: auto}}' | tail -n 1 |
		sed -e 's/executor work-stealing, //' -e 's/ \(worker\|cpu\)/-\1/g'
}

within() { # within GROUP COMMAND...: runs it as a member of that control group
	(echo "$BASHPID" >"$1/cgroup.procs" && shift && exec "$@")
}

group() { # group CONTROLLER: makes a group below ours, whose path it prints
	local mount own
	mount=$(awk -v controller="$1" '$0 ~ " - cgroup .*[ ,]" controller "(,|$)" { print $5; exit }' /proc/self/mountinfo)
	own=$(awk -F: -v controller="$1" '("," $2 ",") ~ ("," controller ",") { print $3 }' /proc/self/cgroup)
	[ -n "$mount" ] && [ -d "$mount$own" ] && mkdir "$mount$own/nightmill-$$" 2>/dev/null && echo "$mount$own/nightmill-$$"
}

cpus=$(nproc)

cpu=$(group cpu) || skip 'no control group of version 1 can be made'
memory=$(group memory) || { rmdir "$cpu"; skip 'no control group of version 1 can be made'; }
trap 'rmdir "$cpu" "$memory"' EXIT
echo 100000 >"$cpu/cpu.cfs_period_us"
echo 100000 >"$cpu/cpu.cfs_quota_us"
echo $((500 << 20)) >"$memory/memory.limit_in_bytes"
auto 'a quota of one CPU' within "$cpu" | sed -e "s/: $cpus-cpus/: all CPUs/" -e 's/, memory allows.*//'
auto '500 MiB of memory' within "$memory" | sed -e "s/: $cpus-cpus/: all CPUs/" -e 's/, cgroup quota [^,]*//'
