#include "stages/render/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/files.h"
#include "pipeline/template.h"

enum { PAGES_MOST_BYTES = 1 << 20, PAGES_MOST = 1000 };

static bool pages_read_open(int file, const char *path, struct text *text, struct error *err)
{
	struct stat status;
	if (fstat(file, &status) != 0)
		return fail_errno(err, errno, "template '%s'", path);
	if (!S_ISREG(status.st_mode))
		return fail(err, ERROR_USAGE, "template '%s' is no regular file", path);
	if (status.st_size > PAGES_MOST_BYTES)
		return fail(err, ERROR_USAGE, "template '%s' has %lld bytes, %d are possible", path,
			(long long)status.st_size, PAGES_MOST_BYTES);
	char *data = memory_alloc((size_t)status.st_size + 1);
	const ssize_t length = files_read_all(file, data, (size_t)status.st_size);
	const int number = errno;
	text_add(text, data, length > 0 ? (size_t)length : 0);
	free(data);
	return length >= 0 || fail_errno(err, number, "template '%s'", path);
}

static bool pages_read_file(const char *path, struct text *text, struct error *err)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return fail_errno(err, errno, "template '%s'", path);
	const bool fine = pages_read_open(file, path, text, err);
	close(file);
	return fine;
}

static bool pages_ends(const char *path, const char *end)
{
	const size_t length = strlen(path), tail = strlen(end);
	return length > tail && strcasecmp(path + length - tail, end) == 0;
}

static enum page_target pages_target(const char *path)
{
	if (pages_ends(path, ".html") || pages_ends(path, ".htm"))
		return PAGE_HTML;
	return pages_ends(path, ".csv") ? PAGE_CSV : PAGE_TEXT;
}

/* Editors for Windows put a mark of three bytes in front. */
static void pages_skip_mark(struct page_source *source)
{
	if (source->length >= 3 && memcmp(source->data, "\xef\xbb\xbf", 3) == 0) {
		source->data += 3;
		source->length -= 3;
	}
}

static bool pages_add(
	struct pages *pages, const char *path, const char *value, const struct stage_setup *setup)
{
	struct pages_entry *entry = &pages->list[pages->count];
	struct text text = { 0 };
	struct error err;
	bool fine = pages_read_file(path, &text, &err);
	if (!fine)
		stage_complain(setup, "template", "%s", err.text);
	*entry = (struct pages_entry){
		.value = value,
		.path = arena_copy(setup->arena, path, strlen(path)),
		.target = pages_target(path),
	};
	struct page_source source = { entry->path, text.data, text.length };
	if (fine) {
		text_add(&text, "", 0);
		source.data = text.data;
		pages_skip_mark(&source);
		pages->recipe = digest_mix(pages->recipe, digest_of(path, strlen(path)));
		pages->recipe = digest_mix(pages->recipe, digest_of(source.data, source.length));
		fine = page_compile(
			&source, setup->fields, setup->arena, &entry->page, setup->problems);
		pages->count++;
	}
	text_finish(&text);
	return fine;
}

/* Values come from data and become part of a path: these bytes alone. */
static bool pages_is_value(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char c = value[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
			c != '_' && c != '-')
			return false;
	}
	return length > 0;
}

/* The path's literal text in front of and behind its only slot. */
struct pages_pattern {
	const char *before, *behind;
};

static bool pages_split(const struct template *template, const struct stage_setup *setup,
	struct pages_pattern *pattern, size_t *slot)
{
	size_t slots = 0;
	*pattern = (struct pages_pattern){ "", "" };
	for (size_t i = 0; i < template->count; i++) {
		const struct template_piece *piece = &template->pieces[i];
		if (!piece->text) {
			slots++;
			*slot = piece->slot;
		} else if (slots > 0) {
			pattern->behind = piece->text;
		} else {
			pattern->before = piece->text;
		}
	}
	if (slots <= 1)
		return true;
	stage_complain(setup, "template", "a path with more than one slot: one alone can pick");
	return false;
}

