#include "pipeline/executors/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/executors/sandbox.h"
#include "pipeline/support/clock.h"

enum {
	CHILD_SOCKET = 3, /* in the child: behind standard input, output and error */
	CHILD_BELL,
	CHILD_FREE,                         /* the first of the others */
	CHILD_WORK_MICROS = 2 * NAP_MICROS, /* of work that a child is to hold */
	CHILD_SIGNALS = 65,
	CHILD_MICROS_PER_MILLI = 1000,
	CHILD_START_MICROS = 60000000,
	CHILD_DYING_MICROS = 500000 /* a killed process that takes longer waits for the kernel */
};

/* Main's handlers mean nothing here. What a terminal sends to all is main's to decide, which then
 * asks its children one way or another. */
static void child_settle_signals(void)
{
	static const int main_decides[] = { SIGINT, SIGTERM, SIGHUP };
	for (int number = 1; number < CHILD_SIGNALS; number++) {
		struct sigaction action;
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			signal(number, SIG_DFL);
	}
	for (size_t i = 0; i < sizeof(main_decides) / sizeof(*main_decides); i++)
		signal(main_decides[i], SIG_IGN);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Both go out of the way first: one may have the other's number. */
static bool child_place(int file, int bell)
{
	file = fcntl(file, F_DUPFD_CLOEXEC, CHILD_FREE);
	bell = fcntl(bell, F_DUPFD_CLOEXEC, CHILD_FREE);
	return file >= 0 && bell >= 0 && dup3(file, CHILD_SOCKET, O_CLOEXEC) >= 0 &&
	       dup3(bell, CHILD_BELL, O_CLOEXEC) >= 0 && close_range(CHILD_FREE, ~0U, 0) == 0;
}

/* Ties the child to its parent and leaves it nothing but stdio, the socket and the bell. */
static bool child_settle(const struct child *child, int file, pid_t parent)
{
	child_settle_signals();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		return false;
	return child_place(file, child->bell);
}

static bool child_next(const struct child *child, struct wire_reader *reader, struct item *item)
{
	if (!wire_has_item(reader))
		tray_wait(child->tray, CHILD_BELL);
	return wire_read_item(reader, item);
}

static void child_serve(const struct child *child, void *worker)
{
	const struct child_making *making = child->making;
	struct wire_reader reader = { .file = CHILD_SOCKET };
	struct item item;
	for (uint64_t number = 1; child_next(child, &reader, &item); number++) {
		struct outcome outcome;
		if (!tray_begin(child->tray, number))
			continue;
		limits_arm(&making->limits);
		making->work->process(worker, &item, &outcome);
		limits_judge(&making->limits, &outcome);
		tray_reply(child->tray, CHILD_BELL, WIRE_OUTCOME, &outcome);
	}
	wire_reader_finish(&reader);
}

static bool child_enter(const struct child_making *making, struct error *err)
{
	const struct limits *limits = &making->limits;
	if (!limits_enter(limits, err))
		return false;
	return !limits->sandbox || sandbox_enter(making->work->needs, sandbox_abi(), err);
}

/* _exit, not exit: handlers and stdio buffers that were inherited are main's. */
static _Noreturn void child_run(const struct child *child)
{
	const struct work *work = child->making->work;
	struct outcome outcome;
	memset(&outcome, 0, sizeof(outcome));
	void *worker = NULL;
	if (!child_enter(child->making, &outcome.error) ||
		!work->open(work->context, child->number, &worker, &outcome.error)) {
		tray_reply(child->tray, CHILD_BELL, WIRE_REFUSED, &outcome);
		_exit(EXIT_FAILURE);
	}
	tray_reply(child->tray, CHILD_BELL, WIRE_READY, &outcome);
	child_serve(child, worker);
	if (work->close)
		work->close(worker);
	_exit(EXIT_SUCCESS);
}

/* All signals are held back over the fork: none may run a handler of main's in the child. Other
 * children's trays stay out of it. */
static pid_t child_fork(const struct child *child, int file)
{
	sigset_t all, before;
	fflush(NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	tray_share(child->tray, true);
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0) {
		if (!child_settle(child, file, parent))
			_exit(EXIT_FAILURE);
		child_run(child);
	}
	int number = errno;
	tray_share(child->tray, false);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return pid;
}

bool child_init(
	struct child *child, const struct child_making *making, uint32_t number, struct error *err)
{
	*child = (struct child){
		.making = making,
		.number = number,
		.process = CHILD_NONE,
		.socket = CHILD_NONE,
		.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.depth = CHILD_LEAST,
	};
	if (child->bell < 0)
		return fail_errno(err, errno, "cannot make an eventfd for worker %u", number);
	child->tray = tray_open(err);
	return child->tray != NULL;
}

void child_finish(struct child *child)
{
	tray_close(child->tray);
	if (child->bell >= 0)
		close(child->bell);
	text_finish(&child->outbox);
}

static void child_reset(struct child *child, pid_t pid, int process, int file)
{
	child->state = CHILD_STARTING;
	child->act_micros = clock_micros() + CHILD_START_MICROS;
	child->pid = pid;
	child->process = process;
	child->socket = file;
	child->sent = child->taken = child->held_first = 0;
	child->cause = DEATH_OWN;
	child->handed = 0;
	text_clear(&child->outbox);
}

bool child_start(struct child *child, struct error *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return fail_errno(err, errno, "cannot make a socket for worker %u", child->number);
	tray_clear(child->tray);
	child->kills = limits_kills("");
	pid_t pid = child_fork(child, pair[1]);
	int number = errno;
	close(pair[1]);
	int process = pid > 0 ? pidfd_open(pid, 0) : CHILD_NONE;
	if (process >= 0) {
		child_reset(child, pid, process, pair[0]);
		return true;
	}
	if (pid > 0) {
		number = errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(pair[0]);
	return fail_errno(err, number, "cannot start worker %u", child->number);
}

const struct child_item *child_held(const struct child *child, uint32_t index)
{
	return &child->held[(child->held_first + index) % CHILD_MOST];
}

void child_hand(struct child *child, const struct taken *taken)
{
	assert(child->state == CHILD_READY && child->held_count < CHILD_MOST);
	if (child->held_count == 0)
		child->since_micros = clock_micros();
	child->held[(child->held_first + child->held_count++) % CHILD_MOST] = (struct child_item){
		.taken = *taken,
		.number = ++child->handed,
	};
	wire_add_item(&child->outbox, taken->item);
}

uint32_t child_recall(struct child *child, struct taken *taken)
{
	const uint64_t begun = tray_recall(child->tray, child->handed);
	uint32_t count = 0;
	while (child->held_count > 0 && child_held(child, child->held_count - 1)->number > begun)
		taken[count++] = child_held(child, --child->held_count)->taken;
	return count;
}

bool child_has_begun(const struct child *child, uint32_t index)
{
	return tray_has_begun(child->tray, child_held(child, index)->number);
}

void child_release(struct child *child)
{
	child->held_first = (child->held_first + 1) % CHILD_MOST;
	child->held_count--;
	child->answers++;
	child->since_micros = clock_micros();
}

void child_judge(struct child *child, int64_t now)
{
	const int64_t elapsed = now - child->judged_micros;
	if (child->answers == 0)
		return;
	int64_t depth = CHILD_WORK_MICROS * (int64_t)child->answers / (elapsed > 0 ? elapsed : 1);
	/* Where it waits, how fast it is cannot be seen; main that was late sees it too fast. */
	if ((child->held_count == 0 && elapsed < CHILD_WORK_MICROS) ||
		depth > 2 * (int64_t)child->depth)
		depth = 2 * (int64_t)child->depth;
	depth = depth < CHILD_LEAST ? CHILD_LEAST : depth;
	child->depth = depth > CHILD_MOST ? CHILD_MOST : (uint32_t)depth;
	child->answers = 0;
	child->judged_micros = now;
}

bool child_is_behind(const struct child *child)
{
	return child->sent < child->outbox.length;
}

void child_flush(struct child *child)
{
	while (child_is_behind(child)) {
		ssize_t sent = send(child->socket, child->outbox.data + child->sent,
			child->outbox.length - child->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return; /* full, or the child is gone: its process tells */
		child->sent += (size_t)sent;
	}
	text_clear(&child->outbox);
	child->sent = 0;
}

bool child_is_heard(const struct child *child)
{
	return child->process != CHILD_NONE && child->cause == DEATH_OWN &&
	       child->state != CHILD_RETIRING;
}

bool child_has_reply(const struct child *child)
{
	return child_is_heard(child) && tray_has_reply(child->tray, child->taken);
}

bool child_reply(struct child *child, struct wire_reply *reply)
{
	return child_is_heard(child) && child_left_reply(child, reply);
}

bool child_left_reply(struct child *child, struct wire_reply *reply)
{
	if (!tray_has_reply(child->tray, child->taken))
		return false;
	tray_take(child->tray, child->taken++, reply);
	return true;
}

void child_doom(struct child *child, enum death_cause cause)
{
	child->state = CHILD_DOOMED;
	child->cause = cause;
	child->act_micros = clock_micros() + CHILD_DYING_MICROS;
	pidfd_send_signal(child->process, SIGKILL, NULL, 0);
}

void child_dismiss(struct child *child)
{
	shutdown(child->socket, SHUT_WR);
}

void child_describe_kill(const struct child *child, struct death *death)
{
	*death = (struct death){
		.cause = child->cause,
		.status = SIGKILL,
		.micros = child->held_count > 0 ? clock_micros() - child->since_micros : -1,
	};
}

bool child_bury(struct child *child, struct death *death)
{
	child_describe_kill(child, death);
	pid_t dead = wait4(child->pid, &death->status, WNOHANG, &death->usage);
	if (dead == 0 || (dead < 0 && errno == EINTR))
		return false;
	death->lost = dead < 0;
	death->memory_was_out = WIFSIGNALED(death->status) && WTERMSIG(death->status) == SIGKILL &&
				limits_kills("") > child->kills;
	close(child->process);
	close(child->socket);
	child->process = child->socket = CHILD_NONE;
	text_finish(&child->outbox);
	child->sent = 0;
	return true;
}

bool child_await(struct child *child, int64_t deadline)
{
	struct pollfd process = { .fd = child->process, .events = POLLIN };
	struct death ignored;
	int64_t left = deadline - clock_micros();
	while (left > 0 && poll(&process, 1, (int)(left / CHILD_MICROS_PER_MILLI) + 1) < 0)
		left = deadline - clock_micros();
	return child_bury(child, &ignored);
}
