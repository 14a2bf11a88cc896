#include "stages/thumbnail/paths.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "pipeline/support/text.h"
#include "stages/thumbnail/encode.h"

enum paths_extra { PATHS_SIZE, PATHS_WIDTH, PATHS_HEIGHT, PATHS_EXT };

static const char *const paths_extras[] = { "size", "width", "height", "ext", NULL };

/* One component on its way into a normalised path. */
struct paths_component {
	const char *data;
	size_t length;
	bool late; /* something comes into it later */
};

/* The fields with those that an extra hides made unfindable; their numbers stay. */
static struct fields paths_fields(const struct fields *fields, struct arena *arena)
{
	const char **names = arena_alloc(arena, (fields->count + 1) * sizeof(*names));
	for (size_t i = 0; i < fields->count; i++) {
		names[i] = fields->names[i];
		for (size_t extra = 0; paths_extras[extra]; extra++)
			if (strcmp(fields->names[i], paths_extras[extra]) == 0)
				names[i] = "";
	}
	return (struct fields){ .names = names, .count = fields->count, .used = fields->used };
}

static bool paths_dots(const struct paths_component *component)
{
	return component->length == 2 && memcmp(component->data, "..", 2) == 0;
}

static bool paths_says_nothing(const struct paths_component *component)
{
	return component->length == 0 || (component->length == 1 && component->data[0] == '.');
}

static bool paths_check_component(const struct paths_component *component, struct error *err)
{
	if (paths_dots(component))
		return fail(err, ERROR_UNSUPPORTED, "its output path has a '..' in it");
	if (component->late && paths_says_nothing(component))
		return fail(err, ERROR_UNSUPPORTED,
			"the name of its output would be an extension alone");
	const size_t most = component->late ? NAME_MAX + 1 - ITEM_LATE_BYTES : NAME_MAX;
	if (component->length > most)
		return fail(err, ERROR_UNSUPPORTED,
			"the name of its output has %zu bytes, %zu are possible: make `to` shorter",
			component->length, most);
	return true;
}

/* Where in `in` something is still to come, and the same place in what was normalised. */
struct paths_late {
	size_t from, to; /* SIZE_MAX: nowhere */
};

/* Adds every component of `in` to `out`, which may have a leading slash already. */
static bool paths_normalise(
	const struct text *in, struct text *out, struct paths_late *late, struct error *err)
{
	if (memchr(in->data, '\0', in->length))
		return fail(err, ERROR_UNSUPPORTED, "its output path has a NUL byte in it");
	if (in->length > 0 && in->data[0] == '/')
		text_add(out, "/", 1);
	for (size_t at = 0; at <= in->length;) {
		const char *slash = memchr(in->data + at, '/', in->length - at);
		const size_t end = slash ? (size_t)(slash - in->data) : in->length;
		const struct paths_component component = { in->data + at, end - at,
			late->from >= at && late->from <= end };
		if (!paths_check_component(&component, err))
			return false;
		if (!paths_says_nothing(&component)) {
			if (out->length > 0 && out->data[out->length - 1] != '/')
				text_add(out, "/", 1);
			if (component.late)
				late->to = out->length + (late->from - at);
			text_add(out, component.data, component.length);
		}
		at = end + 1;
	}
	return true;
}

static bool paths_find_root(
	struct paths *paths, const char *to, struct arena *arena, struct error *err)
{
	const struct template *template = &paths->to;
	const char *literal = template->literal > 0 ? template->pieces[0].text : "";
	const char *slash = memrchr(literal, '/', template->literal);
	struct text in = { .data = NULL }, out = { .data = NULL };
	struct paths_late late = { SIZE_MAX, SIZE_MAX };
	text_add(&in, literal, slash ? (size_t)(slash - literal) : 0);
	text_add(&out, "", 0);
	struct error why;
	if (!paths_normalise(&in, &out, &late, &why))
		fail(err, ERROR_USAGE, "the folder in front of the first slot of '%s' has a '..'",
			to);
	else if (out.length == 0 || strcmp(out.data, "/") == 0)
		fail(err, ERROR_USAGE,
			"'%s' has to start with a folder in front of its first slot, as in "
			"'out/{name}-{size}.{ext}'",
			to);
	else
		paths->root = arena_copy(arena, out.data, out.length);
	text_finish(&in);
	text_finish(&out);
	return paths->root != NULL;
}

static bool paths_uses(const struct paths *paths, enum paths_extra extra)
{
	return template_uses(&paths->to, paths->fields + extra);
}

