#include "stages/mail/release.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stages/mail/box.h"
#include "stages/mail/box_source.h"
#include "stages/mail/posting.h"
#include "stages/mail/settings.h"
#include "stages/mail/verbs.h"

/* Its settings are those of the stage whose outbox it empties. */
struct release {
	const char *root;
	struct transport_chosen way;
	struct act_rules rules;
	struct digest job;
	size_t file, from, to, domain, id, dated, digest; /* numbers of fields */
};

struct release_worker {
	const struct release *release;
	struct posting posting;
	int folder;
	struct arena arena; /* of one mail */
	struct text bytes, lines;
};

static bool release_fields(struct release *release, const struct fields *fields)
{
	struct error err;
	return fields_find(fields, BOX_FILE, &release->file, &err) &&
	       fields_find(fields, BOX_FROM, &release->from, &err) &&
	       fields_find(fields, BOX_TO, &release->to, &err) &&
	       fields_find(fields, BOX_DOMAIN, &release->domain, &err) &&
	       fields_find(fields, BOX_ID, &release->id, &err) &&
	       fields_find(fields, BOX_DATED, &release->dated, &err) &&
	       fields_find(fields, BOX_DIGEST, &release->digest, &err);
}

static bool release_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct mail_settings *rows = settings;
	struct release *release = arena_alloc(setup->arena, sizeof(*release));
	struct transport_chosen outbox;
	*prepared = release;
	if (!transport_prepare(&rows->via, setup, &outbox))
		return false;
	release->root = outbox.plugin->root(outbox.prepared);
	release->way = *outbox.plugin->release(outbox.prepared);
	release->job = digest_of(setup->job, strlen(setup->job));
	mail_settings_rules(rows, &release->rules);
	return release_fields(release, setup->fields);
}

static size_t release_parts(const void *prepared)
{
	(void)prepared;
	return 0;
}

static const char *release_output_root(const void *prepared)
{
	(void)prepared;
	return NULL;
}

static void release_needs(const void *prepared, struct stage_needs *needs)
{
	const struct release *release = prepared;
	if (release->way.plugin->needs)
		release->way.plugin->needs(release->way.prepared, needs);
}

static void release_close(void *state)
{
	struct release_worker *worker = state;
	if (!worker)
		return;
	posting_close(&worker->posting);
	if (worker->folder >= 0)
		close(worker->folder);
	arena_finish(&worker->arena);
	text_finish(&worker->bytes);
	text_finish(&worker->lines);
	free(worker);
}

static bool release_open(
	const void *prepared, const struct workplace *place, void **state, struct error *err)
{
	const struct release *release = prepared;
	struct release_worker *worker = memory_zeroed(1, sizeof(*worker));
	worker->release = release;
	worker->folder = open(release->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* One that is missing has no mails. */
	if ((worker->folder < 0 && errno != ENOENT &&
		    !fail_errno(err, errno, "'%s'", release->root)) ||
		!posting_open(&worker->posting, &release->way, place, err)) {
		release_close(worker);
		return false;
	}
	*state = worker;
	return true;
}

static const char *release_text(const struct item *item, size_t field, struct arena *arena)
{
	const struct slot *slot = &item->slots[field];
	return slot->data ? arena_copy(arena, slot->data, slot->length) : NULL;
}

/* The mail as it was judged: one that has changed since waits for the next release. */
static bool release_read(struct release_worker *worker, const struct item *item, struct error *err)
{
	const struct release *release = worker->release;
	char hex[DIGEST_HEX_BYTES];
	const char *file = release_text(item, release->file, &worker->arena);
	if (!box_read(worker->folder, file, &worker->bytes, err))
		return false;
	digest_hex(digest_of(worker->bytes.data, worker->bytes.length), hex);
	if (strcmp(hex, release_text(item, release->digest, &worker->arena)) == 0)
		return true;
	fail(err, ERROR_CHANGED, "'%s' was changed while mails were released", file);
	err->blame = BLAME_MOMENT;
	return false;
}

/* An editor may have left other line ends. */
static void release_end_lines(const struct text *bytes, struct text *lines)
{
	text_clear(lines);
	text_reserve(lines, bytes->length);
	for (size_t at = 0; at < bytes->length;) {
		const char *line = bytes->data + at;
		const char *end = memchr(line, '\n', bytes->length - at);
		const size_t length = end ? (size_t)(end - line) : bytes->length - at;
		text_add(lines, line, length > 0 && line[length - 1] == '\r' ? length - 1 : length);
		text_add_string(lines, "\r\n");
		at += length + 1;
	}
}

static void release_process(void *state, const struct item *item, struct outcome *outcome)
{
	struct release_worker *worker = state;
	const struct release *release = worker->release;
	char name[DIGEST_HEX_BYTES];
	arena_reset(&worker->arena);
	if (!release_read(worker, item, &outcome->error)) {
		outcome->status = OUTCOME_FAILED;
		return;
	}
	release_end_lines(&worker->bytes, &worker->lines);
	digest_hex(digest_mix(release->job, item->id), name);
	const struct letter letter = {
		.from = release_text(item, release->from, &worker->arena),
		.to = release_text(item, release->to, &worker->arena),
		.name = name,
		.bytes = worker->lines.data,
		.length = worker->lines.length,
	};
	posting_send(&worker->posting, &letter, item->slots[release->dated].data, outcome);
}

static bool release_live(const void *prepared)
{
	(void)prepared;
	return true;
}

static void release_rules(const void *prepared, struct act_rules *rules)
{
	const struct release *release = prepared;
	*rules = release->rules;
}

static bool release_about(const void *prepared, const struct item *item, struct arena *arena,
	struct act_about *about, struct error *err)
{
	const struct release *release = prepared;
	(void)err;
	about->label = release_text(item, release->to, arena);
	about->name = release_text(item, release->id, arena);
	about->pace = release_text(item, release->domain, arena);
	return true;
}

static const struct stage_act release_act = {
	.live = release_live,
	.rules = release_rules,
	.about = release_about,
};

/* In no table: only the verb runs it. */
static const struct stage_plugin release_stage = {
	.plugin = { "mail", "Sends the mails of an outbox.", mail_options,
		sizeof(struct mail_settings) },
	.version = 1,
	.spendings = posting_spendings,
	.waits = POSTING_WAITS,
	.prepare = release_prepare,
	.parts = release_parts,
	.output_root = release_output_root,
	.needs = release_needs,
	.open = release_open,
	.process = release_process,
	.close = release_close,
	.act = &release_act,
};

bool release_derive(const struct stage_desk *desk, struct arena *arena,
	struct stage_derived *derived, struct error *err)
{
	const struct mail_settings *rows = desk->self->settings;
	struct box_settings *box = arena_alloc(arena, sizeof(*box));
	const struct transport_chosen *way;
	if (!verbs_way_out(desk, &box->root, &way, err))
		return false;
	box->roots = (struct option_list){ &box->root, 1 };
	box->outbox = transport_of(rows->via.plugin);
	derived->source = *desk->self;
	derived->source.plugin = &box_source.plugin;
	derived->source.settings = box;
	derived->stage = *desk->self;
	derived->stage.plugin = &release_stage.plugin;
	derived->failures = "mail sent";
	return true;
}
