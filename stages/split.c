/* The head stage `split`: one record for each part of a field that lists several. */

#include "stages/split.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/head.h"
#include "pipeline/support/hashes.h"
#include "pipeline/support/text.h"

enum split_normalise { SPLIT_NOT, SPLIT_LOWER, SPLIT_EMAIL };

static const char *const split_normalise_words[] = { "none", "lower", "email", NULL };

struct split_settings {
	const char *field, *as, *separator;
	int normalise; /* enum split_normalise */
};

#define SETTINGS struct split_settings
static const struct option split_options[] = {
	{ "field", FIELD_NAME(field), .help = "The field that lists several." },
	{ "as", TEXT(as), .help = "The new field with one of them." },
	{ "separator", TEXT(separator), .fallback = "\",\"", .affects = AFFECTS_BYTES,
		.help = "What stands between two of them. Blanks around each are dropped; what is "
			"blank is none." },
	{ "normalise", CHOICE(normalise, split_normalise_words), .fallback = "none",
		.affects = AFFECTS_BYTES,
		.help = "By what two of one record are the same, of which the first is taken: none "
			"compares them as they are, lower without regard to the case of A to Z, "
			"email likewise and without the name in front of <the address>. The new "
			"field has it in that form." },
	{ .name = NULL },
};
#undef SETTINGS

struct split {
	const struct split_settings *settings;
	size_t field;
};

struct split_state {
	const struct split *split;
	struct arena arena; /* for one record */
	struct slot *parts; /* of it so far, each once */
	size_t count, room;
	struct hashes seen; /* by their numbers */
};

static bool split_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	struct split *split = arena_alloc(setup->arena, sizeof(*split));
	struct error err;
	split->settings = settings;
	bool found = fields_find(setup->fields, split->settings->field, &split->field, &err);
	if (!found)
		stage_complain(setup, "field", "%s", err.text);
	bool separated = *split->settings->separator;
	if (!separated)
		stage_complain(setup, "separator", "expected at least one character");
	*prepared = split;
	return stage_add_field(setup, split->settings->as, "as") && found && separated;
}

static bool split_open(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	(void)place;
	(void)err;
	struct split_state *made = memory_zeroed(1, sizeof(*made));
	made->split = prepared;
	*state = made;
	return true;
}

static struct slot split_trim(struct slot slot)
{
	while (slot.length && isspace((unsigned char)slot.data[0])) {
		slot.data++;
		slot.length--;
	}
	while (slot.length && isspace((unsigned char)slot.data[slot.length - 1]))
		slot.length--;
	return slot;
}

/* "Ann Lee <Ann@Example.org>" -> "Ann@Example.org". */
static struct slot split_address(struct slot slot)
{
	const char *open = memrchr(slot.data, '<', slot.length);
	if (!open || slot.data[slot.length - 1] != '>')
		return slot;
	uint32_t before = (uint32_t)(open + 1 - slot.data);
	return split_trim((struct slot){
		.data = open + 1, .length = slot.length - before - 1, .secret = slot.secret });
}

static struct slot split_form(struct split_state *state, struct slot part)
{
	int normalise = state->split->settings->normalise;
	if (normalise == SPLIT_NOT || part.length == 0)
		return part;
	if (normalise == SPLIT_EMAIL)
		part = split_address(part);
	char *lower = arena_copy(&state->arena, part.data, part.length);
	text_lower(lower, part.length);
	part.data = lower;
	return part;
}

/* True where an earlier part of the record is the same; else it is noted. */
static bool split_seen(struct split_state *state, const struct slot *part)
{
	uint64_t hash = hashes_of(part->data, part->length);
	struct hashes_walk walk = hashes_find(&state->seen, hash);
	for (uint32_t number; hashes_next(&state->seen, &walk, &number);) {
		const struct slot *other = &state->parts[number];
		if (other->length == part->length &&
			memcmp(other->data, part->data, part->length) == 0)
			return true;
	}
	if (state->count == state->room) {
		state->room = state->room ? state->room * 2 : 64;
		state->parts = memory_resize(state->parts, state->room * sizeof(*state->parts));
	}
	hashes_add(&state->seen, hash, (uint32_t)state->count);
	state->parts[state->count++] = *part;
	return false;
}

/* Cuts the next part off `rest`; false behind the last. */
static bool split_next(const struct split *split, struct slot *rest, struct slot *part)
{
	if (!rest->data)
		return false;
	size_t width = strlen(split->settings->separator);
	const char *found = memmem(rest->data, rest->length, split->settings->separator, width);
	*part = *rest;
	if (!found) {
		rest->data = NULL;
		return true;
	}
	part->length = (uint32_t)(found - rest->data);
	rest->data = found + width;
	rest->length -= part->length + (uint32_t)width;
	return true;
}

static void split_record(struct split_state *state, const struct item *record, struct head_out *out)
{
	struct slot rest = record->slots[state->split->field], part;
	while (split_next(state->split, &rest, &part)) {
		part = split_form(state, split_trim(part));
		if (part.length == 0)
			continue;
		if (split_seen(state, &part)) {
			head_drop_duplicate(out);
			continue;
		}
		struct item one = *record;
		head_extend_key(&one, part.data, part.length, &state->arena);
		head_give(out, &one, &part);
	}
	if (state->count == 0)
		head_drop(out);
}

static bool split_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	(void)err;
	struct split_state *self = state;
	for (size_t i = 0; i < count; i++) {
		arena_reset(&self->arena);
		hashes_clear(&self->seen);
		self->count = 0;
		split_record(self, &records[i], out);
	}
	return true;
}

static void split_close(void *state)
{
	struct split_state *self = state;
	if (!self)
		return;
	arena_finish(&self->arena);
	hashes_finish(&self->seen);
	free(self->parts);
	free(self);
}

static const struct head_stage split_head = {
	.open = split_open,
	.step = split_step,
	.close = split_close,
};

const struct stage_plugin split_stage = {
	.plugin = { "split", "One record for each part of a field that lists several.",
		split_options, sizeof(struct split_settings) },
	.head = &split_head,
	.prepare = split_prepare,
};
