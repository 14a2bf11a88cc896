#include "pipeline/stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/stage_adds.h"
#include "pipeline/support/clock.h"

void stage_temporary(
	struct digest id, uint32_t attempt, uint32_t part, char name[STAGE_TEMPORARY_BYTES])
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(id, hex);
	snprintf(name, STAGE_TEMPORARY_BYTES, "%s.%u.%u", hex, attempt, part);
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
