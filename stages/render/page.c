#include "stages/render/page.h"

#include <string.h>

#include "stages/render/dates.h"

enum page_kind {
	PAGE_LITERAL,
	PAGE_SLOT,
	PAGE_SECTION,  /* goes on behind its end where the slot is absent */
	PAGE_INVERTED, /* ... where it is present */
	PAGE_END,      /* of a section */
};

/* How a slot is written: one of dates_form, or */
enum { PAGE_ESCAPED = DATES_FORMS, PAGE_RAW };

struct page_op {
	enum page_kind kind;
	const char *data; /* LITERAL */
	size_t length;
	size_t slot;
	int form;   /* SLOT */
	size_t end; /* SECTION, INVERTED: number of its end */
};

static const char *const page_filters[] = { "date", "longdate", "weekday", "month", "raw", NULL };
static const int page_forms[] = { DATES_DATE, DATES_LONG, DATES_WEEKDAY, DATES_MONTH, PAGE_RAW };

enum { PAGE_DEPTH = 32, PAGE_NAME_BYTES = 200 };

/* A page in the making. */
struct page_making {
	const struct page_source *source;
	const struct fields *fields;
	struct arena *arena;
	struct problems *problems;
	const char *text; /* the copy */
	size_t at;
	struct page_op *ops;
	size_t count;
	struct {
		size_t op, tag; /* number of the section's beginning, and where it stands */
	} open[PAGE_DEPTH];
	size_t depth;
};

static struct place page_place(const struct page_making *making, size_t at)
{
	struct place place = { making->source->file, 1, 1 };
	for (size_t i = 0; i < at; i++) {
		const unsigned char byte = (unsigned char)making->text[i];
		if (byte == '\n') {
			place.line++;
			place.column = 1;
		} else if ((byte & 0xc0) != 0x80) { /* characters, not bytes */
			place.column++;
		}
	}
	return place;
}

static struct page_op *page_add_op(struct page_making *making, enum page_kind kind)
{
	struct page_op *op = &making->ops[making->count++];
	*op = (struct page_op){ .kind = kind };
	return op;
}

static void page_add_literal(struct page_making *making, size_t from, size_t end)
{
	if (end <= from)
		return;
	struct page_op *op = page_add_op(making, PAGE_LITERAL);
	op->data = making->text + from;
	op->length = end - from;
}

static bool page_begins_tag(const char *text, size_t left)
{
	const unsigned char next = left > 1 ? (unsigned char)text[1] : 0;
	return text[0] == '{' && next &&
	       ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '_' ||
		       next >= 0x80 || strchr("#^/!{", next));
}

/* A tag alone on its line, blanks aside: the line goes with it. `*from` is set back to the line's
 * begin and `*end` on to the next line. */
static void page_take_line(const struct page_making *making, size_t *from, size_t *end)
{
	const char *text = making->text;
	size_t first = *from, last = *end;
	while (first > 0 && (text[first - 1] == ' ' || text[first - 1] == '\t'))
		first--;
	while (text[last] == ' ' || text[last] == '\t' || text[last] == '\r')
		last++;
	if ((first > 0 && text[first - 1] != '\n') || (text[last] && text[last] != '\n'))
		return;
	*from = first;
	*end = last + (text[last] == '\n');
}

/* The field called `name`. */
static bool page_find(struct page_making *making, const char *name, size_t at, size_t *slot)
{
	struct error err;
	if (fields_find(making->fields, name, slot, &err))
		return true;
	problems_add(making->problems, page_place(making, at), "%s", err.text);
	return false;
}

