/* The transport `sendmail`: mails go to a program, as sendmail, Postfix, Exim, msmtp have it. */

#include "stages/mail/transports/sendmail.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "pipeline/support/files.h"

enum { SENDMAIL_WORDS = 400, SENDMAIL_NOT_RUN = 126, SENDMAIL_NOT_FOUND = 127 };

struct sendmail_settings {
	const char *program;
	struct option_list arguments;
	struct option_duration timeout;
};

#define SETTINGS struct sendmail_settings
static const struct option sendmail_options[] = {
	{ "program", FILE_PATH(program), .fallback = "/usr/sbin/sendmail",
		.help = "The program, which reads the mail from its standard input. It is called "
			"with `arguments`, then -f SENDER -- RECIPIENT." },
	{ "arguments", LIST(arguments), .fallback = "[-i]",
		.help = "What stands in front of these." },
	{ "timeout", DURATION(timeout), RANGE(1, 86400), .fallback = "10m",
		.help = "How long it may take; then it is killed and the mail is in doubt." },
	{ .name = NULL },
};
#undef SETTINGS

struct sendmail {
	const struct sendmail_settings *rows;
	const char **words; /* the command; three of them change with the mail */
	size_t from, to;    /* their numbers */
};

static bool sendmail_prepare(
	const struct option_plugin *self, const struct stage_setup *setup, void **prepared)
{
	const struct sendmail_settings *rows = self->settings;
	*prepared = (void *)rows;
	if (rows->program[0] == '/')
		return true;
	transport_complain(self, setup, "program",
		"expected a path that begins with a slash, found '%s'", rows->program);
	return false;
}

static void sendmail_needs(const void *prepared, struct stage_needs *needs)
{
	(void)prepared;
	needs->network = needs->exec = true;
}

static bool sendmail_open(const void *prepared, void **state, struct error *err)
{
	const struct sendmail_settings *rows = prepared;
	if (access(rows->program, X_OK) != 0)
		return fail_errno(err, errno, "sendmail: '%s'", rows->program);
	struct sendmail *made = memory_zeroed(1, sizeof(*made));
	const size_t count = rows->arguments.count;
	made->rows = rows;
	made->words = memory_zeroed(count + 6, sizeof(*made->words));
	made->words[0] = rows->program;
	for (size_t i = 0; i < count; i++)
		made->words[1 + i] = rows->arguments.items[i];
	made->words[count + 1] = "-f";
	made->from = count + 2;
	made->words[count + 3] = "--";
	made->to = count + 4;
	*state = made;
	return true;
}

static void sendmail_close(void *state)
{
	struct sendmail *sendmail = state;
	free((void *)sendmail->words);
	free(sendmail);
}

/* Waits until it has ended; kills it where that takes too long. False: it had to be killed. */
static bool sendmail_wait(const struct sendmail *sendmail, pid_t child, int *status)
{
	const int watch = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd ended = { .fd = watch, .events = POLLIN };
	const int64_t millis = sendmail->rows->timeout.micros / 1000;
	const bool in_time = watch < 0 || poll(&ended, 1, (int)millis) == 1;
	if (watch >= 0)
		close(watch);
	if (!in_time)
		kill(-child, SIGKILL);
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return in_time;
}

