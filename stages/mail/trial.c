#include "stages/mail/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/support/clock.h"
#include "stages/mail/address.h"
#include "stages/mail/box.h"
#include "stages/mail/gmime.h"
#include "stages/mail/posting.h"
#include "stages/mail/reading.h"
#include "stages/mail/verbs.h"

enum { TRIAL_NOT_ALL = 3 }; /* exit status: some items failed */

/* Copies of mails on their way. */
struct trial {
	struct address to;
	struct box box;
	struct posting posting;
	struct arena arena; /* of one mail */
	struct text bytes, copy;
	int64_t now; /* keeps the Message-IDs of two trials apart */
};

/* Whoever unsubscribes by a copy would unsubscribe the recipient; an answer to all would go to
 * those whom a hand has added. */
static void trial_remove_headers(const struct gmime *gmime, GMimeMessage *copy)
{
	static const char *const names[] = { "Cc", "Bcc", "List-Unsubscribe",
		"List-Unsubscribe-Post" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		while (gmime->object_remove_header((GMimeObject *)copy, names[i]))
			;
}

static void trial_change_headers(const struct trial *trial, const struct gmime *gmime,
	const struct reading *mail, struct arena *arena, GMimeMessage *copy)
{
	InternetAddressList *to = gmime->message_get_addresses(copy, GMIME_ADDRESS_TYPE_TO);
	InternetAddress *mailbox = gmime->mailbox_new(NULL, trial->to.mailbox);
	gmime->address_list_clear(to);
	gmime->address_list_add(to, mailbox);
	gmime->object_unref(mailbox);
	gmime->message_set_subject(
		copy, arena_printf(arena, "[trial for %s] %s", mail->to, mail->subject), "utf-8");
	gmime->message_set_message_id(
		copy, arena_printf(arena, "trial.%" PRId64 ".%s", trial->now, mail->id));
	trial_remove_headers(gmime, copy);
}

/* The copy of a mail: what the recipient would get, but for its headers. */
static bool trial_make(
	struct trial *trial, const char *name, struct reading *mail, struct error *err)
{
	const struct gmime *gmime = gmime_need(err);
	if (!gmime || !box_read(trial->box.folder, name, &trial->bytes, err) ||
		!reading_take(trial->bytes.data, trial->bytes.length, &trial->arena, mail, err))
		return false;
	GMimeMessage *copy = gmime_parse(gmime, trial->bytes.data, trial->bytes.length);
	trial_change_headers(trial, gmime, mail, &trial->arena, copy);
	text_clear(&trial->copy);
	gmime_write(gmime, copy, &trial->copy);
	gmime->object_unref(copy);
	return true;
}

static bool trial_post(
	struct trial *trial, const struct reading *mail, struct outcome *outcome, struct error *err)
{
	struct address from;
	char name[DIGEST_HEX_BYTES];
	if (!address_read(mail->sender, strlen(mail->sender), &trial->arena, &from, err))
		return false;
	digest_hex(digest_of(trial->copy.data, trial->copy.length), name);
	const struct letter letter = {
		.from = from.mailbox,
		.to = trial->to.mailbox,
		.name = name,
		.bytes = trial->copy.data,
		.length = trial->copy.length,
	};
	*outcome = (struct outcome){ .deed.verdict = DEED_UNTOUCHED };
	posting_send(&trial->posting, &letter, *mail->date, outcome);
	if (outcome->deed.verdict != DEED_UNTOUCHED)
		return true;
	*err = outcome->error; /* of the place: the next would fare no better */
	return false;
}

/* A line on standard output: what became of it, the file, the server's words. */
static bool trial_send_one(struct trial *trial, const char *name, int *status, struct error *err)
{
	static const char *const words[DEED_VERDICTS] = {
		[DEED_UNKNOWN] = "in doubt",
		[DEED_ACCEPTED] = "accepted",
		[DEED_DEFERRED] = "deferred",
		[DEED_FAILED] = "failed",
		[DEED_DOUBT] = "in doubt",
	};
	struct reading mail;
	struct outcome outcome;
	arena_reset(&trial->arena);
	if (!trial_make(trial, name, &mail, err) || !trial_post(trial, &mail, &outcome, err))
		return error_where(err, "%s", name);
	if (outcome.deed.verdict != DEED_ACCEPTED)
		*status = TRIAL_NOT_ALL;
	text_clear(&trial->bytes);
	text_addf(&trial->bytes, "%s\t", words[outcome.deed.verdict]);
	text_add_safe(&trial->bytes, name, strlen(name));
	text_addf(&trial->bytes, "\t%s", outcome.error.text);
	puts(trial->bytes.data);
	return true;
}

static bool trial_send_all(struct trial *trial, uint64_t most, int *status, struct error *err)
{
	if (trial->box.count == 0)
		return fail(err, ERROR_USAGE, "the outbox is empty: there is nothing to try");
	for (size_t i = 0; i < trial->box.count && i < most; i++)
		if (!trial_send_one(trial, trial->box.mails[i].name, status, err))
			return false;
	return true;
}

bool trial_send(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	struct trial trial = { .now = clock_wall_nanos() };
	struct arena arena = { 0 };
	const struct transport_chosen *way;
	const char *root;
	bool fine = address_read(words->to, strlen(words->to), &arena, &trial.to, err) ||
		    error_where(err, "--to");
	fine = fine && verbs_way_out(desk, &root, &way, err) && box_open(&trial.box, root, err);
	if (fine) {
		fine = posting_open(&trial.posting, way, NULL, err) &&
		       trial_send_all(&trial, words->limit ? words->limit : 1, status, err);
		posting_close(&trial.posting);
		box_close(&trial.box);
	}
	arena_finish(&trial.arena);
	arena_finish(&arena);
	text_finish(&trial.bytes);
	text_finish(&trial.copy);
	return fine;
}
