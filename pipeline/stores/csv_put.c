/* The store `csv`, written: the whole file once, in its order. What does not change keeps its
 * bytes. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/stores/csv_private.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"
#include "pipeline/support/hashes.h"

struct csv_change {
	struct slot key, *values;
	bool found; /* a row has the key */
};

struct csv_put {
	struct csv *csv;
	const struct store_put *put;
	struct arena arena; /* owns keys and values */
	struct csv_change *changes;
	size_t count, room;
	struct hashes hashes;
	struct text before, after; /* the file */
	struct stat status;        /* of it, when it was read */
	struct csv_span *spans;    /* of a row's values */
	uint64_t changed;
};

/* Where a value stands in its row, with its quotation marks and the blanks around. */
struct csv_span {
	size_t start, end;
};

bool csv_put_check(void *store, const struct store_put *put, struct error *err)
{
	(void)put;
	const char *path = ((const struct csv *)store)->settings->path;
	char *real = realpath(path, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;
	bool fine = slash != NULL;
	if (slash) {
		*(slash == real ? slash + 1 : slash) = '\0';
		fine = access(real, W_OK) == 0;
	}
	if (!fine)
		fail_errno(err, errno, "'%s' is written anew beside itself, and its folder", path);
	free(real);
	return fine;
}

void csv_put_end(void *putting)
{
	struct csv_put *put = putting;
	if (!put)
		return;
	arena_finish(&put->arena);
	hashes_finish(&put->hashes);
	text_finish(&put->before);
	text_finish(&put->after);
	free(put->changes);
	free(put->spans);
	free(put);
}

bool csv_put_begin(void *store, const struct store_put *put, void **putting, struct error *err)
{
	(void)err;
	struct csv_put *made = memory_zeroed(1, sizeof(*made));
	made->csv = store;
	made->put = put;
	made->spans = memory_zeroed(made->csv->width + 1, sizeof(*made->spans));
	*putting = made;
	return true;
}

static struct slot csv_put_copy(struct csv_put *put, const struct slot *slot)
{
	return (struct slot){
		.data = slot->data ? arena_copy(&put->arena, slot->data, slot->length) : NULL,
		.length = slot->data ? slot->length : 0,
	};
}

bool csv_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err)
{
	(void)err;
	struct csv_put *put = putting;
	size_t columns = put->put->column_count;
	for (size_t i = 0; i < count; i++) {
		if (put->count == put->room) {
			put->room = put->room ? put->room * 2 : 256;
			put->changes =
				memory_resize(put->changes, put->room * sizeof(*put->changes));
		}
		struct csv_change *change = &put->changes[put->count];
		*change = (struct csv_change){ .key = csv_put_copy(put, &changes[i].key) };
		change->values = arena_alloc(&put->arena, columns * sizeof(*change->values));
		for (size_t k = 0; k < columns; k++)
			change->values[k] = csv_put_copy(put, &changes[i].values[k]);
		hashes_add(&put->hashes, hashes_of(change->key.data, change->key.length),
			(uint32_t)put->count++);
	}
	return true;
}

static bool csv_put_same(const struct slot *a, const struct slot *b)
{
	size_t first = a->data ? a->length : 0, second = b->data ? b->length : 0;
	return first == second && (first == 0 || memcmp(a->data, b->data, first) == 0);
}

static struct csv_change *csv_put_find(struct csv_put *put, const struct slot *key)
{
	uint32_t number;
	if (!key->data)
		return NULL;
	struct hashes_walk walk = hashes_find(&put->hashes, hashes_of(key->data, key->length));
	while (hashes_next(&put->hashes, &walk, &number))
		if (csv_put_same(&put->changes[number].key, key))
			return &put->changes[number];
	return NULL;
}

static bool csv_put_needs_quotes(const struct slot *value, char delimiter)
{
	const char *data = value->data;
	size_t length = data ? value->length : 0;
	if (length == 0)
		return false;
	bool blank = data[0] == ' ' || data[0] == '\t' || data[length - 1] == ' ' ||
		     data[length - 1] == '\t';
	for (size_t i = 0; i < length && !blank; i++)
		blank = data[i] == delimiter || data[i] == '"' || data[i] == '\n' ||
			data[i] == '\r';
	return blank;
}

