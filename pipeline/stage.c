#include "pipeline/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/stage_adds.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"

void stage_temporary(
	struct digest id, uint32_t attempt, uint32_t part, char name[STAGE_TEMPORARY_BYTES])
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(id, hex);
	snprintf(name, STAGE_TEMPORARY_BYTES, "%s.%u.%u", hex, attempt, part);
}

bool stage_fail_place(int number, const char *doing, struct error *err)
{
	fail_errno(err, number, "%s", doing);
	if (err->code == ERROR_READ)
		err->code = ERROR_WRITE;
	err->blame = BLAME_PLACE;
	return false;
}

static bool stage_fill(int to, const struct stage_file *file, struct error *err)
{
	bool done = files_write_all(to, file->data, file->length);
	int number = done ? 0 : errno;
	if (close(to) != 0 && done) {
		done = false;
		number = errno;
	}
	return done || stage_fail_place(number, file->doing, err);
}

bool stage_write(const struct workplace *place, const struct item *item,
	const struct stage_file *file, struct outcome *outcome)
{
	char name[STAGE_TEMPORARY_BYTES];
	stage_temporary(item->id, item->attempt, place->first_part, name);
	const int to =
		openat(place->temporary, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, file->mode);
	if (to < 0)
		return stage_fail_place(errno, file->doing, &outcome->error);
	if (!stage_fill(to, file, &outcome->error)) {
		unlinkat(place->temporary, name, 0);
		return false;
	}
	outcome->made |= UINT64_C(1) << place->first_part;
	outcome->bytes_written += file->length;
	return true;
}

/* A worker's stack: waiting, the item, the stage, what the stage tells apart. */
enum { STAGE_DEPTH = 3 };

void stage_spend(const struct workplace *place, uint32_t spending)
{
	if (!place->watch || !place->watch->board)
		return;
	const int64_t now = clock_now_nanos();
	stopwatch_leave_at(place->watch, STAGE_DEPTH, now);
	if (spending != STAGE_OWN)
		stopwatch_enter_at(place->watch, place->first_spending + spending, now);
}

void stage_complain(const struct stage_setup *setup, const char *option, const char *format, ...)
{
	const struct place nowhere = { .file = NULL };
	const struct yaml_node *node = setup->self->node;
	struct text text = { 0 };
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	option_complain(
		setup->problems, node, node ? node->place : nowhere, option, "%s", text.data);
	text_finish(&text);
}

bool stage_add_field(const struct stage_setup *setup, const char *name, const char *option)
{
	struct stage_adds *adds = setup->adds;
	bool taken = false;
	for (size_t i = 0; i < setup->fields->count && !taken; i++)
		taken = strcmp(setup->fields->names[i], name) == 0;
	for (size_t i = 0; i < adds->count && !taken; i++)
		taken = strcmp(adds->names[i], name) == 0;
	if (taken)
		stage_complain(
			setup, option, "field '%s' is there already: choose another name", name);
	else if (adds->count == STAGE_ADDS)
		stage_complain(setup, option, "more than %d new fields", STAGE_ADDS);
	else
		adds->names[adds->count++] = name;
	return !taken;
}
