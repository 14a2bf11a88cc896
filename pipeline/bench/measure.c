#include "pipeline/bench/measure.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/bench/measure_work.h"
#include "pipeline/bench/usage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"

enum { MEASURE_LOOK_MILLIS = 40 };

struct measure {
	struct measure_board *board;
	size_t bytes; /* of the board */
	int wake;
};

bool measure_open(struct measure **measure, size_t items, int wake, struct error *err)
{
	size_t bytes = sizeof(struct measure_board) + items * sizeof(struct measure_span);
	void *board = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return fail_errno(err, errno, "mmap");
	struct measure *made = memory_alloc(sizeof(*made));
	*made = (struct measure){ .board = board, .bytes = bytes, .wake = wake };
	/* Workers whose executor was killed come to us, so that their end can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	*measure = made;
	return true;
}

/* In the child. The terminal's signals go to the parent alone, which decides. */
static _Noreturn void measure_be_child(
	const struct measure *measure, const struct measure_case *what, pid_t parent)
{
	static const int handled[] = { SIGTERM, SIGHUP, SIGALRM };
	for (size_t i = 0; i < sizeof(handled) / sizeof(*handled); i++)
		signal(handled[i], SIG_DFL);
	signal(SIGINT, SIG_IGN);
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	measure_work(measure->board, what);
	_exit(EXIT_SUCCESS);
}

/* The child, which has ended or shall, and what it started. */
static int measure_end_all(pid_t child)
{
	int status = 0;
	kill(-child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return status;
}

/* Waits for the child's end and looks at its memory meanwhile. False where the user wants to stop.
 */
static bool measure_wait(const struct measure *measure, pid_t child, uint64_t *peak_bytes)
{
	int ended = pidfd_open(child, 0);
	struct pollfd watched[] = { { ended, POLLIN, 0 }, { measure->wake, POLLIN, 0 } };
	while (!(watched[0].revents | watched[1].revents)) {
		poll(watched, 2, MEASURE_LOOK_MILLIS);
		uint64_t bytes = watched[0].revents ? 0 : usage_tree_bytes(child);
		*peak_bytes = bytes > *peak_bytes ? bytes : *peak_bytes;
	}
	close(ended);
	return !watched[1].revents;
}

static void measure_judge(struct measured *measured, int status)
{
	if (measured->fine || measured->trouble[0])
		return;
	if (WIFSIGNALED(status))
		snprintf(measured->trouble, sizeof(measured->trouble), "its process died: %s",
			strsignal(WTERMSIG(status)));
	else
		snprintf(measured->trouble, sizeof(measured->trouble),
			"its process ended by itself with status %d", WEXITSTATUS(status));
}

static void measure_take(
	const struct measure *measure, const struct workload *workload, struct measured *measured)
{
	const struct measure_board *board = measure->board;
	*measured = board->measured;
	for (size_t i = 0; i < WORKLOAD_STAGES; i++)
		measured->stage_micros[i] = board->times.stage_micros[i];
	for (size_t i = 0; !workload->tiny && i < workload->count; i++) {
		const struct measure_span *span = &board->spans[i];
		int64_t micros = span->ended ? span->ended - span->begun : 0;
		measured->busy_micros += micros;
		if (micros > measured->longest_micros)
			measured->longest_micros = micros;
	}
}

bool measure_run(
	struct measure *measure, const struct measure_case *what, struct measured *measured)
{
	uint64_t peak_bytes = 0;
	memset(measure->board, 0, measure->bytes);
	what->workload->times = &measure->board->times;
	fflush(NULL);
	int64_t stalled = usage_stalled_micros(), machine = usage_machine_micros();
	pid_t parent = getpid();
	pid_t child = fork();
	if (child == 0)
		measure_be_child(measure, what, parent);
	if (child < 0) {
		*measured = (struct measured){ 0 };
		snprintf(measured->trouble, sizeof(measured->trouble), "fork: %s", strerror(errno));
		return true;
	}
	setpgid(child, child);
	bool finished = measure_wait(measure, child, &peak_bytes);
	int status = measure_end_all(child);
	measure_take(measure, what->workload, measured);
	measure_judge(measured, status);
	if (peak_bytes > measured->peak_bytes)
		measured->peak_bytes = peak_bytes;
	measured->others_micros =
		machine < 0 ? -1 : usage_machine_micros() - machine - measured->cpu_micros;
	measured->stalled_micros = stalled < 0 ? -1 : usage_stalled_micros() - stalled;
	return finished;
}

const struct measure_span *measure_spans(const struct measure *measure)
{
	return measure->board->spans;
}

void measure_close(struct measure *measure)
{
	if (measure)
		munmap(measure->board, measure->bytes);
	free(measure);
}
