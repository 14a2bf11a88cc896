#include "pipeline/stores/csv_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"

enum {
	CSV_BUFFER_BYTES = 256 * 1024,
	CSV_STEP_BYTES = 64 * 1024,
	CSV_ROW_BYTES = 16 * 1024 * 1024,
	CSV_FIELD_BEGUN = 2, /* libcsv's parser.pstate within a value */
};

static const char csv_delimiters[] = { ',', ';', '\t', '|' };

static bool csv_reader_fill(struct csv_reader *reader, struct error *err)
{
	ssize_t got = files_read_all(reader->file, reader->buffer, CSV_BUFFER_BYTES);
	if (got < 0)
		return fail_errno(err, errno, "'%s'", reader->path);
	reader->base += reader->end;
	reader->next = 0;
	reader->end = (size_t)got;
	reader->at_end = got < CSV_BUFFER_BYTES;
	return true;
}

/* The one that stands most often in the first line, outside quotation marks. */
static char csv_reader_sniff(const struct csv_reader *reader)
{
	size_t counts[sizeof(csv_delimiters)] = { 0 }, best = 0;
	bool quoted = false;
	for (size_t i = reader->next; i < reader->end; i++) {
		char byte = reader->buffer[i];
		quoted ^= byte == '"';
		if (!quoted && (byte == '\n' || byte == '\r'))
			break;
		for (size_t k = 0; k < sizeof(csv_delimiters) && !quoted; k++)
			counts[k] += byte == csv_delimiters[k];
	}
	for (size_t k = 1; k < sizeof(csv_delimiters); k++)
		if (counts[k] > counts[best])
			best = k;
	return csv_delimiters[best];
}

static bool csv_reader_begin(struct csv_reader *reader, char *delimiter, struct error *err)
{
	struct stat status;
	reader->file = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (reader->file < 0 || fstat(reader->file, &status) != 0)
		return fail_errno(err, errno, "'%s'", reader->path);
	if (!S_ISREG(status.st_mode))
		return fail(err, ERROR_UNSUPPORTED, "'%s' is no regular file", reader->path);
	reader->buffer = memory_alloc(CSV_BUFFER_BYTES);
	if (!csv_reader_fill(reader, err))
		return false;
	size_t length = reader->end;
	const char *start = reader->buffer;
	if (length >= 2 && (memcmp(start, "\xFF\xFE", 2) == 0 || memcmp(start, "\xFE\xFF", 2) == 0))
		return fail(
			err, ERROR_UNSUPPORTED, "'%s' is UTF-16: save it as UTF-8", reader->path);
	if (length >= 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0)
		reader->next = 3;
	if (!*delimiter)
		*delimiter = csv_reader_sniff(reader);
	csv_set_delim(&reader->parser, (unsigned char)*delimiter);
	return true;
}

bool csv_reader_open(
	struct csv_reader *reader, const char *path, char *delimiter, struct error *err)
{
	*reader = (struct csv_reader){ .path = path, .file = -1, .line = 1 };
	if (csv_init(&reader->parser, 0) != 0)
		return fail(err, ERROR_MEMORY, "'%s': no memory for its parser", path);
	/* Its own step, 128 bytes, makes long values cost by the square of their length. */
	csv_set_blk_size(&reader->parser, CSV_STEP_BYTES);
	if (csv_reader_begin(reader, delimiter, err))
		return true;
	csv_reader_close(reader);
	return false;
}

/* For libcsv: a field has come to its end. */
static void csv_reader_field(void *data, size_t length, void *context)
{
	struct csv_reader *reader = context;
	if (reader->count == reader->room) {
		reader->room = reader->room ? reader->room * 2 : 16;
		reader->ends = memory_resize(reader->ends, reader->room * sizeof(*reader->ends));
		reader->slots = memory_resize(reader->slots, reader->room * sizeof(*reader->slots));
	}
	text_add(&reader->bytes, data, length);
	reader->ends[reader->count++] = reader->bytes.length;
}