static void csv_put_value(struct csv_put *put, const struct slot *value, bool quoted)
{
	struct text *out = &put->after;
	if (!quoted && !csv_put_needs_quotes(value, put->csv->delimiter)) {
		text_add(out, value->data, value->data ? value->length : 0);
		return;
	}
	text_add_string(out, "\"");
	for (size_t i = 0; value->data && i < value->length; i++) {
		if (value->data[i] == '"')
			text_add_string(out, "\"");
		text_add(out, &value->data[i], 1);
	}
	text_add_string(out, "\"");
}

static size_t csv_put_skip_blanks(const char *row, size_t at, size_t length, char delimiter)
{
	while (at < length && (row[at] == ' ' || row[at] == '\t') && row[at] != delimiter)
		at++;
	return at;
}

static bool csv_put_ends(const char *row, size_t at, size_t length, char delimiter)
{
	return at >= length || row[at] == delimiter || row[at] == '\n' || row[at] == '\r';
}

/* The end of a value that begins at `at`; SIZE_MAX: its quotation marks are odd. */
static size_t csv_put_span_end(const char *row, size_t at, size_t length, char delimiter)
{
	at = csv_put_skip_blanks(row, at, length, delimiter);
	if (at == length || row[at] != '"') {
		while (!csv_put_ends(row, at, length, delimiter))
			at++;
		return at;
	}
	for (at++; at < length; at++) {
		if (row[at] != '"')
			continue;
		if (at + 1 == length || row[at + 1] != '"')
			break;
		at++;
	}
	at = csv_put_skip_blanks(row, at + 1, length, delimiter);
	return csv_put_ends(row, at, length, delimiter) ? at : SIZE_MAX;
}

/* Finds the values of a row; false where they are not as many as libcsv has found. */
static bool csv_put_split(struct csv_put *put, const char *row, size_t length)
{
	size_t count = 0, at = 0;
	for (;;) {
		size_t end = csv_put_span_end(row, at, length, put->csv->delimiter);
		if (end > length || count == put->csv->width)
			return false;
		put->spans[count++] = (struct csv_span){ at, end };
		if (end == length || row[end] != put->csv->delimiter)
			return count == put->csv->width;
		at = end + 1;
	}
}

static bool csv_put_quoted(const char *row, struct csv_span span)
{
	while (span.start < span.end && (row[span.start] == ' ' || row[span.start] == '\t'))
		span.start++;
	return span.start < span.end && row[span.start] == '"';
}

/* What a column of a row becomes: NULL where it stays. */
static const struct slot *csv_put_new_value(
	const struct csv_put *put, const struct csv_change *change, size_t place)
{
	for (size_t i = 0; i < put->put->column_count; i++)
		if (put->csv->places[put->put->columns[i]] == place)
			return &change->values[i];
	return NULL;
}

static const char *csv_put_line_end(const char *row, size_t length)
{
	if (length && row[length - 1] == '\n')
		return length > 1 && row[length - 2] == '\r' ? "\r\n" : "\n";
	return length && row[length - 1] == '\r' ? "\r" : "";
}

static void csv_put_rewrite(struct csv_put *put, const struct csv_reader *reader,
	const struct csv_change *change, const char *row)
{
	size_t length = (size_t)(reader->base + reader->next - reader->row_start);
	bool spans = csv_put_split(put, row, length);
	for (size_t i = 0; i < reader->count; i++) {
		const struct slot *value = csv_put_new_value(put, change, i);
		const struct csv_span span = put->spans[i];
		if (i)
			text_add(&put->after, &put->csv->delimiter, 1);
		if (value && !csv_put_same(value, &reader->slots[i]))
			csv_put_value(put, value, spans && csv_put_quoted(row, span));
		else if (spans)
			text_add(&put->after, row + span.start, span.end - span.start);
		else
			csv_put_value(put, &reader->slots[i], false);
	}
	text_add_string(&put->after, csv_put_line_end(row, length));
	put->changed++;
}

static void csv_put_row(struct csv_put *put, const struct csv_reader *reader)
{
	const struct csv *csv = put->csv;
	size_t from = (size_t)reader->row_start;
	const char *row = put->before.data + from;
	struct csv_change *change = NULL;
	bool same = true;
	if (reader->count == csv->width)
		change = csv_put_find(put, &reader->slots[csv->places[put->put->key]]);
	for (size_t i = 0; change && i < put->put->column_count; i++)
		same &= csv_put_same(
			&change->values[i], &reader->slots[csv->places[put->put->columns[i]]]);
	if (change)
		change->found = true;
	if (same)
		text_add(&put->after, row, (size_t)(reader->base + reader->next) - from);
	else
		csv_put_rewrite(put, reader, change, row);
}

