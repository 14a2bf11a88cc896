#include "stages/files/glob.h"

#include <string.h>

#include "pipeline/support/arena.h"
#include "stages/files/glob_program.h"

enum { GLOB_DEPTH = 16 };

struct glob_reader {
	struct glob *glob;
	const char *pattern, *at;
	int depth; /* of braces */
	struct error *err;
};

static bool glob_wrong(const struct glob_reader *reader, const char *why)
{
	return fail(reader->err, ERROR_USAGE, "pattern '%.300s': %s", reader->pattern, why);
}

static bool glob_emit(struct glob_reader *reader, enum glob_kind kind, int byte, size_t target)
{
	struct glob *glob = reader->glob;
	if (glob->count == GLOB_STEPS)
		return glob_wrong(reader, "the patterns are too long together");
	glob->steps[glob->count++] = (struct glob_step){
		.kind = (uint8_t)kind,
		.byte = (uint8_t)byte,
		.target = (uint16_t)target,
	};
	return true;
}

static void glob_class_add(struct glob_class *class, unsigned low, unsigned high)
{
	for (unsigned byte = low; byte <= high; byte++)
		class->bits[byte / 64] |= UINT64_C(1) << (byte % 64);
}

/* One byte of a class, which a backslash may protect; 0 at the end of the pattern. */
static unsigned glob_class_byte(struct glob_reader *reader)
{
	if (*reader->at == '\\')
		reader->at++;
	return *reader->at ? (unsigned char)*reader->at++ : 0;
}

static bool glob_class_range(struct glob_reader *reader, struct glob_class *class)
{
	const unsigned low = glob_class_byte(reader);
	unsigned high = low;
	if (reader->at[0] == '-' && reader->at[1] && reader->at[1] != ']') {
		reader->at++;
		high = glob_class_byte(reader);
	}
	if (!low || !high)
		return glob_wrong(reader, "'[' without ']'");
	if (high < low)
		return glob_wrong(reader, "a range that ends before it starts");
	glob_class_add(class, low, high);
	return true;
}

static bool glob_read_class(struct glob_reader *reader)
{
	struct glob *glob = reader->glob;
	struct glob_class class = { { 0 } };
	reader->at++;
	const bool negated = *reader->at == '!' || *reader->at == '^';
	reader->at += negated;
	const char *first = reader->at;
	while (*reader->at != ']' || reader->at == first) {
		if (!glob_class_range(reader, &class))
			return false;
	}
	reader->at++;
	for (size_t i = 0; negated && i < 4; i++)
		class.bits[i] = ~class.bits[i];
	class.bits['/' / 64] &= ~(UINT64_C(1) << ('/' % 64));
	const size_t bytes = (glob->class_count + 1) * sizeof(class);
	glob->classes = memory_resize(glob->classes, bytes);
	glob->classes[glob->class_count] = class;
	return glob_emit(reader, GLOB_CLASS, 0, glob->class_count++);
}

static bool glob_at_border(const struct glob_reader *reader, const char *at)
{
	return *at == '\0' || *at == '/' || (reader->depth && (*at == ',' || *at == '}'));
}

static bool glob_read_stars(struct glob_reader *reader)
{
	const char *at = reader->at;
	const size_t count = strspn(at, "*");
	reader->at += count;
	if (count == 1)
		return glob_emit(reader, GLOB_STAR, 0, 0);
	const bool starts = at == reader->pattern || at[-1] == '/' ||
			    (reader->depth && (at[-1] == '{' || at[-1] == ','));
	if (count > 2 || !starts || !glob_at_border(reader, reader->at))
		return glob_wrong(reader, "'**' must stand alone between slashes");
	if (*reader->at != '/')
		return glob_emit(reader, GLOB_DEEP, 0, 0);
	reader->at++;
	return glob_emit(reader, GLOB_SPLIT, 0, reader->glob->count + 3) &&
	       glob_emit(reader, GLOB_DEEP, 0, 0) && glob_emit(reader, GLOB_BYTE, '/', 0);
}

static bool glob_read_sequence(struct glob_reader *reader);

/* Up to the next ',' or '}'. The split leads to the alternative behind it, the jump (which is
 * chained until the end is known) to the end. */
