#include "stages/mail/verbs.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/deed_verbs.h"
#include "pipeline/head.h"
#include "stages/mail/box.h"
#include "stages/mail/page.h"
#include "stages/mail/reading.h"
#include "stages/mail/release.h"
#include "stages/mail/trial.h"

static void verbs_add(struct text *line, const char *text)
{
	text_add(line, "\t", line->length > 0);
	text_add_safe(line, text, strlen(text));
}

static void verbs_print(struct text *line)
{
	printf("%s\n", line->data ? line->data : "");
	text_clear(line);
}

static bool verbs_root(const struct stage_desk *desk, const char **root, struct error *err)
{
	*root = mail_outbox(desk->prepared);
	return *root || fail(err, ERROR_USAGE,
				"the mails of '%s' go out: there is no outbox, see `nightmill mail "
				"sent`",
				desk->config);
}

bool verbs_way_out(const struct stage_desk *desk, const char **root,
	const struct transport_chosen **way, struct error *err)
{
	if (!verbs_root(desk, root, err))
		return false;
	*way = mail_release(desk->prepared);
	return *way || fail(err, ERROR_USAGE,
			       "'%s' names no way out of the outbox, as in via: { outbox: { path: "
			       "%s, release: { smtp: { url: \"smtp://127.0.0.1:25\" } } } }",
			       desk->config, *root);
}

/* A mail of the outbox: recipient, subject, file, a tab between. */
static void verbs_list_mail(int folder, const char *name, struct text *line)
{
	struct arena arena = { 0 };
	struct text bytes = { 0 };
	struct reading mail;
	struct error err;
	if (box_read(folder, name, &bytes, &err) &&
		reading_take(bytes.data, bytes.length, &arena, &mail, &err)) {
		verbs_add(line, mail.to);
		verbs_add(line, mail.subject);
	} else {
		verbs_add(line, "-");
		verbs_add(line, err.text);
	}
	verbs_add(line, name);
	verbs_print(line);
	text_finish(&bytes);
	arena_finish(&arena);
}

static bool verbs_outbox(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	struct box box;
	struct text line = { 0 };
	const char *root;
	if (words->to)
		return trial_send(desk, words, status, err);
	if (!verbs_root(desk, &root, err) || !page_write(root, err) || !box_open(&box, root, err))
		return false;
	for (size_t i = 0; i < box.count && (!words->limit || i < words->limit); i++)
		verbs_list_mail(box.folder, box.mails[i].name, &line);
	if (box.count > 0)
		fprintf(stderr, "to look at them: %s/index.html\n", root);
	text_finish(&line);
	box_close(&box);
	return true;
}

/* By its file's name, with or without .eml. */
static bool verbs_is_called(const char *name, const char *word)
{
	const size_t length = strlen(word);
	return strncmp(name, word, length) == 0 &&
	       (name[length] == '\0' || strcmp(name + length, ".eml") == 0);
}

static void verbs_show_mail(const struct reading *mail)
{
	const char *const rows[][2] = { { "From", mail->from }, { "To", mail->to },
		{ "Subject", mail->subject }, { "Date", mail->date } };
	struct text line = { 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_addf(&line, "%s: ", rows[i][0]);
		text_add_safe(&line, rows[i][1], strlen(rows[i][1]));
		verbs_print(&line);
	}
	for (size_t i = 0; i < mail->file_count; i++) {
		text_add_string(&line, "Attached: ");
		text_add_safe(&line, mail->files[i], strlen(mail->files[i]));
		verbs_print(&line);
	}
	fputs("\n", stdout);
	for (const char *at = mail->text; *at;) {
		const size_t length = strcspn(at, "\r\n");
		text_add_safe(&line, at, length);
		verbs_print(&line);
		at += length;
		at += *at == '\r';
		at += *at == '\n';
	}
	text_finish(&line);
}

static bool verbs_show_file(int folder, const char *name, struct error *err)
{
	struct arena arena = { 0 };
	struct text bytes = { 0 };
	struct reading mail;
	const bool fine = box_read(folder, name, &bytes, err) &&
			  reading_take(bytes.data, bytes.length, &arena, &mail, err);
	if (fine)
		verbs_show_mail(&mail);
	text_finish(&bytes);
	arena_finish(&arena);
	return fine;
}

static bool verbs_show(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	struct box box;
	const char *root;
	bool fine = false;
	(void)status;
	if (!words->operand)
		return fail(err, ERROR_USAGE, "which mail? `nightmill mail outbox` lists them");
	if (!verbs_root(desk, &root, err) || !box_open(&box, root, err))
		return false;
	size_t i = 0;
	while (i < box.count && !verbs_is_called(box.mails[i].name, words->operand))
		i++;
	if (i < box.count)
		fine = verbs_show_file(box.folder, box.mails[i].name, err);
	else
		fail(err, ERROR_USAGE, "no mail of '%s' is called '%s'", root, words->operand);
	box_close(&box);
	return fine;
}

static bool verbs_sent(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	(void)status;
	return deed_verbs_list(desk, words, 0, err);
}

#define VERBS_OPTIONS                                                                              \
	"\n  --set path=value  override a value of the config\n  -C DIR            start in this " \
	"folder"

#define VERBS_LIMIT "\n  --limit N         so many at most"

const struct stage_verb mail_verbs[] = {
	{ "outbox",
		"mail outbox CONFIG [options]\n"
		"  --to ADDRESS      send the first of them to this address instead, for a trial\n"
		"  --limit N         so many of them" VERBS_OPTIONS,
		"list the mails of the outbox: recipient, subject, file", false, verbs_outbox,
		NULL },
	{ "show", "mail show CONFIG FILE [options]" VERBS_OPTIONS, "show one mail of the outbox",
		false, verbs_show, NULL },
	{ "release",
		"mail release CONFIG [options]\n"
		"  --dry-run         tell what would be sent, send nothing\n"
		"  --yes             send although a guard would halt\n"
		"  --limit N         so many at most\n"
		"  --retry-failed    try again what was refused\n"
		"  --executor NAME   sequential, threads, forked or work-stealing\n"
		"  --workers N|auto  how many workers, each with a connection\n"
		"  --progress MODE   auto, plain, json or none" VERBS_OPTIONS,
		"send the mails of the outbox, each once", false, NULL, release_derive },
	{ "sent", "mail sent CONFIG [WORD] [options]" VERBS_LIMIT VERBS_OPTIONS,
		"list all mails that were to go out, and what became of them; WORD is a recipient, "
		"a key or a Message-ID",
		false, verbs_sent, NULL },
	{ "doubt", "mail doubt CONFIG [WORD] [options]" VERBS_LIMIT VERBS_OPTIONS,
		"list the mails that may have gone out or not", false, deed_verbs_doubts, NULL },
	{ "settle",
		"mail settle CONFIG WORD --as done|again|never [options]\n"
		"  --yes             all that are in doubt" VERBS_OPTIONS,
		"say what is true of a mail in doubt: it came through, or goes again, or never",
		true, deed_verbs_resolve, NULL },
	{ .name = NULL },
};