static void page_slot(struct page_making *making, char *name, size_t at)
{
	char *bar = strchr(name, '|');
	struct page_op op = { .kind = PAGE_SLOT, .form = PAGE_ESCAPED };
	size_t filter = 0;
	if (bar) {
		*bar++ = '\0';
		while (page_filters[filter] && strcmp(page_filters[filter], bar) != 0)
			filter++;
		op.form = page_filters[filter] ? page_forms[filter] : PAGE_RAW;
		if (!page_filters[filter])
			problems_add(making->problems, page_place(making, at),
				"unknown way to write it '%s'; known are: date, longdate, weekday, "
				"month, raw",
				bar);
	}
	if (page_find(making, name, at, &op.slot))
		*page_add_op(making, PAGE_SLOT) = op;
}

static void page_open_section(struct page_making *making, const char *tag, size_t at)
{
	const enum page_kind kind = *tag == '#' ? PAGE_SECTION : PAGE_INVERTED;
	size_t slot = 0;
	page_find(making, tag + 1, at, &slot);
	if (making->depth == PAGE_DEPTH) {
		problems_add(making->problems, page_place(making, at),
			"more than %d sections within each other", PAGE_DEPTH);
		return;
	}
	making->open[making->depth].op = making->count;
	making->open[making->depth++].tag = at;
	page_add_op(making, kind)->slot = slot;
}

static void page_close_section(struct page_making *making, const char *name, size_t at)
{
	size_t slot = 0;
	if (making->depth == 0) {
		problems_add(making->problems, page_place(making, at), "'{/%s}' closes no section",
			name);
		return;
	}
	if (!page_find(making, name, at, &slot))
		return;
	struct page_op *begin = &making->ops[making->open[--making->depth].op];
	if (begin->slot != slot) {
		const struct place place = page_place(making, making->open[making->depth].tag);
		problems_add(making->problems, page_place(making, at),
			"'{/%s}' closes '%s', which begins in line %d", name,
			making->fields->names[begin->slot], place.line);
	}
	begin->end = making->count;
	page_add_op(making, PAGE_END);
}

/* The tag at making->at, whose literal in front begins at `from`. Returns where the next one
 * does. */
static size_t page_tag(struct page_making *making, size_t from)
{
	const char *text = making->text;
	size_t at = making->at;
	if (text[at + 1] == '{') {
		page_add_literal(making, from, at + 1);
		return making->at = at + 2;
	}
	const size_t width = strcspn(text + at + 1, text[at + 1] == '!' ? "}" : "{}\n");
	size_t end = at + 1 + width;
	if (text[end] != '}' || (width > PAGE_NAME_BYTES && text[at + 1] != '!')) {
		problems_add(making->problems, page_place(making, at),
			"'{%.*s' has no closing brace; write '{{' for a brace itself",
			(int)(width > 40 ? 40 : width), text + at + 1);
		return making->at = end;
	}
	char *tag = arena_copy(making->arena, text + at + 1, width);
	size_t first = at;
	end++;
	if (strchr("#^/!", *tag))
		page_take_line(making, &first, &end);
	page_add_literal(making, from, first);
	if (*tag == '#' || *tag == '^')
		page_open_section(making, tag, at);
	else if (*tag == '/')
		page_close_section(making, tag + 1, at);
	else if (*tag != '!')
		page_slot(making, tag, at);
	return making->at = end;
}

/* No more operations than this: each tag has one, and one literal in front of it. */
static size_t page_most_ops(const char *text, size_t length)
{
	size_t count = 2;
	for (size_t i = 0; i < length; i++)
		count += text[i] == '{' ? 2 : 0;
	return count;
}

bool page_compile(const struct page_source *source, const struct fields *fields,
	struct arena *arena, struct page *page, struct problems *problems)
{
	const size_t before = problems->count;
	struct page_making making = {
		.source = source,
		.fields = fields,
		.arena = arena,
		.problems = problems,
		.text = arena_copy(arena, source->data, source->length),
	};
	const char *nul = memchr(source->data, '\0', source->length);
	if (nul)
		problems_add(problems, page_place(&making, (size_t)(nul - source->data)),
			"a NUL byte: this is no text");
	const size_t length = strlen(making.text);
	making.ops = arena_alloc(arena, page_most_ops(making.text, length) * sizeof(*making.ops));
	size_t from = 0;
	while (making.at < length) {
		if (page_begins_tag(making.text + making.at, length - making.at))
			from = page_tag(&making, from);
		else
			making.at++;
	}
	page_add_literal(&making, from, length);
	while (making.depth > 0) {
		const size_t open = making.open[--making.depth].op;
		problems_add(problems, page_place(&making, making.open[making.depth].tag),
			"the section of '%s' is not closed",
			fields->count ? fields->names[making.ops[open].slot] : "");
	}
	*page = (struct page){ making.ops, making.count };
	return problems->count == before;
}

