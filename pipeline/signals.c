#include "pipeline/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { AFTER_GRACE_SECONDS = SIGNALS_GRACE_SECONDS + 5, AFTER_SECOND_SECONDS = 3 };

static const int signals_watched[] = { SIGINT, SIGTERM, SIGHUP };
enum { SIGNALS_WATCHED = sizeof(signals_watched) / sizeof(*signals_watched) };

/* Handlers have no other way to reach anything. */
static volatile sig_atomic_t signals_first;
static volatile sig_atomic_t signals_wake = -1;

static void signals_note(int number)
{
	int saved = errno;
	alarm(signals_first ? AFTER_SECOND_SECONDS : AFTER_GRACE_SECONDS);
	if (!signals_first)
		signals_first = number;
	uint64_t one = 1;
	if (write(signals_wake, &one, sizeof(one)) < 0)
		errno = saved; /* full: readable anyway */
	errno = saved;
}

static void signals_end(int number)
{
	(void)number;
	_exit(128 + signals_first);
}

static bool signals_ignored(int number)
{
	struct sigaction old;
	return sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

static void signals_handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

bool signals_open(int *wake, struct error *err)
{
	int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (descriptor < 0)
		return fail_errno(err, errno, "eventfd");
	signals_first = 0;
	signals_wake = descriptor;
	for (int i = 0; i < SIGNALS_WATCHED; i++)
		if (!signals_ignored(signals_watched[i]))
			signals_handle(signals_watched[i], signals_note);
	signals_handle(SIGALRM, signals_end);
	signals_handle(SIGPIPE, SIG_IGN);
	*wake = descriptor;
	return true;
}

int signals_take(int *number)
{
	uint64_t count = 0;
	if (read(signals_wake, &count, sizeof(count)) != (ssize_t)sizeof(count))
		count = 0;
	*number = signals_first;
	return (int)count;
}

void signals_relax(void)
{
	alarm(0);
}

void signals_close(void)
{
	alarm(0);
	for (int i = 0; i < SIGNALS_WATCHED; i++)
		if (!signals_ignored(signals_watched[i]))
			signals_handle(signals_watched[i], SIG_DFL);
	signals_handle(SIGALRM, SIG_DFL);
	if (signals_wake >= 0)
		close(signals_wake);
	signals_wake = -1;
}
