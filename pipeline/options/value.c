#include "pipeline/options/value.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whole numbers are computed as doubles, exact up to here. */
#define VALUE_MOST 9007199254740992.0

struct value_unit {
	const char *name;
	double factor;
};

static const struct value_unit value_bytes[] = {
	{ "KiB", 1024.0 },
	{ "MiB", 1024.0 * 1024 },
	{ "GiB", 1024.0 * 1024 * 1024 },
	{ "TiB", 1024.0 * 1024 * 1024 * 1024 },
	{ "kB", 1e3 },
	{ "KB", 1e3 },
	{ "MB", 1e6 },
	{ "GB", 1e9 },
	{ "TB", 1e12 },
	{ "B", 1 },
	{ "", 1 },
};

static const struct value_unit value_durations[] = {
	{ "us", 1 },
	{ "ms", 1e3 },
	{ "s", 1e6 },
	{ "m", 60e6 },
	{ "h", 3600e6 },
	{ "d", 86400e6 },
};

enum {
	VALUE_BYTES = sizeof(value_bytes) / sizeof(*value_bytes),
	VALUE_BINARY = 4,
	VALUE_DURATIONS = sizeof(value_durations) / sizeof(*value_durations)
};

bool value_is_text(enum option_type type)
{
	return type == OPTION_TEXT || type == OPTION_FIELD || type == OPTION_TEMPLATE ||
	       type == OPTION_PATH;
}

bool value_is_scalar(enum option_type type)
{
	return type < OPTION_LIST;
}

/* Reads digits, with a fraction if there is one, and moves `at` behind them. */
static bool value_number(const char **at, double *number)
{
	const char *start = *at;
	double factor = 1;
	*number = 0;
	for (; **at >= '0' && **at <= '9'; ++*at)
		*number = *number * 10 + (**at - '0');
	if (*at == start || **at != '.')
		return *at != start;
	start = ++*at;
	for (; **at >= '0' && **at <= '9'; ++*at)
		*number += (**at - '0') * (factor /= 10);
	return *at != start;
}

/* The unit at `at`, which letters must not follow; -1 where there is none. */
static int value_unit(const char **at, const struct value_unit *units, int count)
{
	size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	for (int i = 0; i < count; i++) {
		if (strlen(units[i].name) != length || strncmp(*at, units[i].name, length) != 0)
			continue;
		*at += length;
		return i;
	}
	return -1;
}

static bool value_in_range(const struct option *row, double value)
{
	return (row->least == 0 && row->most == 0) || (value >= row->least && value <= row->most);
}

/* Decimal digits alone: 0x10 and 010 mean one thing to one reader and another to the next. */
static bool value_whole(const char *text, int64_t *number)
{
	const char *digits = text + (*text == '-');
	size_t length = strspn(digits, "0123456789");
	if (length == 0 || length > 18 || digits[length] || (*digits == '0' && length > 1))
		return false;
	*number = strtoll(text, NULL, 10);
	return true;
}

static bool value_read_integer(const struct option *row, const char *text, int *field)
{
	int64_t number;
	if (!value_whole(text, &number) || number < INT_MIN || number > INT_MAX ||
		!value_in_range(row, (double)number))
		return false;
	*field = (int)number;
	return true;
}

static bool value_read_real(const struct option *row, const char *text, double *field)
{
	char *end;
	if (text[strspn(text, "+-.0123456789eE")] || !strpbrk(text, "0123456789"))
		return false;
	double number = strtod(text, &end);
	if (*end || !isfinite(number) || !value_in_range(row, number))
		return false;
	*field = number + 0.0; /* no negative zero */
	return true;
}

static bool value_read_boolean(const char *text, bool *field)
{
	static const char *const words[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on",
		"On", "ON", "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF" };
	enum { WORDS = sizeof(words) / sizeof(*words) };
	for (int i = 0; i < WORDS; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*field = i < WORDS / 2;
		return true;
	}
	return false;
}

static bool value_read_bytes(const struct option *row, const char *text, int64_t *field)
{
	double number;
	if (!value_number(&text, &number))
		return false;
	text += *text == ' ' && text[1];
	int unit = value_unit(&text, value_bytes, VALUE_BYTES);
	if (unit < 0 || *text)
		return false;
	number = round(number * value_bytes[unit].factor);
	if (number > VALUE_MOST || !value_in_range(row, number))
		return false;
	*field = (int64_t)number;
	return true;
}

/* Units in falling order, each at most once: 1h30m. */
static bool value_read_duration(const struct option *row, const char *text, int64_t *field)
{
	double micros = 0;
	int last = VALUE_DURATIONS;
	bool zero = !strcmp(text, "0");
	if (!*text)
		return false;
	while (*text && !zero) {
		double number;
		if (!value_number(&text, &number))
			return false;
		int unit = value_unit(&text, value_durations, VALUE_DURATIONS);
		if (unit < 0 || unit >= last)
			return false;
		micros += number * value_durations[unit].factor;
		last = unit;
	}
	micros = round(micros);
	if (micros > VALUE_MOST || !value_in_range(row, micros / 1e6))
		return false;
	*field = (int64_t)micros;
	return true;
}

static bool value_read_share(const struct option *row, const char *text, struct option_share *field)
{
	double percent;
	const char *at = text;
	if (value_whole(text, &field->count))
		return field->count >= 0 && value_in_range(row, (double)field->count);
	field->is_percent = value_number(&at, &percent) && !strcmp(at, "%") && percent <= 100;
	field->percent = field->is_percent ? round(percent * 1e6) / 1e6
					   : 0; /* as many digits as are shown */
	return field->is_percent;
}

