#include "pipeline/support/problems.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"

/* How far back a repetition is looked for, and how many are printed: a hostile config may have any
 * number. */
enum { PROBLEMS_BACK = 256, PROBLEMS_PRINTED = 100 };

static int problem_compare_place(const struct place *a, const struct place *b)
{
	int file = strcmp(a->file, b->file);
	if (file || a->line != b->line)
		return file ? file : (a->line > b->line) - (a->line < b->line);
	return (a->column > b->column) - (a->column < b->column);
}

/* Two at one place stay in the order in which they were added, which is that of the array. */
static int problem_compare(const void *left, const void *right)
{
	const struct problem *a = *(const struct problem *const *)left;
	const struct problem *b = *(const struct problem *const *)right;
	int place = problem_compare_place(&a->place, &b->place);
	return place ? place : (a > b) - (a < b);
}

static bool problems_has(const struct problems *problems, struct place place, const char *text)
{
	size_t first = problems->count > PROBLEMS_BACK ? problems->count - PROBLEMS_BACK : 0;
	for (size_t i = first; i < problems->count; i++) {
		const struct problem *problem = &problems->list[i];
		if (!problem_compare_place(&problem->place, &place) && !strcmp(problem->text, text))
			return true;
	}
	return false;
}

static void problems_put(struct problems *problems, struct place place, const struct text *text)
{
	if (problems->count == problems->room) {
		problems->room = problems->room ? 2 * problems->room : 16;
		size_t bytes = problems->room * sizeof(*problems->list);
		problems->list = memory_resize(problems->list, bytes);
	}
	const char *copy = arena_copy(&problems->arena, text->data, text->length);
	problems->list[problems->count++] = (struct problem){ .place = place, .text = copy };
}

void problems_add(struct problems *problems, struct place place, const char *format, ...)
{
	struct text text = { 0 };
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	if (!place.file)
		place.file = "";
	if (text.data && !problems_has(problems, place, text.data))
		problems_put(problems, place, &text);
	text_finish(&text);
}

static void problem_write(const struct problem *problem, struct text *line)
{
	const struct place *place = &problem->place;
	text_add_safe(line, place->file, strlen(place->file));
	if (place->line > 0)
		text_addf(line, ":%d", place->line);
	if (place->line > 0 && place->column > 0)
		text_addf(line, ":%d", place->column);
	if (*place->file)
		text_add_string(line, ": ");
	text_add_safe(line, problem->text, strlen(problem->text));
	text_add_string(line, "\n");
}

void problems_print(struct problems *problems)
{
	const struct problem **sorted = memory_zeroed(problems->count, sizeof(*sorted));
	for (size_t i = 0; i < problems->count; i++)
		sorted[i] = &problems->list[i];
	qsort(sorted, problems->count, sizeof(*sorted), problem_compare);
	struct text lines = { 0 };
	for (size_t i = 0; i < problems->count && i < PROBLEMS_PRINTED; i++)
		problem_write(sorted[i], &lines);
	if (problems->count > PROBLEMS_PRINTED)
		text_addf(&lines, "and %zu more\n", problems->count - PROBLEMS_PRINTED);
	if (lines.length)
		fwrite(lines.data, 1, lines.length, stderr);
	text_finish(&lines);
	free(sorted);
}

void problems_finish(struct problems *problems)
{
	free(problems->list);
	arena_finish(&problems->arena);
	*problems = (struct problems){ 0 };
}
