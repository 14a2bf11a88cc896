/* The tail stage `mail`: a mail to each item's person. */

#include "stages/mail/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/output_path.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"
#include "stages/mail/compose.h"
#include "stages/mail/page.h"
#include "stages/mail/transports/transport.h"
#include "stages/mail/verbs.h"

enum { MAIL_VERSION = 1, MAIL_PRIVATE = 0600 };

enum mail_doubt { MAIL_HOLD, MAIL_RESEND };

static const char *const mail_doubts[] = { "hold", "resend", NULL };

struct mail_settings {
	struct compose_settings compose;
	struct option_plugin via;
	int most, usual_times, per_minute, per_domain;
	int on_doubt; /* enum mail_doubt */
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
	{ "max_mails", INTEGER(most), RANGE(0, 1000000000), .fallback = "1000",
		.help = "A run that would send more halts before the first; 0: any number." },
	{ "usual_times", INTEGER(usual_times), RANGE(0, 1000), .fallback = "3",
		.help = "So does one that would send more than so many times what is usual; 0: "
			"never." },
	{ "per_minute", INTEGER(per_minute), RANGE(0, 1000000), .fallback = "0",
		.help = "Mails that are sent within any minute at most; 0: any number." },
	{ "per_domain", INTEGER(per_domain), RANGE(0, 1000000), .fallback = "0",
		.help = "The same for those that go to one domain." },
	{ "on_doubt", CHOICE(on_doubt, mail_doubts), .fallback = "hold",
		.help = "What becomes of a mail that may have gone out or not: hold sends it no "
			"more until `nightmill mail settle` says what is true, "
			"resend sends it "
			"again, with the same Message-ID." },
	{ .name = NULL },
};
#undef SETTINGS

struct mail {
	struct compose compose;
	struct act_rules rules;
	const struct transport_plugin *transport;
	void *prepared; /* of the transport */
	struct digest recipe;
};

struct mail_worker {
	const struct mail *mail;
	const struct workplace *place;
	struct composer *composer;
	void *transport;   /* of one that acts */
	struct text dated; /* a mail that gets its date now */
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
	mail->rules = (struct act_rules){
		.noun = "mail",
		.plural = "mails",
		.most = (uint64_t)rows->most,
		.usual_times = (uint32_t)rows->usual_times,
		.per_minute = (uint32_t)rows->per_minute,
		.key_per_minute = (uint32_t)rows->per_domain,
		.resend = rows->on_doubt == MAIL_RESEND,
		.doubts = "doubt",
	};
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
	if (mail->transport->needs)
		mail->transport->needs(mail->prepared, needs);
	if (mail->compose.roots.count > 0 && needs->read.count == 0)
		needs->read = mail->compose.roots;
}

static void mail_close(void *state)
{
	struct mail_worker *worker = state;
	if (!worker)
		return;
	if (worker->transport)
		worker->mail->transport->close(worker->transport);
	composer_close(worker->composer);
	text_finish(&worker->dated);
	free(worker);
}

static bool mail_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	const struct mail *mail = prepared;
	struct mail_worker *made = memory_zeroed(1, sizeof(*made));
	made->mail = mail;
	made->place = place;
	if (!composer_open(&mail->compose, &made->composer, err) ||
		(mail->transport->acts &&
			!mail->transport->open(mail->prepared, &made->transport, err))) {
		mail_close(made);
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

/* The date comes with the sending, where the record has none. */
static void mail_add_date(struct text *text)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t now = (time_t)(clock_wall_nanos() / 1000000000);
	struct tm tm;
	gmtime_r(&now, &tm);
	text_addf(text, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void mail_send(
	struct mail_worker *worker, const struct composed *made, struct outcome *outcome)
{
	struct letter letter = {
		.from = made->from,
		.to = made->to,
		.name = made->name,
		.bytes = made->bytes,
		.length = made->length,
	};
	if (!made->dated) {
		text_clear(&worker->dated);
		mail_add_date(&worker->dated);
		text_add(&worker->dated, made->bytes, made->length);
		letter.bytes = worker->dated.data;
		letter.length = worker->dated.length;
	}
	worker->mail->transport->send(worker->transport, &letter, outcome);
	outcome->bytes_written += letter.length;
}

static void mail_process(void *state, const struct item *item, struct outcome *outcome)
{
	struct mail_worker *worker = state;
	struct composed made;
	if (!composer_make(worker->composer, item, &made, &outcome->error)) {
		outcome->status = OUTCOME_FAILED;
		return;
	}
	const struct digest content = digest_of(made.bytes, made.length);
	outcome->content =
		digest_none(outcome->content) ? content : digest_mix(outcome->content, content);
	if (worker->mail->transport->acts) {
		mail_send(worker, &made, outcome);
		return;
	}
	const bool due = item->due >> worker->place->first_part & 1;
	if (due && !mail_write(worker, item, &made, outcome))
		outcome->status = OUTCOME_FAILED;
}

const char *mail_outbox(const void *prepared)
{
	return mail_output_root(prepared);
}

/* The page that shows what lies in the outbox. */
static bool mail_conclude(const void *prepared, struct error *err)
{
	const struct mail *mail = prepared;
	return mail->transport->acts || page_write(mail->transport->root(mail->prepared), err);
}

static bool mail_live(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->transport->acts;
}

static void mail_rules(const void *prepared, struct act_rules *rules)
{
	const struct mail *mail = prepared;
	*rules = mail->rules;
}

static bool mail_about(const void *prepared, const struct item *item, struct arena *arena,
	struct act_about *about, struct error *err)
{
	const struct mail *mail = prepared;
	struct identity identity;
	if (!compose_identify(&mail->compose, item, arena, &identity, err))
		return false;
	about->label = identity.secret ? "***" : identity.to.mailbox;
	about->name = arena_copy(arena, identity.id, strlen(identity.id));
	about->pace = arena_copy(arena, identity.to.domain, strlen(identity.to.domain));
	for (char *at = (char *)about->pace; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	return true;
}

static const struct stage_act mail_act = {
	.live = mail_live,
	.rules = mail_rules,
	.about = mail_about,
};

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
	.act = &mail_act,
	.verbs = mail_verbs,
};
