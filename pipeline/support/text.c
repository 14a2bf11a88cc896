#include "pipeline/support/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

enum { TEXT_FIRST_BYTES = 64, TEXT_WORD_BYTES = 64 };

static void text_move(struct text *text, size_t need)
{
	size_t room = text->room ? text->room : TEXT_FIRST_BYTES;
	while (room < need && room < SIZE_MAX / 2)
		room *= 2;
	text->room = room < need ? need : room;
	text->data = memory_resize(text->data, text->room);
}

static inline void text_grow(struct text *text, size_t more)
{
	if (text->room - text->length <= more)
		text_move(text, text->length + more + 1);
}

void text_reserve(struct text *text, size_t length)
{
	const size_t need = text->length + length + 1;
	if (text->room >= need)
		return;
	text->room = need;
	text->data = memory_resize(text->data, need);
	text->data[text->length] = '\0';
}

void text_add(struct text *text, const void *data, size_t length)
{
	text_grow(text, length);
	if (length)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_addv(struct text *text, const char *format, va_list list)
{
	va_list again;
	va_copy(again, list);
	int length = vsnprintf(NULL, 0, format, list);
	if (length >= 0) {
		text_grow(text, (size_t)length);
		vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
		text->length += (size_t)length;
	}
	va_end(again);
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	text_addv(text, format, list);
	va_end(list);
}

/* The smallest character that needs `length` bytes: anything below it is an overlong form. */
static uint32_t text_utf8_least(size_t length)
{
	return length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
}

size_t text_utf8(const unsigned char *data, size_t length)
{
	if (length == 0)
		return 0;
	unsigned char lead = data[0];
	if (lead < 0x80)
		return 1;
	size_t need = lead >= 0xF8 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
	if (need == 0 || need > length)
		return 0;
	uint32_t character = lead & (0xFFU >> (need + 1));
	for (size_t i = 1; i < need; i++) {
		if ((data[i] & 0xC0) != 0x80)
			return 0;
		character = character << 6 | (data[i] & 0x3FU);
	}
	bool surrogate = character >= 0xD800 && character <= 0xDFFF;
	return character < text_utf8_least(need) || character > 0x10FFFF || surrogate ? 0 : need;
}

/* Marks and overrides of the writing direction: they show a name as another. U+200E, U+200F, U+202A
 * to U+202E, U+2066 to U+2069. */
static bool text_turns_around(const unsigned char *bytes)
{
	if (bytes[0] != 0xE2)
		return false;
	if (bytes[1] == 0x80)
		return bytes[2] == 0x8E || bytes[2] == 0x8F ||
		       (bytes[2] >= 0xAA && bytes[2] <= 0xAE);
	return bytes[1] == 0x81 && bytes[2] >= 0xA6 && bytes[2] <= 0xA9;
}

/* U+0080 to U+009F are control characters too, and some terminals obey them. */
static bool text_is_plain(const unsigned char *bytes, size_t length)
{
	if (length == 3 && text_turns_around(bytes))
		return false;
	if (length == 1)
		return *bytes >= 0x20 && *bytes != 0x7F && *bytes != '\\';
	return length > 2 || (length == 2 && (bytes[0] != 0xC2 || bytes[1] >= 0xA0));
}

static void text_add_safe_byte(struct text *text, unsigned char byte)
{
	switch (byte) {
	case '\n':
		text_add(text, "\\n", 2);
		break;
	case '\t':
		text_add(text, "\\t", 2);
		break;
	case '\r':
		text_add(text, "\\r", 2);
		break;
	case '\\':
		text_add(text, "\\\\", 2);
		break;
	default:
		text_addf(text, "\\x%02x", byte);
	}
}

void text_add_safe(struct text *text, const void *data, size_t length)
{
	const unsigned char *bytes = data;
	text_grow(text, length);
	for (size_t i = 0; i < length;) {
		size_t step = text_utf8(bytes + i, length - i);
		bool plain = text_is_plain(bytes + i, step);
		if (plain)
			text_add(text, bytes + i, step);
		for (size_t k = 0; !plain && k < (step ? step : 1); k++)
			text_add_safe_byte(text, bytes[i + k]);
		i += step ? step : 1;
	}
	text_add(text, "", 0);
}

static void text_add_json_character(struct text *text, const unsigned char *bytes, size_t length)
{
	static const char replacement[] = "\xEF\xBF\xBD";
	static const char escaped[] = "\"\\\n\t\r\b\f", letters[] = "\"\\ntrbf";
	const char *found = length == 1 && *bytes ? strchr(escaped, *bytes) : NULL;
	if (length == 0)
		text_add_string(text, replacement);
	else if (found)
		text_addf(text, "\\%c", letters[found - escaped]);
	else if (length == 1 && (*bytes < 0x20 || *bytes == 0x7F))
		text_addf(text, "\\u%04x", *bytes);
	else
		text_add(text, bytes, length);
}

void text_add_json(struct text *text, const void *data, size_t length)
{
	const unsigned char *bytes = data;
	text_add(text, "\"", 1);
	for (size_t i = 0; i < length;) {
		size_t step = text_utf8(bytes + i, length - i);
		text_add_json_character(text, bytes + i, step);
		i += step ? step : 1;
	}
	text_add(text, "\"", 1);
}

void text_add_bytes(struct text *text, double bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	if (bytes < 1024) {
		text_addf(text, "%.0f B", bytes);
		return;
	}
	size_t unit = 0;
	bytes /= 1024;
	while (bytes >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units)) {
		bytes /= 1024;
		unit++;
	}
	text_addf(text, "%.1f %s", bytes, units[unit]);
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

void text_lower(char *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] >= 'A' && data[i] <= 'Z')
			data[i] = (char)(data[i] - 'A' + 'a');
}

static unsigned char text_folded(char letter)
{
	return (unsigned char)(letter == '-' ? '_' : tolower((unsigned char)letter));
}

static size_t text_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to change, insert, leave out or swap with their neighbour to get from `a` to `b`; case
 * and kind of hyphen do not count. Both shorter than TEXT_WORD_BYTES. */
static size_t text_distance(const char *a, const char *b)
{
	size_t rows[3][TEXT_WORD_BYTES + 1];
	size_t *before = rows[0], *above = rows[1], *now = rows[2], width = strlen(b);
	for (size_t k = 0; k <= width; k++)
		above[k] = before[k] = k;
	for (size_t i = 1; i <= strlen(a); i++) {
		now[0] = i;
		for (size_t k = 1; k <= width; k++) {
			bool same = text_folded(a[i - 1]) == text_folded(b[k - 1]);
			bool swapped = i > 1 && k > 1 &&
				       text_folded(a[i - 1]) == text_folded(b[k - 2]) &&
				       text_folded(a[i - 2]) == text_folded(b[k - 1]);
			now[k] = text_least(above[k] + 1, now[k - 1] + 1);
			now[k] = text_least(now[k], above[k - 1] + !same);
			now[k] = swapped ? text_least(now[k], before[k - 2] + 1) : now[k];
		}
		size_t *oldest = before;
		before = above;
		above = now;
		now = oldest;
	}
	return above[width];
}

const char *text_nearest(const char *word, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	size_t best = SIZE_MAX, length = strlen(word);
	for (size_t i = 0; length < TEXT_WORD_BYTES && i < count; i++) {
		size_t other = strlen(names[i]);
		size_t distance =
			other < TEXT_WORD_BYTES ? text_distance(word, names[i]) : SIZE_MAX;
		size_t longer = length > other ? length : other;
		if (distance > longer / 3 || distance >= best)
			continue;
		best = distance;
		nearest = names[i];
	}
	return nearest;
}