static void pages_add_quoted(struct text *pattern, const char *literal)
{
	for (; *literal; literal++) {
		if (strchr("*?[]\\", *literal))
			text_add(pattern, "\\", 1);
		text_add(pattern, literal, 1);
	}
}

static bool pages_add_all(struct pages *pages, const struct pages_pattern *pattern,
	const glob_t *found, const struct stage_setup *setup)
{
	bool fine = true;
	const size_t before = strlen(pattern->before), behind = strlen(pattern->behind);
	pages->list = arena_alloc(setup->arena, (found->gl_pathc + 1) * sizeof(*pages->list));
	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = found->gl_pathv[i];
		const size_t length = strlen(path);
		if (length <= before + behind ||
			!pages_is_value(path + before, length - before - behind))
			continue;
		const char *value =
			arena_copy(setup->arena, path + before, length - before - behind);
		fine = pages_add(pages, path, value, setup) && fine;
	}
	return fine;
}

static bool pages_find_fallback(
	struct pages *pages, const char *fallback, const struct stage_setup *setup)
{
	for (size_t i = 0; i < pages->count; i++)
		if (strcmp(pages->list[i].value, fallback) == 0) {
			pages->fallback = i;
			return true;
		}
	if (!*fallback)
		stage_complain(setup, "fallback",
			"the template's path has a slot: say whose template those get that have "
			"none");
	else
		stage_complain(setup, "fallback", "there is no template for '%s'", fallback);
	return false;
}

static bool pages_read_glob(struct pages *pages, const struct pages_pattern *pattern,
	const char *fallback, const struct stage_setup *setup)
{
	struct text text = { 0 };
	glob_t found = { 0 };
	pages_add_quoted(&text, pattern->before);
	text_add_string(&text, "*");
	pages_add_quoted(&text, pattern->behind);
	const int result = glob(text.data, 0, NULL, &found);
	bool fine = false;
	if (result == 0 && found.gl_pathc <= PAGES_MOST)
		fine = pages_add_all(pages, pattern, &found, setup) &&
		       pages_find_fallback(pages, fallback, setup);
	else
		stage_complain(setup, "template", "%s templates like '%s*%s'",
			result == GLOB_NOMATCH ? "there are no" : "cannot take all",
			pattern->before, pattern->behind);
	globfree(&found);
	text_finish(&text);
	return fine;
}

bool pages_read(struct pages *pages, const char *path, const char *fallback,
	const struct stage_setup *setup)
{
	struct template template;
	struct pages_pattern pattern;
	struct error err;
	*pages = (struct pages){ .slot = SIZE_MAX };
	if (!template_compile(path, setup->fields, NULL, setup->arena, &template, &err)) {
		stage_complain(setup, "template", "%s", err.text);
		return false;
	}
	if (!pages_split(&template, setup, &pattern, &pages->slot))
		return false;
	if (pages->slot != SIZE_MAX)
		return pages_read_glob(pages, &pattern, fallback, setup);
	if (*fallback) {
		stage_complain(setup, "fallback",
			"the template's path has no slot, there is nothing to fall back from");
		return false;
	}
	pages->list = arena_alloc(setup->arena, sizeof(*pages->list));
	return pages_add(pages, pattern.before, NULL, setup);
}

const struct pages_entry *pages_pick(const struct pages *pages, const struct item *item)
{
	if (pages->slot >= item->slot_count || !item->slots[pages->slot].data)
		return &pages->list[pages->fallback];
	const struct slot *slot = &item->slots[pages->slot];
	for (size_t i = 0; i < pages->count; i++)
		if (strlen(pages->list[i].value) == slot->length &&
			memcmp(pages->list[i].value, slot->data, slot->length) == 0)
			return &pages->list[i];
	return &pages->list[pages->fallback];
}
