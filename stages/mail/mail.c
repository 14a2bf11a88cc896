/* The tail stage `mail`: a mail to each item's person. */

#include "stages/mail/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/output_path.h"
#include "pipeline/support/files.h"
#include "stages/mail/compose.h"
#include "stages/mail/page.h"
#include "stages/mail/transports/transport.h"

enum { MAIL_VERSION = 1, MAIL_PRIVATE = 0600 };

struct mail_settings {
	struct compose_settings compose;
	struct option_plugin via;
};

#define SETTINGS struct mail_settings
static const struct option mail_options[] = {
	{ "to", TEMPLATE(compose.to), .affects = AFFECTS_BYTES,
		.help = "The one who gets it: \"{email}\" or \"{name} <{email}>\"." },
	{ "from", TEMPLATE(compose.from), .fallback = "nightmill <nightmill@localhost>",
		.affects = AFFECTS_BYTES,
		.help = "Whom it is from; also the sender for the server." },
	{ "reply_to", TEMPLATE(compose.reply_to), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Who gets answers, where that is someone else." },
	{ "subject", TEMPLATE(compose.subject), .affects = AFFECTS_BYTES,
		.help = "The subject, one line." },
	{ "text", FIELD_NAME(compose.text), .affects = AFFECTS_BYTES,
		.help = "The field with the text, such as one that `render` adds." },
	{ "html", FIELD_NAME(compose.html), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "The field with the same as HTML, for readers that show it." },
	{ "calendar", FIELD_NAME(compose.calendar), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "The field with the meeting as iCalendar, attached as meeting.ics." },
	{ "inline", LIST(compose.pictures), .fallback = "[]", .affects = AFFECTS_BYTES,
		.help = "Fields with pictures, which the HTML shows as \"cid:FIELD\"." },
	{ "inline_limit", BYTES(compose.pictures_most), RANGE(0, 1 << 30), .fallback = "256KiB",
		.affects = AFFECTS_LIMIT, .help = "Bytes that these may have together." },
	{ "attach", LIST(compose.attachments), .fallback = "[]", .affects = AFFECTS_BYTES,
		.help = "Files that go along, as in \"data/agendas/{id}.pdf\"; each lies below the "
			"folder in front of the first slot." },
	{ "max_bytes", BYTES(compose.most), RANGE(1024, 1 << 30), .fallback = "20MiB",
		.affects = AFFECTS_LIMIT, .help = "Bytes of a whole mail." },
	{ "date", TEMPLATE(compose.date), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Its date, like 2026-03-28T18:30:00+01:00. Without it, the time at which "
			"it is sent." },
	{ "domain", TEXT(compose.domain), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Domain of the Message-ID; without it that of `from`." },
	{ "list_unsubscribe", TEMPLATE(compose.unsubscribe), .fallback = "",
		.affects = AFFECTS_BYTES,
		.help = "An https: or mailto: URL at which one gets no more of these." },
	{ "via", PLUGIN(via, transports), .help = "The way that mails take." },
	{ .name = NULL },
};
#undef SETTINGS

struct mail {
	struct compose compose;
	const struct transport_plugin *transport;
	void *prepared; /* of the transport */
	struct digest recipe;
};

struct mail_worker {
	const struct mail *mail;
	const struct workplace *place;
	struct composer *composer;
};

static bool mail_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct mail_settings *rows = settings;
	struct mail *mail = arena_alloc(setup->arena, sizeof(*mail));
	const uint32_t version = MAIL_VERSION;
	*prepared = mail;
	mail->transport = transport_of(rows->via.plugin);
	mail->recipe = digest_mix(option_digest(mail_options, rows, false),
		digest_mix(digest_of(&version, sizeof(version)), setup->upstream));
	const bool way = mail->transport->prepare(rows->via.settings, setup, &mail->prepared);
	return compose_prepare(&mail->compose, &rows->compose, setup) && way;
}

static size_t mail_parts(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->transport->acts ? 0 : 1;
}

static const char *mail_output_root(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->transport->acts ? NULL : mail->transport->root(mail->prepared);
}

static bool mail_outputs(const void *prepared, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err)
{
	const struct mail *mail = prepared;
	struct text path = { 0 };
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	mail->transport->path(mail->prepared, item, &path);
	parts[0].name = "mail";
	parts[0].recipe = mail->recipe;
	const bool done = output_path_make(&path, &late, &parts[0], arena, err);
	text_finish(&path);
	return done;
}

static void mail_needs(const void *prepared, struct stage_needs *needs)
{
	const struct mail *mail = prepared;
	needs->read = mail->compose.roots;
}

static bool mail_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	const struct mail *mail = prepared;
	struct mail_worker *made = memory_zeroed(1, sizeof(*made));
	made->mail = mail;
	made->place = place;
	if (!composer_open(&mail->compose, &made->composer, err)) {
		free(made);
		return false;
	}
	*worker = made;
	return true;
}

