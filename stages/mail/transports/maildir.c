/* The transport `maildir`: mails are delivered into a folder that mail readers open. */

#include "stages/mail/transports/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/files.h"

enum { MAILDIR_NAME = 80, MAILDIR_FOLDER = 0700, MAILDIR_PRIVATE = 0600 };

struct maildir_settings {
	const char *path;
};

#define SETTINGS struct maildir_settings
static const struct option maildir_options[] = {
	{ "path", FILE_PATH(path),
		.help = "The folder; cur, new and tmp in it are made where they are missing." },
	{ .name = NULL },
};
#undef SETTINGS

struct maildir {
	const char *path;
	struct option_list paths; /* that one */
};

struct maildir_worker {
	int folder;
	char tmp[MAILDIR_NAME], new[MAILDIR_NAME]; /* of the mail in hand */
};

static bool maildir_prepare(
	const struct option_plugin *self, const struct stage_setup *setup, void **prepared)
{
	const struct maildir_settings *rows = self->settings;
	struct maildir *maildir = arena_alloc(setup->arena, sizeof(*maildir));
	maildir->path = rows->path;
	maildir->paths = (struct option_list){ &maildir->path, 1 };
	*prepared = maildir;
	return true;
}

static bool maildir_make(int folder, const char *name, struct error *err)
{
	return mkdirat(folder, name, MAILDIR_FOLDER) == 0 || errno == EEXIST ||
	       fail_errno(err, errno, "making the folder '%s' of a maildir", name);
}

/* The open folder, with all that belongs in it; -1 on failure. */
static int maildir_open_folder(const char *path, struct error *err)
{
	if (mkdir(path, MAILDIR_FOLDER) != 0 && errno != EEXIST) {
		fail_errno(err, errno, "making the maildir '%s'", path);
		return -1;
	}
	const int folder = files_open_folder(path, err);
	if (folder >= 0 && maildir_make(folder, "cur", err) && maildir_make(folder, "new", err) &&
		maildir_make(folder, "tmp", err))
		return folder;
	if (folder >= 0)
		close(folder);
	return -1;
}

/* A folder has to be there for its worker to be let in. What goes wrong, open will tell. */
static void maildir_needs(const void *prepared, struct stage_needs *needs)
{
	const struct maildir *maildir = prepared;
	const int folder = maildir_open_folder(maildir->path, NULL);
	if (folder >= 0)
		close(folder);
	needs->write = maildir->paths;
}

static bool maildir_open(const void *prepared, void **state, struct error *err)
{
	const struct maildir *maildir = prepared;
	const int folder = maildir_open_folder(maildir->path, err);
	if (folder < 0)
		return false;
	struct maildir_worker *made = memory_zeroed(1, sizeof(*made));
	made->folder = folder;
	*state = made;
	return true;
}

static void maildir_close(void *state)
{
	struct maildir_worker *maildir = state;
	close(maildir->folder);
	free(maildir);
}

static bool maildir_write(int file, const struct letter *letter)
{
	struct text lines = { 0 };
	transport_add_lines(letter, &lines);
	const bool fine = files_write_all(file, lines.data, lines.length) && fsync(file) == 0;
	text_finish(&lines);
	return fine;
}

static bool maildir_fill(const struct maildir_worker *maildir, const struct letter *letter)
{
	const int file = openat(maildir->folder, maildir->tmp,
		O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, MAILDIR_PRIVATE);
	if (file < 0)
		return false;
	const bool fine = maildir_write(file, letter);
	const int number = errno;
	if (close(file) != 0 && fine)
		return false;
	errno = number;
	return fine;
}

/* What is renamed survives a power cut only with its folder. */
static bool maildir_sync(const struct maildir_worker *maildir)
{
	const int folder = openat(maildir->folder, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return false;
	const bool fine = fsync(folder) == 0;
	close(folder);
	return fine;
}

/* The name follows from the mail: a second attempt meets the first. */
static void maildir_send(void *state, const struct letter *letter, struct outcome *outcome)
{
	struct maildir_worker *maildir = state;
	snprintf(maildir->tmp, MAILDIR_NAME, "tmp/%s.nightmill", letter->name);
	snprintf(maildir->new, MAILDIR_NAME, "new/%s.nightmill", letter->name);
	if (!maildir_fill(maildir, letter)) {
		const int number = errno;
		unlinkat(maildir->folder, maildir->tmp, 0);
		transport_fail_place(
			outcome, ERROR_WRITE, "writing into the maildir: %s", strerror(number));
		return;
	}
	outcome->deed.verdict = DEED_DOUBT;
	if (renameat(maildir->folder, maildir->tmp, maildir->folder, maildir->new) != 0) {
		const int number = errno;
		unlinkat(maildir->folder, maildir->tmp, 0);
		outcome_deed(outcome, DEED_DEFERRED, 0, strerror(number));
	} else if (!maildir_sync(maildir)) {
		outcome_deed(outcome, DEED_DOUBT, 0, strerror(errno));
	} else {
		outcome_deed(outcome, DEED_ACCEPTED, 0, "delivered");
	}
}

const struct transport_plugin maildir_transport = {
	.plugin = { "maildir", "Delivers mails into a maildir, a folder that mail readers open.",
		maildir_options, sizeof(struct maildir_settings) },
	.acts = true,
	.prepare = maildir_prepare,
	.needs = maildir_needs,
	.open = maildir_open,
	.close = maildir_close,
	.send = maildir_send,
};
