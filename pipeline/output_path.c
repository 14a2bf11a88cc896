#include "pipeline/output_path.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

/* Looked at together. */
typedef unsigned char output_path_bytes __attribute__((vector_size(16)));

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

/* 0 unless there is, among these bytes and the one behind each, a NUL, or a slash in front of
 * another or of a dot. A slash is a dot with its last bit set. */
static output_path_bytes output_path_odd(const char *data)
{
	output_path_bytes here, next;
	memcpy(&here, data, sizeof(here));
	memcpy(&next, data + 1, sizeof(next));
	return (output_path_bytes)(((here == '/') & ((next | 1) == '/')) | (next == 0));
}

static bool output_path_names_fit(const char *data, size_t length)
{
	const size_t most = NAME_MAX + 1 - ITEM_LATE_BYTES;
	const char *slash;
	while (length > most && (slash = memchr(data, '/', most + 1))) {
		length -= (size_t)(slash + 1 - data);
		data = slash + 1;
	}
	return length <= most;
}

/* True for nearly every path: there is nothing to change, and no component may be too long. */
static bool output_path_is_normal(const char *data, size_t length)
{
	const size_t step = sizeof(output_path_bytes);
	if (length <= step || length + ITEM_LATE_BYTES > PATH_MAX || data[0] == '.' ||
		data[0] == '\0' || data[length - 1] == '/')
		return false;
	const size_t last = length - step - 1;
	output_path_bytes odd = output_path_odd(data + last);
	for (size_t at = 0; at < last; at += step)
		odd |= output_path_odd(data + at);
	uint64_t halves[2];
	memcpy(halves, &odd, sizeof(halves));
	return (halves[0] | halves[1]) == 0 && output_path_names_fit(data, length);
}

/* Puts a component behind the `length` bytes of `path` that are normal already; it lies in the same
 * memory, never in front of where it belongs. */
static size_t output_path_append(
	char *path, size_t length, const struct output_path_component *component)
{
	if (length > 0 && path[length - 1] != '/')
		path[length++] = '/';
	if (path + length != component->data)
		memmove(path + length, component->data, component->length);
	return length + component->length;
}

/* In place: nothing becomes longer. */
static bool output_path_normalise(
	struct text *path, struct output_path_late *late, struct error *err)
{
	char *data = path->data;
	size_t length = path->length > 0 && data[0] == '/';
	if (memchr(data, '\0', path->length))
		return fail(err, ERROR_UNSUPPORTED, "its output path has a NUL byte in it");
	for (size_t at = 0, end; at <= path->length; at = end + 1) {
		const char *slash = memchr(data + at, '/', path->length - at);
		end = slash ? (size_t)(slash - data) : path->length;
		const struct output_path_component component = { data + at, end - at,
			late->from >= at && late->from <= end };
		if (!output_path_check_component(&component, err))
			return false;
		if (output_path_says_nothing(&component))
			continue;
		length = output_path_append(data, length, &component);
		if (component.late)
			late->to = length - (end - late->from);
	}
	path->length = length;
	data[length] = '\0';
	return true;
}

bool output_path_root(const struct template *template, const char *to, struct arena *arena,
	const char **root, struct error *err)
{
	const char *literal = template->literal > 0 ? template->pieces[0].text : "";
	const char *slash = memrchr(literal, '/', template->literal);
	struct text path = { .data = NULL };
	struct output_path_late late = { SIZE_MAX, SIZE_MAX };
	text_add(&path, literal, slash ? (size_t)(slash - literal) : 0);
	struct error why;
	bool found = false;
	if (!output_path_normalise(&path, &late, &why))
		fail(err, ERROR_USAGE, "the folder in front of the first slot of '%s' has a '..'",
			to);
	else if (path.length == 0 || strcmp(path.data, "/") == 0)
		fail(err, ERROR_USAGE,
			"'%s' has to start with a folder in front of its first slot, as in "
			"'out/{name}-{size}.{ext}'",
			to);
	else
		found = true;
	if (found)
		*root = arena_copy(arena, path.data, path.length);
	text_finish(&path);
	return found;
}

static bool output_path_finish(struct text *path, struct output_path_late *late, struct error *err)
{
	const bool folder = path->length > 0 && path->data[path->length - 1] == '/';
	if (!output_path_normalise(path, late, err))
		return false;
	if (path->length + ITEM_LATE_BYTES > PATH_MAX)
		return fail(err, ERROR_UNSUPPORTED,
			"its output path has %zu bytes: make `to` shorter", path->length);
	if (folder)
		return fail(err, ERROR_UNSUPPORTED, "its output path ends in a slash");
	if (strstr(path->data, "/.nightmill-"))
		return fail(err, ERROR_LIMIT, "'%s' would lie in a folder for temporary files",
			path->data);
	return true;
}

bool output_path_make(struct text *path, struct output_path_late *late, struct part *part,
	struct arena *arena, struct error *err)
{
	late->to = late->from;
	if (!output_path_is_normal(path->data, path->length) &&
		!output_path_finish(path, late, err))
		return false;
	part->path = arena_copy(arena, path->data, path->length);
	part->length = path->length;
	part->late = late->to;
	return true;
}
