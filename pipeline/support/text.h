#ifndef NIGHTMILL_SUPPORT_TEXT_H
#define NIGHTMILL_SUPPORT_TEXT_H

/* A growing string of any bytes, always with a NUL behind the last one. All zero is an empty text;
 * data is never NULL after the first call that adds. Not for several threads at a time. */

#include <stdarg.h>
#include <stddef.h>

struct text {
	char *data;
	size_t length; /* bytes, without the closing NUL */
	size_t room;
};

void text_add(struct text *text, const void *data, size_t length);
void text_add_string(struct text *text, const char *string);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_addv(struct text *text, const char *format, va_list list)
	__attribute__((format(printf, 2, 0)));

/* Adds `data` so that a terminal, a log and a reader are safe from it: control characters and bytes
 * that are no valid UTF-8 become \n, \t, \r or \xNN, the backslash becomes \\. No quotation marks
 * are added. */
void text_add_safe(struct text *text, const void *data, size_t length);

/* Adds `data` as a JSON string with its quotation marks. Bytes that are no valid UTF-8 become
 * U+FFFD. */
void text_add_json(struct text *text, const void *data, size_t length);

/* Adds a number of bytes for people, as in "3.4 MiB"; below 1 KiB "512 B". */
void text_add_bytes(struct text *text, double bytes);

/* Makes room for `length` more bytes at once: what is added next moves nothing. */
void text_reserve(struct text *text, size_t length);

/* Empties it and keeps its memory. */
void text_clear(struct text *text);

/* Gives the memory back; the text is empty again. */
void text_finish(struct text *text);

/* Length in bytes (1 to 4) of the valid UTF-8 character at `data`, 0 where there is none. */
size_t text_utf8(const unsigned char *data, size_t length);

/* Makes A to Z a to z; all other bytes stay. */
void text_lower(char *data, size_t length);

/* The name of `count` in `names` nearest to `word` (at most a third of its letters wrong), or NULL.
 */
const char *text_nearest(const char *word, const char *const *names, size_t count);

#endif
