#include "pipeline/template.h"

#include <string.h>

/* A template while it is compiled. */
struct template_making {
	const struct fields *fields;
	const char *const *extras;
	size_t extra_count;
	struct arena *arena;
	struct template_piece *pieces;
	size_t count;
};

/* Adjacent literals become one, so that `literal` of the template is all in front of the first
 * slot. */
static void template_add_literal(struct template_making *making, const char *text, size_t length)
{
	struct template_piece *last = making->count ? &making->pieces[making->count - 1] : NULL;
	if (length == 0)
		return;
	if (!last || !last->text) {
		char *copy = arena_copy(making->arena, text, length);
		making->pieces[making->count++] = (struct template_piece){ copy, length, 0 };
		return;
	}
	char *joined = arena_alloc(making->arena, last->length + length + 1);
	memcpy(joined, last->text, last->length);
	memcpy(joined + last->length, text, length);
	last->text = joined;
	last->length += length;
}

static bool template_find(const struct template_making *making, const char *name, size_t *slot)
{
	for (size_t i = 0; i < making->fields->count; i++) {
		if (!strcmp(making->fields->names[i], name)) {
			*slot = i;
			if (making->fields->used)
				making->fields->used[i] = true;
			return true;
		}
	}
	for (size_t i = 0; i < making->extra_count; i++) {
		if (!strcmp(making->extras[i], name)) {
			*slot = making->fields->count + i;
			return true;
		}
	}
	return false;
}

/* Names the nearest slot, or all. */
static bool template_unknown(
	const struct template_making *making, const char *name, struct error *err)
{
	size_t fields = making->fields->count, count = fields + making->extra_count;
	const char **names = arena_alloc(making->arena, (count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = i < fields ? making->fields->names[i] : making->extras[i - fields];
	const char *nearest = text_nearest(name, names, count);
	if (nearest)
		return fail(err, ERROR_USAGE, "unknown slot '{%s}' (did you mean '{%s}'?)", name,
			nearest);
	struct text known = { 0 };
	text_add_string(&known, count ? "" : "none");
	for (size_t i = 0; i < count; i++)
		if (names[i][0]) /* hidden by an extra of that name */
			text_addf(&known, "%s{%s}", known.length ? ", " : "", names[i]);
	fail(err, ERROR_USAGE, "unknown slot '{%s}'; known are: %s", name, known.data);
	text_finish(&known);
	return false;
}

/* Adds the slot whose opening brace stands at `open`; `*end` is behind its closing one. */
static bool template_add_slot(
	struct template_making *making, const char *open, const char **end, struct error *err)
{
	size_t length = strcspn(open + 1, "{}");
	const char *name = arena_copy(making->arena, open + 1, length);
	size_t slot;
	if (open[1 + length] != '}')
		return fail(err, ERROR_USAGE,
			"'{%s' has no closing brace; write '{{' for a brace itself", name);
	if (length == 0)
		return fail(err, ERROR_USAGE, "'{}' names no slot; write '{{' for a brace itself");
	if (!template_find(making, name, &slot))
		return template_unknown(making, name, err);
	making->pieces[making->count++] = (struct template_piece){ NULL, 0, slot };
	*end = open + 1 + length + 1;
	return true;
}

static bool template_fill(struct template_making *making, const char *source, struct error *err)
{
	for (const char *at = source; *at;) {
		size_t plain = strcspn(at, "{}");
		template_add_literal(making, at, plain);
		at += plain;
		if (*at && at[1] == *at) {
			template_add_literal(making, at, 1);
			at += 2;
		} else if (*at == '}') {
			return fail(err, ERROR_USAGE,
				"'}' has no opening brace; write '}}' for a brace itself");
		} else if (*at && !template_add_slot(making, at, &at, err)) {
			return false;
		}
	}
	return true;
}

/* No piece without a brace in front of or behind it, but for the first. */
static size_t template_most_pieces(const char *source)
{
	size_t count = 1;
	for (const char *at = source; *at; at++)
		count += *at == '{' || *at == '}';
	return count;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are template.h's. */
bool template_compile(const char *source, const struct fields *fields, const char *const *extras,
	struct arena *arena, struct template *template, struct error *err)
{
	struct template_making making = { .fields = fields, .extras = extras, .arena = arena };
	while (extras && extras[making.extra_count])
		making.extra_count++;
	making.pieces = arena_alloc(arena, template_most_pieces(source) * sizeof(*making.pieces));
	if (!template_fill(&making, source, err))
		return false;
	bool starts_literal = making.count > 0 && making.pieces[0].text;
	*template = (struct template){
		.pieces = making.pieces,
		.count = making.count,
		.fields = fields->count,
		.literal = starts_literal ? making.pieces[0].length : 0,
	};
	return true;
}

bool template_uses(const struct template *template, size_t slot)
{
	for (size_t i = 0; i < template->count; i++)
		if (!template->pieces[i].text && template->pieces[i].slot == slot)
			return true;
	return false;
}

void template_expand(const struct template *template, const struct slot *slots, size_t slot_count,
	const struct slot *extras, struct text *text)
{
	text_add(text, "", 0);
	for (size_t i = 0; i < template->count; i++) {
		const struct template_piece *piece = &template->pieces[i];
		bool is_extra = piece->slot >= template->fields;
		if (piece->text) {
			text_add(text, piece->text, piece->length);
			continue;
		}
		if (!is_extra && piece->slot >= slot_count)
			continue;
		const struct slot *slot =
			is_extra ? &extras[piece->slot - template->fields] : &slots[piece->slot];
		if (slot->data)
			text_add(text, slot->data, slot->length);
	}
}
