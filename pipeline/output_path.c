#include "pipeline/output_path.h"

#include <limits.h>
#include <string.h>

/* One component on its way into a normalised path. */
struct output_path_component {
	const char *data;
	size_t length;
	bool late; /* something comes into it later */
};

static bool output_path_dots(const struct output_path_component *component)
{
	return component->length == 2 && memcmp(component->data, "..", 2) == 0;
}

static bool output_path_says_nothing(const struct output_path_component *component)
{
	return component->length == 0 || (component->length == 1 && component->data[0] == '.');
}

static bool output_path_check_component(
	const struct output_path_component *component, struct error *err)
{
	if (output_path_dots(component))
		return fail(err, ERROR_UNSUPPORTED, "its output path has a '..' in it");
	if (component->late && output_path_says_nothing(component))
		return fail(err, ERROR_UNSUPPORTED,
			"the name of its output would be an extension alone");
	const size_t most = component->late ? NAME_MAX + 1 - ITEM_LATE_BYTES : NAME_MAX;
	if (component->length > most)
		return fail(err, ERROR_UNSUPPORTED,
			"the name of its output has %zu bytes, %zu are possible: make `to` shorter",
			component->length, most);
	return true;
}

/* Adds every component of `in` to `out`, which may have a leading slash already. */
static bool output_path_normalise(
	const struct text *in, struct text *out, struct output_path_late *late, struct error *err)
{
	if (memchr(in->data, '\0', in->length))
		return fail(err, ERROR_UNSUPPORTED, "its output path has a NUL byte in it");
	if (in->length > 0 && in->data[0] == '/')
		text_add(out, "/", 1);
	for (size_t at = 0; at <= in->length;) {
		const char *slash = memchr(in->data + at, '/', in->length - at);
		const size_t end = slash ? (size_t)(slash - in->data) : in->length;
		const struct output_path_component component = { in->data + at, end - at,
			late->from >= at && late->from <= end };
		if (!output_path_check_component(&component, err))
			return false;
		if (!output_path_says_nothing(&component)) {
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

bool output_path_root(const struct template *template, const char *to, struct arena *arena,
	const char **root, struct error *err)
{
	const char *literal = template->literal > 0 ? template->pieces[0].text : "";
	const char *slash = memrchr(literal, '/', template->literal);
	struct text in = { .data = NULL }, out = { .data = NULL };
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	text_add(&in, literal, slash ? (size_t)(slash - literal) : 0);
	text_add(&out, "", 0);
	struct error why;
	bool found = false;
	if (!output_path_normalise(&in, &out, &late, &why))
		fail(err, ERROR_USAGE, "the folder in front of the first slot of '%s' has a '..'",
			to);
	else if (out.length == 0 || strcmp(out.data, "/") == 0)
		fail(err, ERROR_USAGE,
			"'%s' has to start with a folder in front of its first slot, as in "
			"'out/{name}-{size}.{ext}'",
			to);
	else
		found = true;
	if (found)
		*root = arena_copy(arena, out.data, out.length);
	text_finish(&in);
	text_finish(&out);
	return found;
}

bool output_path_make(const struct text *in, struct output_path_late *late, struct part *part,
	struct arena *arena, struct error *err)
{
	struct text out = { .data = NULL };
	text_add(&out, "", 0);
	bool done = output_path_normalise(in, &out, late, err);
	if (done && out.length + ITEM_LATE_BYTES > PATH_MAX)
		done = fail(err, ERROR_UNSUPPORTED,
			"its output path has %zu bytes: make `to` shorter", out.length);
	if (done && in->length > 0 && in->data[in->length - 1] == '/')
		done = fail(err, ERROR_UNSUPPORTED, "its output path ends in a slash");
	if (done) {
		part->path = arena_copy(arena, out.data, out.length);
		part->length = out.length;
		part->late = late->to;
	}
	text_finish(&out);
	return done;
}