/* New rows, as the row of names is written. */
static void csv_put_add(struct csv_put *put, size_t names)
{
	const char *head = put->before.data, *end = csv_put_line_end(head, names);
	size_t mark = names >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	bool quoted = csv_put_split(put, head + mark, names - mark);
	for (size_t i = 0; quoted && i < put->csv->width; i++)
		quoted = csv_put_quoted(head + mark, put->spans[i]);
	end = *end ? end : "\n";
	for (size_t i = 0; i < put->count; i++) {
		const struct csv_change *change = &put->changes[i];
		if (change->found)
			continue;
		const struct slot none = { .data = NULL };
		if (!*csv_put_line_end(put->after.data, put->after.length))
			text_add_string(&put->after, end);
		for (size_t k = 0; k < put->csv->width; k++) {
			const struct slot *value = csv_put_new_value(put, change, k);
			bool key = k == put->csv->places[put->put->key];
			if (k)
				text_add(&put->after, &put->csv->delimiter, 1);
			csv_put_value(put, key ? &change->key : value ? value : &none, quoted);
		}
		text_add_string(&put->after, end);
		put->changed++;
	}
}

static bool csv_put_read(struct csv_put *put, struct error *err)
{
	const char *path = put->csv->settings->path;
	FILE *file = fopen(path, "re");
	if (!file || fstat(fileno(file), &put->status) != 0) {
		int number = errno;
		if (file)
			fclose(file);
		return fail_errno(err, number, "'%s'", path);
	}
	char buffer[65536];
	size_t got;
	text_reserve(&put->before, (size_t)put->status.st_size);
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		text_add(&put->before, buffer, got);
	bool fine = !ferror(file);
	fclose(file);
	return fine || fail(err, ERROR_READ, "'%s' could not be read", path);
}

static bool csv_put_write(struct csv_put *put, struct csv_reader *reader, struct error *err)
{
	bool end = false;
	size_t names = (size_t)(reader->base + reader->next);
	text_reserve(&put->after, put->before.length);
	text_add(&put->after, put->before.data, names);
	size_t written = names;
	while (csv_reader_next(reader, &end, err)) {
		size_t until = end ? put->before.length : (size_t)reader->row_start;
		if (reader->base + reader->next > put->before.length)
			return fail(err, ERROR_CHANGED, "'%s' was changed while it was being read",
				put->csv->settings->path);
		text_add(&put->after, put->before.data + written, until - written);
		if (end) {
			if (put->put->add)
				csv_put_add(put, names);
			return true;
		}
		csv_put_row(put, reader);
		written = (size_t)(reader->base + reader->next);
	}
	return false;
}

static bool csv_put_replace(struct csv_put *put, struct error *err)
{
	const char *path = put->csv->settings->path;
	struct stat now;
	char *real = realpath(path, NULL);
	if (!real || stat(real, &now) != 0) {
		free(real);
		return fail_errno(err, errno, "'%s'", path);
	}
	bool fine = now.st_size == put->status.st_size && now.st_ino == put->status.st_ino &&
		    clock_nanos(&now.st_mtim) == clock_nanos(&put->status.st_mtim);
	if (!fine)
		fail(err, ERROR_CHANGED, "'%s' was changed while it was being written anew", path);
	else
		fine = files_replace(
			real, put->after.data, put->after.length, now.st_mode & 07777, err);
	free(real);
	return fine;
}

bool csv_put_commit(void *putting, uint64_t *changed, struct error *err)
{
	struct csv_put *put = putting;
	struct csv_reader reader = { .file = -1 };
	text_clear(&put->before);
	text_clear(&put->after);
	put->changed = 0;
	bool fine = csv_put_read(put, err) && csv_open_reader(put->csv, &reader, err) &&
		    csv_put_write(put, &reader, err);
	csv_reader_close(&reader);
	if (fine && put->changed)
		fine = csv_put_replace(put, err);
	else
		files_sweep(put->csv->settings->path);
	*changed = put->changed;
	return fine;
}
