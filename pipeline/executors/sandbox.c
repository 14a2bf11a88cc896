#include "pipeline/executors/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pipeline/executors/filter.h"

/* Rights that came after version 2, which is what Debian 12's headers know. */
enum {
	SANDBOX_TRUNCATE = 1 << 14,       /* version 3 */
	SANDBOX_IOCTL_DEV = 1 << 15,      /* version 5 */
	SANDBOX_TCP = 1 << 0 | 1 << 1,    /* version 4: bind, connect */
	SANDBOX_SCOPES = 1 << 0 | 1 << 1, /* version 6: abstract sockets, signals */
	SANDBOX_PATH_BYTES = 4096
};

enum {
	SANDBOX_FIRST = (1 << 13) - 1, /* all rights of version 1 */
	SANDBOX_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	SANDBOX_WRITE = SANDBOX_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REFER |
			SANDBOX_TRUNCATE,
	SANDBOX_OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			   LANDLOCK_ACCESS_FS_EXECUTE | SANDBOX_TRUNCATE
};

/* The kernel takes a longer struct than it knows where the rest is zero. */
struct sandbox_rules {
	uint64_t files, network, scopes;
};

struct sandbox {
	int file; /* of the set of rules */
	uint64_t handled;
};

/* libvips is loaded when a picture needs it, with its plugins, their settings, fonts and profiles.
 */
static const char *const sandbox_system[] = { "/usr", "/lib", "/lib32", "/lib64", "/libx32",
	"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/fonts", "/etc/ImageMagick-6",
	"/etc/ImageMagick-7", "/etc/localtime", "/var/cache/fontconfig", "/var/lib/color",
	"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/proc/meminfo", "/proc/cpuinfo",
	"/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu", "/sys/devices/system/node",
	NULL };

static const char *const sandbox_network[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf",
	"/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services", "/etc/ssl", NULL };

/* A shell, and what /bin stands for on a system that has both. */
static const char *const sandbox_programs[] = { "/usr", "/bin", "/lib", "/lib64", NULL };

int sandbox_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

const char *sandbox_lacks(void)
{
	if (sandbox_abi() == 0)
		return "this kernel has no Landlock: workers may read and write what this user may";
	if (!filter_exists())
		return "this kernel has no seccomp: workers may make every system call";
	return NULL;
}

static uint64_t sandbox_rights(int abi)
{
	uint64_t rights = SANDBOX_FIRST;
	rights |= abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
	rights |= abi >= 3 ? SANDBOX_TRUNCATE : 0;
	return rights | (abi >= 5 ? SANDBOX_IOCTL_DEV : 0);
}

static bool sandbox_allow(
	const struct sandbox *sandbox, const char *path, uint64_t rights, struct error *err)
{
	struct stat status;
	int file = open(path, O_PATH | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES
			       ? true
			       : fail_errno(err, errno, "sandbox: cannot open '%.300s'", path);
	rights &= sandbox->handled;
	if (fstat(file, &status) == 0 && !S_ISDIR(status.st_mode))
		rights &= SANDBOX_OF_FILES;
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = file,
	};
	long failed =
		syscall(SYS_landlock_add_rule, sandbox->file, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	int number = errno;
	close(file);
	return !failed || fail_errno(err, number, "sandbox: cannot allow '%.300s'", path);
}

/* `paths` ends with NULL; NULL itself is none. */
static bool sandbox_allow_all(
	const struct sandbox *sandbox, const char *const *paths, uint64_t rights, struct error *err)
{
	bool fine = true;
	for (; fine && paths && *paths; paths++)
		fine = sandbox_allow(sandbox, *paths, rights, err);
	return fine;
}

/* Where the user has told the loader to look. */
static bool sandbox_allow_loader(const struct sandbox *sandbox, struct error *err)
{
	const char *list = getenv("LD_LIBRARY_PATH");
	bool fine = true;
	while (fine && list && *list) {
		char path[SANDBOX_PATH_BYTES];
		size_t length = strcspn(list, ":;");
		if (length > 0 && length < sizeof(path)) {
			memcpy(path, list, length);
			path[length] = '\0';
			fine = sandbox_allow(sandbox, path, SANDBOX_READ, err);
		}
		list += length + (list[length] != '\0');
	}
	return fine;
}

static bool sandbox_allow_needs(
	const struct sandbox *sandbox, const struct work_needs *needs, struct error *err)
{
	static const struct work_needs none = { .read = NULL };
	const uint64_t run = SANDBOX_READ | LANDLOCK_ACCESS_FS_EXECUTE;
	needs = needs ? needs : &none;
	return sandbox_allow_all(sandbox, sandbox_system, SANDBOX_READ, err) &&
	       sandbox_allow(sandbox, "/dev/null", SANDBOX_OF_FILES, err) &&
	       sandbox_allow_loader(sandbox, err) &&
	       sandbox_allow_all(sandbox, needs->read, SANDBOX_READ, err) &&
	       sandbox_allow_all(sandbox, needs->write, SANDBOX_WRITE, err) &&
	       (!needs->network ||
		       sandbox_allow_all(sandbox, sandbox_network, SANDBOX_READ, err)) &&
	       (!needs->exec || sandbox_allow_all(sandbox, sandbox_programs, run, err));
}

static bool sandbox_guard_files(const struct work_needs *needs, int abi, struct error *err)
{
	const struct sandbox_rules rules = {
		.files = sandbox_rights(abi),
		.network = abi >= 4 && !(needs && needs->network) ? SANDBOX_TCP : 0,
		.scopes = abi >= 6 ? SANDBOX_SCOPES : 0,
	};
	long file = syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (file < 0)
		return fail_errno(err, errno, "sandbox: cannot make its rules");
	const struct sandbox sandbox = { .file = (int)file, .handled = rules.files };
	bool fine = sandbox_allow_needs(&sandbox, needs, err);
	if (fine && syscall(SYS_landlock_restrict_self, sandbox.file, 0) != 0)
		fine = fail_errno(err, errno, "sandbox: cannot enter it");
	close(sandbox.file);
	return fine;
}

bool sandbox_enter(const struct work_needs *needs, int abi, struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail_errno(err, errno, "sandbox: cannot give up new privileges");
	if (abi > 0 && !sandbox_guard_files(needs, abi, err))
		return false;
	return !filter_exists() || filter_enter(needs, err);
}