/* The folder for temporary files is the same for all: whatever is wrong with it is no item's
 * fault. */
static bool mail_fail_place(int number, struct error *err)
{
	fail_errno(err, number, "writing a mail");
	if (err->code == ERROR_READ)
		err->code = ERROR_WRITE;
	err->blame = BLAME_PLACE;
	return false;
}

static bool mail_fill(int file, const struct composed *made, struct error *err)
{
	bool done = files_write_all(file, made->bytes, made->length);
	int number = done ? 0 : errno;
	if (close(file) != 0 && done) {
		done = false;
		number = errno;
	}
	return done || mail_fail_place(number, err);
}

/* Letters are no one else's business. */
static bool mail_write(const struct mail_worker *worker, const struct item *item,
	const struct composed *made, struct outcome *outcome)
{
	char name[STAGE_TEMPORARY_BYTES];
	stage_temporary(item->id, item->attempt, worker->place->first_part, name);
	const int file = openat(worker->place->temporary, name,
		O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, MAIL_PRIVATE);
	if (file < 0)
		return mail_fail_place(errno, &outcome->error);
	if (!mail_fill(file, made, &outcome->error)) {
		unlinkat(worker->place->temporary, name, 0);
		return false;
	}
	outcome->made |= UINT64_C(1) << worker->place->first_part;
	outcome->bytes_written += made->length;
	return true;
}

static void mail_process(void *state, const struct item *item, struct outcome *outcome)
{
	const struct mail_worker *worker = state;
	struct composed made;
	if (!composer_make(worker->composer, item, &made, &outcome->error)) {
		outcome->status = OUTCOME_FAILED;
		return;
	}
	const struct digest content = digest_of(made.bytes, made.length);
	outcome->content =
		digest_none(outcome->content) ? content : digest_mix(outcome->content, content);
	const bool due = item->due >> worker->place->first_part & 1;
	if (due && !mail_write(worker, item, &made, outcome))
		outcome->status = OUTCOME_FAILED;
}

static void mail_close(void *state)
{
	struct mail_worker *worker = state;
	if (!worker)
		return;
	composer_close(worker->composer);
	free(worker);
}

/* The page that shows what lies in the outbox. */
static bool mail_conclude(const void *prepared, struct error *err)
{
	const struct mail *mail = prepared;
	return mail->transport->acts || page_write(mail->transport->root(mail->prepared), err);
}

const struct stage_plugin mail_stage = {
	.plugin = { "mail", "A mail to each item's person.", mail_options,
		sizeof(struct mail_settings) },
	.version = MAIL_VERSION,
	.prepare = mail_prepare,
	.parts = mail_parts,
	.output_root = mail_output_root,
	.outputs = mail_outputs,
	.needs = mail_needs,
	.open = mail_open,
	.process = mail_process,
	.close = mail_close,
	.conclude = mail_conclude,
};
