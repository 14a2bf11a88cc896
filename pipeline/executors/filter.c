/* The system calls that are denied. Denied, not deadly: a library that asks in vain goes on
 * without.
 */

#include "pipeline/executors/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

/* Whoever asks for them wants out. */
static const char *const filter_never[] = {
	/* other processes */
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease",
	"kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
	/* other views of the system */
	"mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen",
	"fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns",
	/* the kernel's machinery */
	"bpf", "keyctl", "add_key", "request_key", "perf_event_open", "userfaultfd", "init_module",
	"finit_module", "delete_module", "kexec_load", "kexec_file_load", "fanotify_init",
	"name_to_handle_at", "open_by_handle_at", "lookup_dcookie", "syslog", "quotactl",
	"quotactl_fd", "acct", "swapon", "swapoff", "reboot", "vhangup",
	/* the machine */
	"settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime",
	"clock_adjtime64", "stime", "sethostname", "setdomainname", "ioperm", "iopl", "modify_ldt",
	/* what Landlock does not guard, or not in its first versions */
	"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
	"chown32", "fchown32", "lchown32", "utime", "utimes", "futimesat", "utimensat",
	"utimensat_time64", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr",
	"fremovexattr", "truncate", "truncate64", "mknod", "mknodat",
	/* who it is */
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups",
	"setfsuid", "setfsgid", "setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32",
	"setresgid32", "setgroups32", "setfsuid32", "setfsgid32", "capset", NULL
};

static const char *const filter_network[] = { "socket", "connect", "bind", "listen", "accept",
	"accept4", NULL };

static const char *const filter_programs[] = { "execve", "execveat", "fork", "vfork", NULL };

/* A library that finds them missing takes an older way, whose arguments can be looked at. */
static const char *const filter_missing[] = { "clone3", "io_uring_setup", "io_uring_enter",
	"io_uring_register", NULL };

/* Signals: to itself alone, which abort() needs. */
static const char *const filter_signals[] = { "kill", "tgkill", "rt_sigqueueinfo",
	"rt_tgsigqueueinfo", NULL };

/* A call that this architecture, or libseccomp, does not know needs no rule. */
static bool filter_deny(scmp_filter_ctx filter, const char *const *names, int number)
{
	bool fine = true;
	for (; fine && *names; names++) {
		int call = seccomp_syscall_resolve_name(*names);
		if (call != __NR_SCMP_ERROR)
			fine = seccomp_rule_add(filter, SCMP_ACT_ERRNO(number), call, 0) == 0;
	}
	return fine;
}

static bool filter_deny_signals(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid());
	bool fine = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tkill), 0) == 0;
	for (const char *const *name = filter_signals; fine && *name; name++)
		fine = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM),
			       seccomp_syscall_resolve_name(*name), 1, &other) == 0;
	return fine;
}

/* Threads are allowed, processes not; keys pressed on the terminal are the user's. */
static bool filter_deny_arguments(scmp_filter_ctx filter, bool exec)
{
	const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
	const struct scmp_arg_cmp keys = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, TIOCSTI);
	const struct scmp_arg_cmp paste = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, TIOCLINUX);
	const uint32_t denied = SCMP_ACT_ERRNO(EPERM);
	if (!exec && seccomp_rule_add_array(filter, denied, SCMP_SYS(clone), 1, &process) != 0)
		return false;
	return seccomp_rule_add_array(filter, denied, SCMP_SYS(ioctl), 1, &keys) == 0 &&
	       seccomp_rule_add_array(filter, denied, SCMP_SYS(ioctl), 1, &paste) == 0;
}

static bool filter_fill(scmp_filter_ctx filter, const struct work_needs *needs)
{
	const bool exec = needs && needs->exec, network = needs && needs->network;
	/* As a tree: most calls pass after a few comparisons. An older libseccomp has only lists.
	 */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return filter_deny(filter, filter_never, EPERM) &&
	       filter_deny(filter, filter_missing, ENOSYS) &&
	       (network || filter_deny(filter, filter_network, EPERM)) &&
	       (exec || filter_deny(filter, filter_programs, EPERM)) &&
	       filter_deny_signals(filter) && filter_deny_arguments(filter, exec);
}

bool filter_exists(void)
{
	const uint32_t action = SECCOMP_RET_ERRNO;
	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool filter_enter(const struct work_needs *needs, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return fail(err, ERROR_MEMORY, "sandbox: no memory for its filter");
	bool fine = filter_fill(filter, needs);
	int number = fine ? -seccomp_load(filter) : EINVAL;
	seccomp_release(filter);
	return number == 0 || fail_errno(err, number, "sandbox: cannot set its filter");
}