static bool value_read_word(const struct option *row, const char *text, int *field)
{
	for (int i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], text) != 0)
			continue;
		*field = i;
		return true;
	}
	return false;
}

static bool value_read_number(
	const struct option *row, const char *text, struct option_number *field)
{
	if (value_read_word(row, text, &field->word))
		return true;
	field->word = -1;
	return value_whole(text, &field->number) && value_in_range(row, (double)field->number);
}

bool option_is_home(const char *path)
{
	return path[0] == '~' && (path[1] == '/' || path[1] == '\0');
}

/* An absent path or field is the empty text, allowed only where that is the default. */
static bool value_read_text(const struct option *row, const char *text, const char **field)
{
	bool may_be_empty = row->type == OPTION_TEXT || row->type == OPTION_TEMPLATE ||
			    (row->fallback && !*row->fallback);
	*field = text;
	if (row->type == OPTION_PATH && option_is_home(text))
		return false;
	return *text || may_be_empty;
}

static bool value_read_any(const struct option *row, const char *text, void *field)
{
	switch (row->type) {
	case OPTION_INTEGER:
		return value_read_integer(row, text, field);
	case OPTION_REAL:
		return value_read_real(row, text, field);
	case OPTION_BOOLEAN:
		return value_read_boolean(text, field);
	case OPTION_BYTES:
		return value_read_bytes(row, text, &((struct option_bytes *)field)->bytes);
	case OPTION_DURATION:
		return value_read_duration(row, text, &((struct option_duration *)field)->micros);
	case OPTION_NUMBER_OR_WORD:
		return value_read_number(row, text, field);
	case OPTION_SHARE:
		return value_read_share(row, text, field);
	case OPTION_CHOICE:
		return value_read_word(row, text, field);
	default:
		return value_read_text(row, text, field);
	}
}

/* What quotation marks turn into a text for every reader of YAML. */
static bool value_must_be_plain(const struct option *row, const void *field)
{
	return row->type == OPTION_INTEGER || row->type == OPTION_REAL ||
	       row->type == OPTION_BOOLEAN ||
	       (row->type == OPTION_NUMBER_OR_WORD &&
		       ((const struct option_number *)field)->word < 0);
}

enum value_fit value_read(const struct option *row, const struct yaml_node *node, void *field)
{
	if (node->kind != YAML_SCALAR || !value_read_any(row, node->text, field))
		return VALUE_WRONG;
	return node->quoted && value_must_be_plain(row, field) ? VALUE_QUOTED : VALUE_FITS;
}

/* The largest unit of which it is a whole number. */
static void value_write_unit(
	double number, const struct value_unit *units, int count, struct text *text)
{
	int unit = count - 1;
	while (unit >= 0 && (number == 0 || fmod(number, units[unit].factor) != 0))
		unit--;
	text_addf(text, "%.0f%s", unit < 0 ? number : number / units[unit].factor,
		unit < 0 ? "" : units[unit].name);
}

static void value_write_bytes(double bytes, struct text *text)
{
	value_write_unit(bytes, value_bytes, VALUE_BINARY, text);
}

static void value_write_duration(double micros, struct text *text)
{
	if (micros == 0)
		text_add_string(text, "0s");
	else
		value_write_unit(micros, value_durations, VALUE_DURATIONS, text);
}

/* As few digits as give the same number back; always one that YAML 1.1 and 1.2 read as a number. */
static void value_write_real(double number, struct text *text)
{
	char digits[400];
	for (int decimals = 0; decimals <= 17; decimals++) {
		snprintf(digits, sizeof(digits), "%.*f", decimals, number);
		if (fabs(number) < 1e15 && strtod(digits, NULL) == number)
			break;
		snprintf(digits, sizeof(digits), "%.16e", number);
	}
	text_add_string(text, digits);
}

static void value_write_share(const struct option_share *share, struct text *text)
{
	if (!share->is_percent) {
		text_addf(text, "%lld", (long long)share->count);
		return;
	}
	value_write_real(share->percent, text);
	text_add_string(text, "%");
}

static void value_write_number(
	const struct option *row, const struct option_number *number, struct text *text)
{
	if (number->word >= 0)
		value_write_text(row->words[number->word], text);
	else
		text_addf(text, "%lld", (long long)number->number);
}

void value_write(const struct option *row, const void *field, struct text *text)
{
	switch (row->type) {
	case OPTION_INTEGER:
		text_addf(text, "%d", *(const int *)field);
		break;
	case OPTION_REAL:
		value_write_real(*(const double *)field, text);
		break;
	case OPTION_BOOLEAN:
		text_add_string(text, *(const bool *)field ? "true" : "false");
		break;
	case OPTION_BYTES:
		value_write_bytes((double)((const struct option_bytes *)field)->bytes, text);
		break;
	case OPTION_DURATION:
		value_write_duration((double)((const struct option_duration *)field)->micros, text);
		break;
	case OPTION_NUMBER_OR_WORD:
		value_write_number(row, field, text);
		break;
	case OPTION_SHARE:
		value_write_share(field, text);
		break;
	case OPTION_CHOICE:
		value_write_text(row->words[*(const int *)field], text);
		break;
	default:
		value_write_text(
			*(const char *const *)field ? *(const char *const *)field : "", text);
	}
}

void value_write_bound(const struct option *row, double bound, struct text *text)
{
	if (row->type == OPTION_BYTES)
		value_write_bytes(bound, text);
	else if (row->type == OPTION_DURATION)
		value_write_duration(bound * 1e6, text);
	else
		value_write_real(bound, text);
}