static bool glob_read_alternative(struct glob_reader *reader, size_t *jumps)
{
	struct glob *glob = reader->glob;
	const size_t split = glob->count;
	reader->at++;
	if (!glob_emit(reader, GLOB_SPLIT, 0, split + 1) || !glob_read_sequence(reader))
		return false;
	if (*reader->at == '\0')
		return glob_wrong(reader, "'{' without '}'");
	if (*reader->at == '}')
		return true;
	const size_t jump = glob->count;
	if (!glob_emit(reader, GLOB_JUMP, 0, *jumps))
		return false;
	*jumps = jump;
	glob->steps[split].target = (uint16_t)glob->count;
	return true;
}

static bool glob_read_braces(struct glob_reader *reader)
{
	struct glob *glob = reader->glob;
	size_t jumps = GLOB_STEPS;
	if (++reader->depth > GLOB_DEPTH)
		return glob_wrong(reader, "too many braces within braces");
	do {
		if (!glob_read_alternative(reader, &jumps))
			return false;
	} while (*reader->at == ',');
	reader->at++;
	reader->depth--;
	while (jumps != GLOB_STEPS) {
		const size_t next = glob->steps[jumps].target;
		glob->steps[jumps].target = (uint16_t)glob->count;
		jumps = next;
	}
	return true;
}

static bool glob_read_one(struct glob_reader *reader)
{
	switch (*reader->at) {
	case '*':
		return glob_read_stars(reader);
	case '[':
		return glob_read_class(reader);
	case '{':
		return glob_read_braces(reader);
	case '}':
		return glob_wrong(reader, "'}' without '{'");
	case '?':
		reader->at++;
		return glob_emit(reader, GLOB_ANY, 0, 0);
	case '\\':
		if (!*++reader->at)
			return glob_wrong(reader, "a backslash at the end");
		return glob_emit(reader, GLOB_BYTE, *reader->at++, 0);
	default:
		return glob_emit(reader, GLOB_BYTE, *reader->at++, 0);
	}
}

static bool glob_read_sequence(struct glob_reader *reader)
{
	while (*reader->at) {
		if (reader->depth && (*reader->at == ',' || *reader->at == '}'))
			return true;
		if (!glob_read_one(reader))
			return false;
	}
	return true;
}

/* Patterns that look as if they meant something but could never match. */
static bool glob_sensible(const struct glob_reader *reader)
{
	const char *pattern = reader->pattern;
	const size_t length = strlen(pattern);
	if (length == 0)
		return glob_wrong(reader, "matches nothing");
	if (*pattern == '/')
		return glob_wrong(
			reader, "paths are matched below their root, without a slash in front");
	if (pattern[length - 1] == '/')
		return glob_wrong(
			reader, "ends with a slash; add '**' for all that is in a folder");
	if (strstr(pattern, "//"))
		return glob_wrong(reader, "two slashes in a row match nothing");
	if (!strncmp(pattern, "./", 2) || !strncmp(pattern, "../", 3) || strstr(pattern, "/../") ||
		strstr(pattern, "/./"))
		return glob_wrong(reader, "'.' and '..' do not occur in paths below a root");
	return true;
}

static bool glob_read(struct glob_reader *reader, bool last)
{
	struct glob *glob = reader->glob;
	const size_t split = glob->count;
	if (!glob_sensible(reader) || !glob_emit(reader, GLOB_SPLIT, 0, split + 1) ||
		!glob_read_sequence(reader) || !glob_emit(reader, GLOB_MATCH, 0, 0))
		return false;
	if (!last)
		glob->steps[split].target = (uint16_t)glob->count;
	return true;
}

bool glob_compile(const char *const *patterns, size_t count, struct glob **glob, struct error *err)
{
	struct glob *made = memory_zeroed(1, sizeof(*made));
	for (size_t i = 0; i < count; i++) {
		struct glob_reader reader = {
			.glob = made,
			.pattern = patterns[i],
			.at = patterns[i],
			.err = err,
		};
		if (!glob_read(&reader, i + 1 == count)) {
			glob_free(made);
			return false;
		}
	}
	made->words = (made->count + 63) / 64;
	*glob = made;
	return true;
}
