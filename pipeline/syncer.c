#include "pipeline/syncer.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/support/arena.h"

struct syncer {
	pid_t helper;
	int socket;
	bool busy;
};

/* What the helper works with; `descriptors` one for each file system. */
struct syncer_job {
	int socket;
	int *descriptors;
	size_t count;
};

static int syncer_compare(const void *left, const void *right)
{
	const int *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* In the helper: closes all descriptors but those of the job. `kept` has room for one more than
 * job->count. */
static void syncer_close_others(const struct syncer_job *job, int *kept)
{
	memcpy(kept, job->descriptors, job->count * sizeof(*kept));
	kept[job->count] = job->socket;
	qsort(kept, job->count + 1, sizeof(*kept), syncer_compare);
	int next = 0;
	for (size_t i = 0; i <= job->count; i++) {
		if (kept[i] > next)
			close_range((unsigned)next, (unsigned)kept[i] - 1, 0);
		next = kept[i] + 1;
	}
	close_range((unsigned)next, UINT_MAX, 0);
}

/* All are synced whatever happens to one of them; the first failure is told. */
static int syncer_sync(const struct syncer_job *job)
{
	int first = 0;
	for (size_t i = 0; i < job->count; i++)
		if (syncfs(job->descriptors[i]) != 0 && !first)
			first = errno;
	return first;
}

static void syncer_loop(const struct syncer_job *job)
{
	for (;;) {
		char request;
		ssize_t length = recv(job->socket, &request, sizeof(request), 0);
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return;
		int answer = syncer_sync(job);
		if (send(job->socket, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			return;
	}
}

static void syncer_be_helper(const struct syncer_job *job, int *kept, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, "nightmill-sync");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	syncer_close_others(job, kept);
	syncer_loop(job);
	_exit(0);
}

/* Signals are held back meanwhile (in the helper for good): a handler of main's must not run in the
 * helper. */
static pid_t syncer_fork(const struct syncer_job *job, int *kept)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t parent = getpid();
	pid_t helper = fork();
	if (helper == 0)
		syncer_be_helper(job, kept, parent);
	int number = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return helper;
}

/* Fills job->descriptors with the first of each file system. */
static bool syncer_distinct(
	const int *descriptors, size_t count, struct syncer_job *job, struct error *err)
{
	dev_t *seen = memory_zeroed(count, sizeof(*seen));
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		struct stat file;
		ok = fstat(descriptors[i], &file) == 0 ||
		     fail_errno(err, errno, "cannot sync descriptor %d", descriptors[i]);
		size_t at = 0;
		while (ok && at < job->count && seen[at] != file.st_dev)
			at++;
		if (!ok || at < job->count)
			continue;
		seen[at] = file.st_dev;
		job->descriptors[job->count++] = descriptors[i];
	}
	free(seen);
	return ok;
}

static bool syncer_start(struct syncer_job *job, struct syncer *syncer, struct error *err)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail_errno(err, errno, "cannot make a socket for the sync helper");
	int *kept = memory_zeroed(job->count + 1, sizeof(*kept));
	job->socket = ends[1];
	pid_t helper = syncer_fork(job, kept);
	int number = errno;
	free(kept);
	close(ends[1]);
	if (helper < 0) {
		close(ends[0]);
		return fail_errno(err, number, "cannot start the sync helper");
	}
	*syncer = (struct syncer){ .helper = helper, .socket = ends[0] };
	return true;
}

bool syncer_open(const int *descriptors, size_t count, struct syncer **syncer, struct error *err)
{
	struct syncer_job job = { .descriptors = memory_zeroed(count, sizeof(int)) };
	struct syncer *made = memory_zeroed(1, sizeof(*made));
	bool ok = syncer_distinct(descriptors, count, &job, err) && syncer_start(&job, made, err);
	free(job.descriptors);
	if (ok)
		*syncer = made;
	else
		free(made);
	return ok;
}

static bool syncer_gone(struct error *err)
{
	return fail(err, ERROR_INTERNAL, "the sync helper died; what it should sync is not safe");
}

bool syncer_ask(struct syncer *syncer, struct error *err)
{
	char request = 's';
	if (send(syncer->socket, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return syncer_gone(err);
	syncer->busy = true;
	return true;
}

bool syncer_busy(const struct syncer *syncer)
{
	return syncer->busy;
}

static bool syncer_judge(int number, struct error *err)
{
	static const char what[] = "cannot sync the outputs to the disk";
	if (!number)
		return true;
	if (number == ENOSPC || number == EDQUOT || number == EROFS)
		return fail_errno(err, number, "%s", what);
	return fail(err, ERROR_WRITE, "%s: %s", what, strerror(number));
}

bool syncer_done(struct syncer *syncer, bool wait, bool *done, struct error *err)
{
	*done = true;
	if (!syncer->busy)
		return true;
	int answer;
	ssize_t length;
	do
		length = recv(syncer->socket, &answer, sizeof(answer), wait ? 0 : MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0 && errno == EAGAIN) {
		*done = false;
		return true;
	}
	syncer->busy = false;
	return length == (ssize_t)sizeof(answer) ? syncer_judge(answer, err) : syncer_gone(err);
}

void syncer_close(struct syncer *syncer)
{
	if (!syncer)
		return;
	close(syncer->socket);
	while (waitpid(syncer->helper, NULL, 0) < 0 && errno == EINTR)
		;
	free(syncer);
}