/* How often something that is known only later is asked for: there is room for one. */
static size_t paths_count_ext(const struct paths *paths)
{
	size_t count = 0;
	for (size_t i = 0; i < paths->to.count; i++)
		if (!paths->to.pieces[i].text &&
			paths->to.pieces[i].slot == paths->fields + PATHS_EXT)
			count++;
	return count;
}

static bool paths_uses_field(const struct paths *paths)
{
	for (size_t i = 0; i < paths->to.count; i++)
		if (!paths->to.pieces[i].text && paths->to.pieces[i].slot < paths->fields)
			return true;
	return false;
}

bool paths_prepare(struct paths *paths, const char *to, const struct fields *fields,
	struct arena *arena, struct error *err)
{
	const struct fields visible = paths_fields(fields, arena);
	*paths = (struct paths){ .fields = fields->count };
	if (!template_compile(to, &visible, paths_extras, arena, &paths->to, err) ||
		!paths_find_root(paths, to, arena, err))
		return false;
	if (!paths_uses_field(paths))
		return fail(err, ERROR_USAGE,
			"'%s' has no slot that tells items apart: all would want the same file",
			to);
	if (paths_count_ext(paths) > 1)
		return fail(err, ERROR_USAGE, "'%s' has {ext} more than once", to);
	return true;
}

static bool paths_differ(const struct paths *paths, const struct size *a, const struct size *b)
{
	const bool known = a->format != FORMAT_SAME && b->format != FORMAT_SAME;
	return (paths_uses(paths, PATHS_SIZE) && strcmp(a->name, b->name) != 0) ||
	       (paths_uses(paths, PATHS_WIDTH) && a->width != b->width) ||
	       (paths_uses(paths, PATHS_HEIGHT) && a->height != b->height) ||
	       (paths_uses(paths, PATHS_EXT) && known && a->format != b->format);
}

bool paths_check_sizes(
	const struct paths *paths, const struct size *sizes, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			if (!paths_differ(paths, &sizes[i], &sizes[k]))
				return fail(err, ERROR_USAGE,
					"sizes '%s' and '%s' would want the same file: put {size} "
					"into it",
					sizes[i].name, sizes[k].name);
	return true;
}

static void paths_add_extra(
	const struct size *size, size_t extra, struct text *text, struct paths_late *late)
{
	if (extra == PATHS_SIZE)
		text_add_string(text, size->name);
	else if (extra == PATHS_WIDTH && size->width > 0)
		text_addf(text, "%u", size->width);
	else if (extra == PATHS_HEIGHT && size->height > 0)
		text_addf(text, "%u", size->height);
	else if (extra == PATHS_EXT && size->format != FORMAT_SAME)
		text_add_string(text, encode_extension(size->format));
	else if (extra == PATHS_EXT)
		late->from = text->length;
}

/* template_expand does not tell where in the text a slot came to stand. */
static void paths_expand(const struct paths *paths, const struct paths_job *job, struct text *text,
	struct paths_late *late)
{
	text_add(text, "", 0);
	for (size_t i = 0; i < paths->to.count; i++) {
		const struct template_piece *piece = &paths->to.pieces[i];
		if (piece->text) {
			text_add(text, piece->text, piece->length);
		} else if (piece->slot >= paths->fields) {
			paths_add_extra(job->size, piece->slot - paths->fields, text, late);
		} else if (piece->slot < job->item->slot_count) {
			const struct slot *slot = &job->item->slots[piece->slot];
			text_add(text, slot->data ? slot->data : "", slot->data ? slot->length : 0);
		}
	}
}

bool paths_make(const struct paths *paths, const struct paths_job *job, struct part *part,
	struct arena *arena, struct error *err)
{
	struct text in = { .data = NULL }, out = { .data = NULL };
	struct paths_late late = { SIZE_MAX, SIZE_MAX };
	paths_expand(paths, job, &in, &late);
	text_add(&out, "", 0);
	bool done = paths_normalise(&in, &out, &late, err);
	if (done && out.length + ITEM_LATE_BYTES > PATH_MAX)
		done = fail(err, ERROR_UNSUPPORTED,
			"its output path has %zu bytes: make `to` shorter", out.length);
	if (done && in.length > 0 && in.data[in.length - 1] == '/')
		done = fail(err, ERROR_UNSUPPORTED, "its output path ends in a slash");
	if (done) {
		part->path = arena_copy(arena, out.data, out.length);
		part->length = out.length;
		part->late = late.to;
	}
	text_finish(&in);
	text_finish(&out);
	return done;
}
