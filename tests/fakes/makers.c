#include "tests/fakes/makers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void makers_csv_row(FILE *file, const makers_row row)
{
	for (size_t i = 0; i < MAKERS_COLUMNS; i++) {
		fputs(i ? "," : "", file);
		fputc('"', file);
		for (const char *at = row[i] ? row[i] : ""; *at; at++) {
			if (*at == '"')
				fputc('"', file);
			fputc(*at, file);
		}
		fputc('"', file);
	}
	fputc('\n', file);
}

/* As a careful program would: what is being read stays as it was. */
static void makers_csv_write(const makers_row *rows, size_t count, const char *old, size_t length)
{
	FILE *file = fopen("people.new", "w");
	assert_non_null(file);
	fwrite(old, 1, length, file);
	for (size_t i = 0; i < count; i++)
		makers_csv_row(file, rows[i]);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename("people.new", "people.csv"), 0);
}

static bool makers_csv(const makers_row *rows, size_t count, const char **why)
{
	(void)why;
	static const char names[] = "email,name,zone\n";
	makers_csv_write(rows, count, names, strlen(names));
	return true;
}

static void makers_csv_add(const makers_row row)
{
	static char old[1 << 20];
	FILE *file = fopen("people.csv", "r");
	assert_non_null(file);
	size_t length = fread(old, 1, sizeof(old), file);
	fclose(file);
	makers_csv_write((const makers_row *)row, 1, old, length);
}

const struct maker makers[] = {
	{ "csv", makers_csv, makers_csv_add, "{ path: people.csv }", "{ path: absent.csv }" },
	{ .store = NULL },
};

static void given_slot(struct text *text, const struct slot *slot)
{
	if (slot->data)
		text_add(text, slot->data, slot->length);
	else
		text_add_string(text, "-");
}

static bool given_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct given *given = context;
	given_slot(&given->text, &row->key);
	for (size_t i = 0; i < given->columns; i++) {
		text_add_string(&given->text, i ? ", " : ": ");
		given_slot(&given->text, &row->values[i]);
	}
	text_add_string(&given->text, "\n");
	given->rows++;
	return true;
}

struct store_sink given_sink(struct given *given)
{
	return (struct store_sink){ given_row, given };
}

static void given_complaint(void *context, const char *what, const struct error *err)
{
	struct given *given = context;
	text_addf(&given->complaints, "%s: %s\n", what, err->text);
}

struct store_setup given_setup(struct given *given)
{
	return (struct store_setup){ given_complaint, given };
}

static int given_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *given_sorted(struct given *given)
{
	char **lines = calloc(given->rows + 1, sizeof(*lines)), *rest = given->text.data;
	size_t count = 0;
	struct text sorted = { 0 };
	text_add(&sorted, "", 0);
	for (char *line; rest && (line = strsep(&rest, "\n")) && *line;)
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), given_compare);
	for (size_t i = 0; i < count; i++)
		text_addf(&sorted, "%s\n", lines[i]);
	free(lines);
	text_finish(&given->text);
	given->text = sorted;
	return sorted.data;
}

void given_clear(struct given *given)
{
	given_finish(given);
}

void given_finish(struct given *given)
{
	size_t columns = given->columns;
	text_finish(&given->text);
	text_finish(&given->complaints);
	*given = (struct given){ .columns = columns };
}
