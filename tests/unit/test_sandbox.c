/* What a worker may and may not do, tried from inside: with every version of Landlock that the
 * kernel has, and within a plan that makes thumbnails. */

#include "pipeline/executors/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/needs.h"
#include "pipeline/worker.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

/* Behind error.h: it defines a macro fail(). */
#include <cmocka.h>

#if defined(__SANITIZE_THREAD__)
#define SANDBOX_NO_FORKS 1
#else
#define SANDBOX_NO_FORKS 0
#endif

static int try_open(const char *path, int flags)
{
	int file = open(path, flags | O_CLOEXEC, 0600);
	if (file >= 0)
		close(file);
	return file >= 0 ? 0 : -1;
}

static int try_secrets(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int try_list_outside(void)
{
	return try_open("outside", O_RDONLY | O_DIRECTORY);
}

static int try_read_outside(void)
{
	return try_open("outside/file", O_RDONLY);
}

static int try_write_outside(void)
{
	return try_open("outside/file", O_WRONLY);
}

static int try_write_source(void)
{
	return try_open("in/file", O_WRONLY);
}

static int try_make_outside(void)
{
	return try_open("outside/new", O_WRONLY | O_CREAT);
}

static int try_unlink_outside(void)
{
	return unlink("outside/file");
}

static int try_truncate_outside(void)
{
	return truncate("outside/file", 0);
}

static int try_chmod_outside(void)
{
	return chmod("outside/file", 0777);
}

static int try_move_out(void)
{
	return rename("temporary/file", "outside/file");
}

static int try_link(void)
{
	return symlink("/etc/passwd", "temporary/link");
}

static int try_internet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int try_local_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int try_program(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int try_process(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid;
}

static int try_trace(void)
{
	return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int try_peek(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };
	return (int)process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static int try_signal(void)
{
	return kill(getppid(), SIGCONT);
}

static int try_mount(void)
{
	return mount("none", "temporary", "tmpfs", 0, NULL);
}

static int try_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static int try_bpf(void)
{
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0);
}

static int try_keys(void)
{
	return (int)syscall(SYS_keyctl, 0, -3, 1);
}

static int try_perf(void)
{
	return (int)syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
}

static int try_faults(void)
{
	return (int)syscall(SYS_userfaultfd, 0);
}

static int try_uring(void)
{
	return (int)syscall(SYS_io_uring_setup, 1, NULL);
}

static int try_source(void)
{
	return try_open("in/file", O_RDONLY);
}

static int try_temporary(void)
{
	int made = try_open("temporary/new", O_RDWR | O_CREAT | O_TRUNC);
	return made < 0 ? made : unlink("temporary/new");
}

static int try_own_signal(void)
{
	return kill(getpid(), 0);
}

static void *try_run(void *nothing)
{
	return nothing;
}

static int try_thread(void)
{
	pthread_t thread;
	errno = pthread_create(&thread, NULL, try_run, NULL);
	return errno ? -1 : pthread_join(thread, NULL);
}

static const struct probe {
	const char *name;
	int (*act)(void);
	int wanted, other; /* errno, or 0; what else is as good */
	bool files;        /* Landlock's to deny */
} probes[] = {
	{ "read /etc/passwd", try_secrets, EACCES, 0, true },
	{ "list a folder outside", try_list_outside, EACCES, 0, true },
	{ "read outside", try_read_outside, EACCES, 0, true },
	{ "write outside", try_write_outside, EACCES, 0, true },
	{ "write a source", try_write_source, EACCES, 0, true },
	{ "make a file outside", try_make_outside, EACCES, 0, true },
	{ "unlink outside", try_unlink_outside, EACCES, 0, true },
	{ "move out", try_move_out, EACCES, EXDEV, true },
	{ "link", try_link, EACCES, 0, true },
	{ "truncate outside", try_truncate_outside, EPERM, 0, false },
	{ "chmod outside", try_chmod_outside, EPERM, 0, false },
	{ "socket to the internet", try_internet, EPERM, 0, false },
	{ "local socket", try_local_socket, EPERM, 0, false },
	{ "run a program", try_program, EPERM, 0, false },
	{ "fork", try_process, EPERM, 0, false },
	{ "trace main", try_trace, EPERM, 0, false },
	{ "peek into main", try_peek, EPERM, 0, false },
	{ "signal main", try_signal, EPERM, 0, false },
	{ "mount", try_mount, EPERM, 0, false },
	{ "namespace", try_namespace, EPERM, 0, false },
	{ "bpf", try_bpf, EPERM, 0, false },
	{ "keyctl", try_keys, EPERM, 0, false },
	{ "perf_event_open", try_perf, EPERM, 0, false },
	{ "userfaultfd", try_faults, EPERM, 0, false },
	{ "io_uring", try_uring, ENOSYS, 0, false },
	{ "read a source", try_source, 0, 0, false },
	{ "write temporary files", try_temporary, 0, 0, false },
	{ "signal itself", try_own_signal, 0, 0, false },
	{ "start a thread", try_thread, 0, 0, false },
};

enum { PROBES = sizeof(probes) / sizeof(*probes) };

/* What is wrong, "" where nothing is. */
static void probe_all(int abi, char *wrong, size_t room)
{
	*wrong = '\0';
	for (size_t i = 0; i < PROBES; i++) {
		const struct probe *probe = &probes[i];
		if (probe->files && abi == 0)
			continue;
		errno = 0;
		int got = probe->act() < 0 ? errno : 0;
		if (got == probe->wanted || (probe->other && got == probe->other))
			continue;
		snprintf(wrong, room, "%s: '%s' instead of '%s'", probe->name, strerror(got),
			strerror(probe->wanted));
		return;
	}
}

static void sandbox_world(void)
{
	scratch_folder("in");
	scratch_folder("outside");
	scratch_folder("temporary");
	scratch_write("in/file", "x", 1);
	scratch_write("outside/file", "x", 1);
	scratch_write("temporary/file", "x", 1);
}

static void sandbox_probe(int abi)
{
	const char *const read_paths[] = { "in", "not/there", NULL };
	const char *const write_paths[] = { "temporary", NULL };
	const struct work_needs needs = { .read = read_paths, .write = write_paths };
	char wrong[200] = "";
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct error err;
		if (sandbox_enter(&needs, abi, &err))
			probe_all(abi, wrong, sizeof(wrong));
		else
			snprintf(wrong, sizeof(wrong), "%.150s", err.text);
		_exit(write(ends[1], wrong, sizeof(wrong)) != sizeof(wrong));
	}
	assert_int_equal(read(ends[0], wrong, sizeof(wrong)), sizeof(wrong));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(ends[0]);
	close(ends[1]);
	if (*wrong)
		fail_msg("Landlock %d: %s", abi, wrong);
	assert_int_equal(status, 0);
}

static void test_sandbox_denies(void **state)
{
	(void)state;
	if (SANDBOX_NO_FORKS)
		skip();
	sandbox_world();
	for (int abi = 0; abi <= sandbox_abi(); abi++)
		sandbox_probe(abi);
}

static void test_sandbox_says_what_it_lacks(void **state)
{
	(void)state;
	const char *lacks = sandbox_lacks();
	assert_true(!lacks || strstr(lacks, "this kernel has no "));
	assert_true(lacks || sandbox_abi() > 0);
}

/* Work that tries to break out before it does what the plan says. */

static void breakout_process(void *worker, const struct item *item, struct outcome *outcome)
{
	char wrong[200] = "";
	probe_all(sandbox_abi(), wrong, sizeof(wrong));
	worker_process(worker, item, outcome);
	if (!*wrong)
		return;
	outcome->status = OUTCOME_FAILED;
	(fail)(&outcome->error, ERROR_INTERNAL, "%s", wrong);
}

static const char breakout_config[] =
	"name: test\n"
	"source: { files: { roots: [in] } }\n"
	"stages:\n"
	"  - thumbnail: { sizes: [{ name: s, width: 8, height: 8, format: jpeg }],\n"
	"                 to: 'out/{name}-{size}.{ext}' }\n"
	"executor: { forked: { workers: 1 } }\n";

/* Of all fields the worker reads the path alone. */
static struct item breakout_item(const struct plan *plan, struct slot *slots, const char *path)
{
	for (size_t i = 0; i < plan->fields.count; i++) {
		bool is_path = strcmp(plan->fields.names[i], "path") == 0;
		slots[i] = (struct slot){ .data = is_path ? path : "x" };
		slots[i].length = (uint32_t)strlen(slots[i].data);
	}
	return (struct item){
		.id = digest_of(path, strlen(path)),
		.attempt = 1,
		.due = plan_all_parts(plan),
		.key = path,
		.key_length = strlen(path),
		.slots = slots,
		.slot_count = plan->fields.count,
	};
}

static struct outcome breakout_run(const struct config *config, const struct plan *plan)
{
	struct slot slots[32];
	struct error err = { .code = ERROR_NONE };
	struct executor *executor;
	struct outcome outcome;
	const char *const temporary[] = { "temporary" };
	const struct executor_plugin *plugin = executor_of(config->executor.plugin);
	const struct worker_setup setup = { .plan = plan, .temporary = temporary };
	struct work_needs *needs = needs_of(plan, temporary);
	const struct work work = {
		.open = worker_open,
		.process = breakout_process,
		.close = worker_close,
		.context = &setup,
		.needs = needs,
		.wake = -1,
	};
	const struct item item = breakout_item(plan, slots, "in/picture.ppm");
	if (!plugin->open(config->executor.settings, 1, &work, &executor, &err))
		fail_msg("%s", err.text);
	plugin->give(executor, &item, 1);
	assert_int_equal(plugin->next(executor, false, &outcome, INT64_MAX), EXECUTOR_OUTCOME);
	plugin->close(executor);
	free(needs);
	return outcome;
}

/* The picture is one for libvips, which is loaded inside the sandbox. */
static void test_sandbox_around_a_plan(void **state)
{
	(void)state;
	if (SANDBOX_NO_FORKS || sandbox_abi() == 0)
		skip();
	char name[STAGE_TEMPORARY_BYTES], path[100];
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	struct config config = { 0 };
	struct plan plan = { 0 };
	sandbox_world();
	scratch_write("in/picture.ppm", "P6 2 2 255\nabcabcabcabc", 23);
	scratch_write("test.yaml", breakout_config, sizeof(breakout_config) - 1);
	assert_true(config_read(&arena, "test.yaml", NULL, 0, &config, &problems));
	assert_true(plan_make(&config, &arena, &plan, &problems));
	struct outcome outcome = breakout_run(&config, &plan);
	if (outcome.status != OUTCOME_MADE)
		fail_msg("%s", outcome.error.text);
	stage_temporary(outcome.id, 1, 0, name);
	snprintf(path, sizeof(path), "temporary/%s", name);
	assert_int_equal(access(path, F_OK), 0);
	problems_finish(&problems);
	arena_finish(&arena);
}

#define SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_sandbox_denies),
		cmocka_unit_test(test_sandbox_says_what_it_lacks),
		SCRATCH(test_sandbox_around_a_plan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
