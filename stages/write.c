/* The tail stage `write`: a field's bytes as a file of each item. */

#include "stages/write.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/output_path.h"
#include "pipeline/template.h"

enum { WRITE_VERSION = 1, WRITE_MODES = 0777, WRITE_USUAL = 0666, WRITE_PRIVATE = 0600 };

struct write_settings {
	const char *to, *from, *mode;
};

#define SETTINGS struct write_settings
static const struct option write_options[] = {
	{ "to", TEMPLATE(to),
		.help = "Path of the file: a folder, then slots of the record that tell items "
			"apart." },
	{ "from", FIELD_NAME(from), .affects = AFFECTS_BYTES, .help = "The field that it holds." },
	{ "mode", TEXT(mode), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Permissions of the file in octal digits, e.g. \"0640\", less those that "
			"the "
			"umask takes away. Without it \"0666\", and \"0600\" where the text has a "
			"secret in it." },
	{ .name = NULL },
};
#undef SETTINGS

struct write {
	struct template to;
	const char *root;
	const struct fields *fields;
	size_t from;
	int mode; /* -1: not given */
	struct digest recipe;
};

struct write_worker {
	const struct write *write;
	const struct workplace *place;
};

static bool write_read_mode(const char *text, int *mode)
{
	*mode = -1;
	if (!*text)
		return true;
	char *end;
	const long value = strtol(text, &end, 8);
	*mode = (int)value;
	return *end == '\0' && *text >= '0' && *text <= '7' && value >= 0 && value <= WRITE_MODES;
}

static bool write_uses_field(const struct template *template)
{
	for (size_t i = 0; i < template->count; i++)
		if (!template->pieces[i].text)
			return true;
	return false;
}

static bool write_prepare_to(
	struct write *write, const char *to, const struct stage_setup *setup, struct error *err)
{
	if (!template_compile(to, setup->fields, NULL, setup->arena, &write->to, err) ||
		!output_path_root(&write->to, to, setup->arena, &write->root, err))
		return false;
	return write_uses_field(&write->to) ||
	       fail(err, ERROR_USAGE,
		       "'%s' has no slot that tells items apart: all would want the same file", to);
}

static bool write_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct write_settings *rows = settings;
	struct write *write = arena_alloc(setup->arena, sizeof(*write));
	struct error err;
	const bool to = write_prepare_to(write, rows->to, setup, &err);
	if (!to)
		stage_complain(setup, "to", "%s", err.text);
	const bool from = fields_find(setup->fields, rows->from, &write->from, &err);
	if (!from)
		stage_complain(setup, "from", "%s", err.text);
	const bool mode = write_read_mode(rows->mode, &write->mode);
	if (!mode)
		stage_complain(
			setup, "mode", "expected octal digits up to 0777, found '%s'", rows->mode);
	const uint32_t version = WRITE_VERSION;
	write->fields = setup->fields;
	write->recipe = digest_mix(option_digest(write_options, rows, false),
		digest_mix(digest_of(&version, sizeof(version)), setup->upstream));
	*prepared = write;
	return to && from && mode;
}

static size_t write_parts(const void *prepared)
{
	(void)prepared;
	return 1;
}

static const char *write_output_root(const void *prepared)
{
	const struct write *write = prepared;
	return write->root;
}

/* A path is seen by everyone who lists its folder. */
static bool write_tells_secret(
	const struct write *write, const struct item *item, struct error *err)
{
	for (size_t i = 0; i < write->to.count; i++) {
		const struct template_piece *piece = &write->to.pieces[i];
		if (!piece->text && piece->slot < item->slot_count &&
			item->slots[piece->slot].secret)
			return !fail(err, ERROR_UNSUPPORTED,
				"its path would tell the secret field '%s'",
				write->fields->names[piece->slot]);
	}
	return false;
}

static bool write_outputs(const void *prepared, const struct item *item, struct arena *arena,
	struct part *parts, struct error *err)
{
	const struct write *write = prepared;
	struct text path = { 0 };
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	if (write_tells_secret(write, item, err))
		return false;
	template_expand(&write->to, item->slots, item->slot_count, NULL, &path);
	parts[0].name = "file";
	parts[0].recipe = write->recipe;
	const bool done = output_path_make(&path, &late, &parts[0], arena, err);
	text_finish(&path);
	return done;
}

static bool write_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	(void)err;
	struct write_worker *made = memory_zeroed(1, sizeof(*made));
	made->write = prepared;
	made->place = place;
	*worker = made;
	return true;
}

static bool write_file(const struct write_worker *worker, const struct item *item,
	const struct slot *slot, struct outcome *outcome)
{
	const int mode = worker->write->mode >= 0 ? worker->write->mode
			 : slot->secret           ? WRITE_PRIVATE
						  : WRITE_USUAL;
	const struct stage_file file = { slot->data, slot->length, (mode_t)mode, "writing a file" };
	return stage_write(worker->place, item, &file, outcome);
}

static void write_process(void *state, const struct item *item, struct outcome *outcome)
{
	const struct write_worker *worker = state;
	const size_t from = worker->write->from;
	struct slot slot = { .data = "" };
	if (from < item->slot_count && item->slots[from].data)
		slot = item->slots[from];
	const struct digest content = digest_of(slot.data, slot.length);
	outcome->content =
		digest_none(outcome->content) ? content : digest_mix(outcome->content, content);
	const bool due = item->due >> worker->place->first_part & 1;
	if (due && !write_file(worker, item, &slot, outcome))
		outcome->status = OUTCOME_FAILED;
}

static void write_close(void *worker)
{
	free(worker);
}

const struct stage_plugin write_stage = {
	.plugin = { "write", "A field's bytes as a file of each item.", write_options,
		sizeof(struct write_settings) },
	.version = WRITE_VERSION,
	.prepare = write_prepare,
	.parts = write_parts,
	.output_root = write_output_root,
	.outputs = write_outputs,
	.open = write_open,
	.process = write_process,
	.close = write_close,
};
