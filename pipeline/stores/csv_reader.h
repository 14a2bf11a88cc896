#ifndef NIGHTMILL_STORES_CSV_READER_H
#define NIGHTMILL_STORES_CSV_READER_H

/* Reads a CSV file row by row, with the line that each began on. Blanks around a value that is not
 * in quotation marks do not belong to it; lines without anything are no rows; a byte order mark is
 * skipped; line ends are LF, CRLF or CR. */

#include <csv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct csv_reader {
	const char *path; /* borrowed */
	int file;
	struct csv_parser parser;
	char *buffer;
	size_t next, end; /* buffer[next .. end) was read and not parsed */
	bool at_end;      /* of the file */
	uint64_t line;    /* of buffer[next], from 1 */
	uint64_t row_line;
	uint64_t base;        /* where in the file buffer[0] stands, bytes */
	uint64_t row_start;   /* where the row begins, bytes; it ends at base + next */
	bool began, complete; /* a row is under way; has come to its end */
	bool broken;          /* the parser has given up */
	struct text bytes;    /* of the row's fields, one behind the other */
	size_t *ends;         /* of each field in `bytes` */
	size_t count, room;
	struct slot *slots;
};

/* Opens the file at `path`, and where `*delimiter` is 0 finds it out from the first line. A reader
 * that is all zero but for `file` -1 may be closed. */
bool csv_reader_open(
	struct csv_reader *reader, const char *path, char *delimiter, struct error *err);

/* The next row: reader->slots[0 .. count), valid until the next call, and reader->row_line. A blank
 * value is absent. Sets `*end` instead behind the last. False where the file cannot be read on, or
 * ends within quotation marks. */
bool csv_reader_next(struct csv_reader *reader, bool *end, struct error *err);

void csv_reader_close(struct csv_reader *reader);

#endif