static void page_add_html(struct text *text, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		switch (data[i]) {
		case '&':
			text_add_string(text, "&amp;");
			break;
		case '<':
			text_add_string(text, "&lt;");
			break;
		case '>':
			text_add_string(text, "&gt;");
			break;
		case '"':
			text_add_string(text, "&quot;");
			break;
		case '\'':
			text_add_string(text, "&#39;");
			break;
		default:
			text_add(text, &data[i], 1);
		}
	}
}

/* RFC 4180: in quotation marks where it would otherwise be read as something else. */
static void page_add_csv(struct text *text, const char *data, size_t length)
{
	bool quoted = length > 0 && (data[0] == ' ' || data[length - 1] == ' ');
	for (size_t i = 0; i < length && !quoted; i++)
		quoted = data[i] && strchr(",;\t\"\r\n", data[i]);
	if (!quoted) {
		text_add(text, data, length);
		return;
	}
	text_add_string(text, "\"");
	for (size_t i = 0; i < length; i++) {
		if (data[i] == '"')
			text_add_string(text, "\"");
		text_add(text, &data[i], 1);
	}
	text_add_string(text, "\"");
}

static void page_add_value(
	struct text *text, const char *data, size_t length, enum page_target target)
{
	if (target == PAGE_HTML)
		page_add_html(text, data, length);
	else if (target == PAGE_CSV)
		page_add_csv(text, data, length);
	else
		text_add(text, data, length);
}

static bool page_present(const struct page_record *record, size_t slot)
{
	return slot < record->count && record->slots[slot].data && record->slots[slot].length > 0;
}

static bool page_add_date(const struct page_op *op, const struct page_record *record,
	struct text *text, struct error *err)
{
	const struct slot *slot = &record->slots[op->slot];
	if (dates_add(text, slot->data, slot->length, (enum dates_form)op->form, record->language))
		return true;
	return fail(err, ERROR_DAMAGED, "'%s' is no date but '%.*s'; expected one like 2026-03-28",
		record->names[op->slot], slot->secret ? 3 : (int)slot->length,
		slot->secret ? "***" : slot->data);
}

static bool page_add_slot(const struct page_op *op, const struct page_record *record,
	struct text *text, struct error *err)
{
	if (!page_present(record, op->slot))
		return true;
	const struct slot *slot = &record->slots[op->slot];
	if (op->form < DATES_FORMS)
		return page_add_date(op, record, text, err);
	page_add_value(
		text, slot->data, slot->length, op->form == PAGE_RAW ? PAGE_TEXT : record->target);
	return true;
}

bool page_add(const struct page *page, const struct page_record *record, struct text *text,
	bool *secret, struct error *err)
{
	text_add(text, "", 0);
	for (size_t i = 0; i < page->count; i++) {
		const struct page_op *op = &page->ops[i];
		if (op->kind == PAGE_LITERAL) {
			text_add(text, op->data, op->length);
			continue;
		}
		if (op->kind == PAGE_END)
			continue;
		const bool present = page_present(record, op->slot);
		*secret = *secret || (present && record->slots[op->slot].secret);
		if (op->kind == PAGE_SLOT && !page_add_slot(op, record, text, err))
			return false;
		if (op->kind != PAGE_SLOT && present == (op->kind == PAGE_INVERTED))
			i = op->end;
	}
	return true;
}
