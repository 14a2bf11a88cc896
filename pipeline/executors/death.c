#include "pipeline/executors/death.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"

static bool death_by(const struct death *death, int number)
{
	return !death->lost && WIFSIGNALED(death->status) && WTERMSIG(death->status) == number;
}

static bool death_by_cpu(const struct death *death, const struct limits *limits)
{
	return limits->cpu.micros && death_by(death, SIGPROF);
}

static enum error_code death_code(const struct death *death, const struct limits *limits)
{
	if (death_by_cpu(death, limits))
		return ERROR_LIMIT;
	if (!death_by(death, SIGKILL))
		return ERROR_CRASHED;
	if (death->cause == DEATH_TIMEOUT)
		return ERROR_TIMEOUT;
	return death->cause == DEATH_OWN && death->memory_was_out ? ERROR_MEMORY : ERROR_CRASHED;
}

static const char *death_kill_words(const struct death *death)
{
	switch (death->cause) {
	case DEATH_NONSENSE:
		return "worker gave an answer that makes no sense";
	case DEATH_CLOSED:
		return "worker closed its socket";
	case DEATH_TIMEOUT:
		return "over 'timeout': worker was killed";
	case DEATH_LATE:
		return "worker was not ready in time";
	case DEATH_STOPPED:
		return "worker was stopped";
	default:
		return death->memory_was_out
			       ? "worker was killed by the system, whose memory ran out,"
			       : "worker was killed by SIGKILL, which was not ours,";
	}
}

static void death_words(
	const struct death *death, const struct limits *limits, char *words, size_t room)
{
	if (death->lost) {
		snprintf(words, room, "worker is gone");
		return;
	}
	if (!WIFSIGNALED(death->status)) {
		snprintf(words, room, "worker exited with status %d", WEXITSTATUS(death->status));
		return;
	}
	const int number = WTERMSIG(death->status);
	const char *name = sigabbrev_np(number);
	if (number == SIGKILL)
		snprintf(words, room, "%s", death_kill_words(death));
	else if (death_by_cpu(death, limits))
		snprintf(words, room, "over 'cpu': worker was ended");
	else if (name)
		snprintf(words, room, "worker was killed by SIG%s", name);
	else
		snprintf(words, room, "worker was killed by signal %d", number);
}

void death_describe(const struct death *death, const struct limits *limits, struct error *error)
{
	char words[128], duration[CLOCK_TEXT_BYTES];
	struct text memory = { .data = NULL };
	const enum error_code code = death_code(death, limits);
	death_words(death, limits, words, sizeof(words));
	text_add_bytes(&memory, (double)death->usage.ru_maxrss * 1024);
	clock_duration_text(death->micros, duration);
	if (death->micros < 0)
		fail(error, code, "%s", words);
	else
		fail(error, code, "%s after %s, peak memory %s", words, duration, memory.data);
	if (death->cause == DEATH_OWN && death_by(death, SIGKILL))
		error->blame = BLAME_MOMENT;
	text_finish(&memory);
}

bool death_is_crash(const struct death *death, const struct limits *limits)
{
	return death->cause != DEATH_TIMEOUT && death->cause != DEATH_STOPPED &&
	       !death_by_cpu(death, limits);
}
