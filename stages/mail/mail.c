/* The tail stage `mail`: a mail to each item's person. */

#include "stages/mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/output_path.h"
#include "stages/mail/address.h"
#include "stages/mail/page.h"
#include "stages/mail/posting.h"
#include "stages/mail/settings.h"
#include "stages/mail/verbs.h"

enum { MAIL_VERSION = 1, MAIL_PRIVATE = 0600 };

struct mail {
	struct compose compose;
	struct act_rules rules;
	struct transport_chosen way;
	struct digest recipe;
};

struct mail_worker {
	const struct mail *mail;
	const struct workplace *place;
	struct composer *composer;
	struct posting posting; /* where mails go out */
};

static bool mail_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct mail_settings *rows = settings;
	struct mail *mail = arena_alloc(setup->arena, sizeof(*mail));
	const uint32_t version = MAIL_VERSION;
	*prepared = mail;
	mail->recipe = digest_mix(option_digest(mail_options, rows, false),
		digest_mix(digest_of(&version, sizeof(version)), setup->upstream));
	mail_settings_rules(rows, &mail->rules);
	const bool way = transport_prepare(&rows->via, setup, &mail->way);
	return compose_prepare(&mail->compose, &rows->compose, setup) && way;
}

static size_t mail_parts(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->way.plugin->acts ? 0 : 1;
}

static const char *mail_output_root(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->way.plugin->acts ? NULL : mail->way.plugin->root(mail->way.prepared);
}

static bool mail_outputs(const void *prepared, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err)
{
	const struct mail *mail = prepared;
	struct text path = { 0 };
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	mail->way.plugin->path(mail->way.prepared, item, &path);
	parts[0].name = "mail";
	parts[0].recipe = mail->recipe;
	const bool done = output_path_make(&path, &late, &parts[0], arena, err);
	text_finish(&path);
	return done;
}

static void mail_needs(const void *prepared, struct stage_needs *needs)
{
	const struct mail *mail = prepared;
	if (mail->way.plugin->needs)
		mail->way.plugin->needs(mail->way.prepared, needs);
	if (mail->compose.roots.count > 0 && needs->read.count == 0)
		needs->read = mail->compose.roots;
}

static void mail_close(void *state)
{
	struct mail_worker *worker = state;
	if (!worker)
		return;
	composer_close(worker->composer);
	posting_close(&worker->posting);
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
		(mail->way.plugin->acts && !posting_open(&made->posting, &mail->way, place, err))) {
		mail_close(made);
		return false;
	}
	*worker = made;
	return true;
}

/* Letters are no one else's business. */
static bool mail_write(const struct mail_worker *worker, const struct item *item,
	const struct composed *made, struct outcome *outcome)
{
	const struct stage_file file = { made->bytes, made->length, MAIL_PRIVATE,
		"writing a mail" };
	return stage_write(worker->place, item, &file, outcome);
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
	posting_send(&worker->posting, &letter, made->dated, outcome);
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
	if (worker->mail->way.plugin->acts) {
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

const struct transport_chosen *mail_release(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->way.plugin->acts ? NULL : mail->way.plugin->release(mail->way.prepared);
}

/* The page that shows what lies in the outbox. */
static bool mail_conclude(const void *prepared, struct error *err)
{
	const struct mail *mail = prepared;
	return mail->way.plugin->acts ||
	       page_write(mail->way.plugin->root(mail->way.prepared), err);
}

static bool mail_live(const void *prepared)
{
	const struct mail *mail = prepared;
	return mail->way.plugin->acts;
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
	about->pace = address_pace(&identity.to, arena);
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
	.spendings = posting_spendings,
	.waits = POSTING_WAITS,
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
