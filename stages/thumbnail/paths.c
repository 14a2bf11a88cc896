#include "stages/thumbnail/paths.h"

#include <stdint.h>
#include <string.h>

#include "pipeline/output_path.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/freedesktop.h"

enum paths_extra { PATHS_SIZE, PATHS_WIDTH, PATHS_HEIGHT, PATHS_EXT, PATHS_HASH };

static const char *const paths_extras[] = { "size", "width", "height", "ext", "hash", NULL };

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
		if (!paths->to.pieces[i].text &&
			(paths->to.pieces[i].slot < paths->fields ||
				paths->to.pieces[i].slot == paths->fields + PATHS_HASH))
			return true;
	return false;
}

bool paths_prepare(struct paths *paths, const char *to, const struct fields *fields,
	struct arena *arena, struct error *err)
{
	const struct fields visible = paths_fields(fields, arena);
	paths->fields = fields->count;
	paths->root = NULL;
	if (!template_compile(to, &visible, paths_extras, arena, &paths->to, err) ||
		!output_path_root(&paths->to, to, arena, &paths->root, err))
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
	const bool known = encode_is_known(a->format) && encode_is_known(b->format);
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
	const struct paths_job *job, size_t extra, struct text *text, struct output_path_late *late)
{
	const struct size *size = job->size;
	if (extra == PATHS_SIZE)
		text_add_string(text, size->name);
	else if (extra == PATHS_WIDTH && size->width > 0)
		text_addf(text, "%u", size->width);
	else if (extra == PATHS_HEIGHT && size->height > 0)
		text_addf(text, "%u", size->height);
	else if (extra == PATHS_EXT && job->extension)
		text_add_string(text, job->extension);
	else if (extra == PATHS_EXT && encode_is_known(size->format))
		text_add_string(text, encode_extension(size->format));
	else if (extra == PATHS_EXT)
		late->from = text->length;
}

void paths_uri(const struct paths *paths, const struct item *item, struct text *uri)
{
	struct text path = { .data = NULL };
	template_expand(paths->from, item->slots, item->slot_count, NULL, &path);
	freedesktop_uri(paths->base, path.data, path.length, uri);
	text_finish(&path);
}

static void paths_add_hash(const struct paths *paths, const struct item *item, struct text *text)
{
	struct text uri = { .data = NULL };
	char hash[FREEDESKTOP_HASH_BYTES];
	paths_uri(paths, item, &uri);
	freedesktop_hash(&uri, hash);
	text_add_string(text, hash);
	text_finish(&uri);
}

/* template_expand does not tell where in the text a slot came to stand. */
static void paths_expand(const struct paths *paths, const struct paths_job *job, struct text *text,
	struct output_path_late *late)
{
	text_add(text, "", 0);
	for (size_t i = 0; i < paths->to.count; i++) {
		const struct template_piece *piece = &paths->to.pieces[i];
		if (piece->text) {
			text_add(text, piece->text, piece->length);
		} else if (piece->slot == paths->fields + PATHS_HASH) {
			paths_add_hash(paths, job->item, text);
		} else if (piece->slot >= paths->fields) {
			paths_add_extra(job, piece->slot - paths->fields, text, late);
		} else if (piece->slot < job->item->slot_count) {
			const struct slot *slot = &job->item->slots[piece->slot];
			text_add(text, slot->data ? slot->data : "", slot->data ? slot->length : 0);
		}
	}
}

bool paths_make(const struct paths *paths, const struct paths_job *job, struct part *part,
	struct arena *arena, struct error *err)
{
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	text_clear(job->scratch);
	paths_expand(paths, job, job->scratch, &late);
	return output_path_make(job->scratch, &late, part, arena, err);
}