/* With the mail as its input and `output` for all it says. 0, or an errno value. */
static int sendmail_spawn(struct sendmail *sendmail, int input, int output, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	const int number = posix_spawn(child, sendmail->rows->program, &actions, &attributes,
		(char *const *)sendmail->words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return number;
}

/* What the exit status says (sysexits.h); false: nothing that any mail would come through. */
static bool sendmail_verdict(int code, enum deed_verdict *verdict)
{
	switch (code) {
	case EX_OK:
		*verdict = DEED_ACCEPTED;
		return true;
	case EX_DATAERR:
	case EX_NOUSER:
	case EX_NOHOST:
		*verdict = DEED_FAILED;
		return true;
	case EX_USAGE:
	case EX_NOPERM:
	case EX_CONFIG:
	case SENDMAIL_NOT_RUN:
	case SENDMAIL_NOT_FOUND:
		return false;
	default:
		*verdict = DEED_DEFERRED;
		return true;
	}
}

static void sendmail_judge(
	const struct sendmail *sendmail, int status, const char *said, struct outcome *outcome)
{
	enum deed_verdict verdict = DEED_DOUBT;
	struct text words = { 0 };
	if (!WIFEXITED(status)) {
		text_addf(&words, "'%s' was ended by signal %d", sendmail->rows->program,
			WTERMSIG(status));
		outcome_deed(outcome, DEED_DOUBT, 0, words.data);
	} else if (!sendmail_verdict(WEXITSTATUS(status), &verdict)) {
		outcome->deed.verdict = DEED_UNTOUCHED;
		transport_fail_place(outcome, ERROR_DENIED, "'%s' ended with status %d: %s",
			sendmail->rows->program, WEXITSTATUS(status), said);
	} else {
		text_addf(&words, "status %d%s%s", WEXITSTATUS(status), *said ? ": " : "", said);
		outcome_deed(outcome, verdict, (uint32_t)WEXITSTATUS(status), words.data);
	}
	text_finish(&words);
}

/* The beginning of what it has said, in one line. */
static void sendmail_listen(int output, struct text *said)
{
	char bytes[SENDMAIL_WORDS];
	lseek(output, 0, SEEK_SET);
	ssize_t length = files_read_all(output, bytes, sizeof(bytes));
	while (length > 0 && bytes[length - 1] == '\n')
		length--;
	text_add(said, "", 0);
	if (length > 0)
		text_add_safe(said, bytes, (size_t)length);
}

static void sendmail_run(struct sendmail *sendmail, int input, int output, struct outcome *outcome)
{
	pid_t child;
	int status = 0;
	const int number = sendmail_spawn(sendmail, input, output, &child);
	if (number != 0) {
		transport_fail_place(outcome, ERROR_DENIED, "'%s' cannot be run: %s",
			sendmail->rows->program, strerror(number));
		return;
	}
	outcome->deed.verdict = DEED_DOUBT;
	struct text said = { 0 };
	const bool in_time = sendmail_wait(sendmail, child, &status);
	sendmail_listen(output, &said);
	if (in_time)
		sendmail_judge(sendmail, status, said.data, outcome);
	else
		outcome_deed(outcome, DEED_DOUBT, 0, "the program took too long and was killed");
	text_finish(&said);
}

static bool sendmail_hand_over(int input, const struct letter *letter)
{
	struct text lines = { 0 };
	transport_add_lines(letter, &lines);
	const bool fine =
		files_write_all(input, lines.data, lines.length) && lseek(input, 0, SEEK_SET) == 0;
	text_finish(&lines);
	return fine;
}

/* Through files in memory: nothing can block, whatever the program does with them. */
static void sendmail_send(void *state, const struct letter *letter, struct outcome *outcome)
{
	struct sendmail *sendmail = state;
	sendmail->words[sendmail->from] = letter->from;
	sendmail->words[sendmail->to] = letter->to;
	const int input = memfd_create("mail", MFD_CLOEXEC);
	const int output = memfd_create("words", MFD_CLOEXEC);
	if (input >= 0 && output >= 0 && sendmail_hand_over(input, letter))
		sendmail_run(sendmail, input, output, outcome);
	else
		transport_fail_place(
			outcome, ERROR_MEMORY, "handing a mail over: %s", strerror(errno));
	if (input >= 0)
		close(input);
	if (output >= 0)
		close(output);
}

const struct transport_plugin sendmail_transport = {
	.plugin = { "sendmail", "Hands mails to a program such as sendmail or msmtp.",
		sendmail_options, sizeof(struct sendmail_settings) },
	.acts = true,
	.prepare = sendmail_prepare,
	.needs = sendmail_needs,
	.open = sendmail_open,
	.close = sendmail_close,
	.send = sendmail_send,
};