/* For libcsv: a row has. */
static void csv_reader_row(int end, void *context)
{
	(void)end;
	((struct csv_reader *)context)->complete = true;
}

/* How many bytes up to the end of the line: with them a row is complete, or is not. */
static size_t csv_reader_line(const struct csv_reader *reader)
{
	const char *start = reader->buffer + reader->next;
	size_t left = reader->end - reader->next;
	const char *feed = memchr(start, '\n', left);
	size_t length = feed ? (size_t)(feed - start) + 1 : left;
	const char *back = memchr(start, '\r', length);
	if (!back || (feed && back + 1 == feed))
		return length;
	return (size_t)(back - start) + 1;
}

static bool csv_reader_too_long(const struct csv_reader *reader)
{
	return csv_get_buffer_size((struct csv_parser *)&reader->parser) > CSV_ROW_BYTES ||
	       reader->bytes.length > CSV_ROW_BYTES;
}

/* Parses one line of what was read. */
static bool csv_reader_parse(struct csv_reader *reader, struct error *err)
{
	size_t length = csv_reader_line(reader);
	const char *start = reader->buffer + reader->next;
	if (!reader->began) {
		reader->row_line = reader->line;
		reader->row_start = reader->base + reader->next;
	}
	reader->began = true;
	if (csv_parse(&reader->parser, start, length, csv_reader_field, csv_reader_row, reader) !=
			length ||
		csv_reader_too_long(reader))
		return fail(err, ERROR_DAMAGED,
			"'%s', line %llu: a row of more than %d MiB; is a quotation mark missing?",
			reader->path, (unsigned long long)reader->row_line,
			CSV_ROW_BYTES / 1024 / 1024);
	reader->next += length;
	char last = start[length - 1];
	bool before_feed = reader->next < reader->end && reader->buffer[reader->next] == '\n';
	reader->line += last == '\n' || (last == '\r' && !before_feed);
	/* A line of blanks alone is no row. */
	if (reader->count == 0 && !reader->parser.quoted && reader->parser.entry_pos == 0)
		reader->began = false;
	return true;
}

static bool csv_reader_finish(struct csv_reader *reader, struct error *err)
{
	/* libcsv tells of it in its strict mode alone, which refuses harmless marks too. */
	bool open = reader->parser.quoted && reader->parser.pstate == CSV_FIELD_BEGUN;
	if (!open && csv_fini(&reader->parser, csv_reader_field, csv_reader_row, reader) == 0)
		return true;
	return fail(err, ERROR_DAMAGED,
		"'%s', line %llu: a quotation mark is opened and never closed; what follows "
		"cannot be told apart",
		reader->path, (unsigned long long)reader->row_line);
}

static void csv_reader_point(struct csv_reader *reader)
{
	size_t start = 0;
	for (size_t i = 0; i < reader->count; i++) {
		size_t length = reader->ends[i] - start;
		reader->slots[i] = (struct slot){
			.data = length ? reader->bytes.data + start : NULL,
			.length = (uint32_t)length,
		};
		start = reader->ends[i];
	}
}

bool csv_reader_next(struct csv_reader *reader, bool *end, struct error *err)
{
	text_clear(&reader->bytes);
	reader->count = 0;
	reader->complete = reader->began = false;
	while (!reader->complete) {
		if (reader->next < reader->end) {
			if (!csv_reader_parse(reader, err))
				return false;
		} else if (!reader->at_end) {
			if (!csv_reader_fill(reader, err))
				return false;
		} else {
			if (!csv_reader_finish(reader, err))
				return false;
			break;
		}
	}
	*end = !reader->complete;
	csv_reader_point(reader);
	return true;
}

void csv_reader_close(struct csv_reader *reader)
{
	if (reader->file >= 0)
		close(reader->file);
	if (reader->path)
		csv_free(&reader->parser);
	free(reader->buffer);
	free(reader->ends);
	free(reader->slots);
	text_finish(&reader->bytes);
	*reader = (struct csv_reader){ .file = -1 };
}
