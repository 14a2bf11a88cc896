#include "pipeline/support/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words[ERROR_CODES] = {
	[ERROR_NONE] = "none",
	[ERROR_INTERNAL] = "internal",
	[ERROR_USAGE] = "usage",
	[ERROR_LOCKED] = "locked",
	[ERROR_MISSING] = "missing",
	[ERROR_DENIED] = "denied",
	[ERROR_READ] = "read",
	[ERROR_WRITE] = "write",
	[ERROR_SPACE] = "space",
	[ERROR_MEMORY] = "memory",
	[ERROR_CHANGED] = "changed",
	[ERROR_DAMAGED] = "damaged",
	[ERROR_UNSUPPORTED] = "unsupported",
	[ERROR_LIMIT] = "limit",
	[ERROR_COLLISION] = "collision",
	[ERROR_CRASHED] = "crashed",
	[ERROR_TIMEOUT] = "timeout",
	[ERROR_NO_PAIRING] = "no-pairing",
	[ERROR_DEFERRED] = "deferred",
	[ERROR_REFUSED] = "refused",
	[ERROR_DOUBT] = "doubt",
};

const char *error_word(enum error_code code)
{
	return code < ERROR_CODES ? words[code] : "unknown";
}

static enum blame error_blame(enum error_code code)
{
	switch (code) {
	case ERROR_DAMAGED:
	case ERROR_UNSUPPORTED:
	case ERROR_LIMIT:
	case ERROR_COLLISION:
	case ERROR_CRASHED:
	case ERROR_REFUSED:
	case ERROR_DOUBT:
		return BLAME_ITEM;
	case ERROR_SPACE:
		return BLAME_PLACE;
	default:
		return BLAME_MOMENT;
	}
}

/* A cut in the middle of a UTF-8 character would make the whole text invalid. */
static void error_trim(char *text, size_t length)
{
	if (length == 0 || !((unsigned char)text[length - 1] & 0x80))
		return;
	size_t start = length;
	while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	if (length - (start - 1) < need)
		text[start - 1] = '\0';
}

static void error_fill(struct error *err, enum error_code code, const char *format, va_list list)
{
	err->code = code;
	err->blame = error_blame(code);
	int length = vsnprintf(err->text, sizeof(err->text), format, list);
	if (length >= (int)sizeof(err->text))
		error_trim(err->text, sizeof(err->text) - 1);
}

bool fail(struct error *err, enum error_code code, const char *format, ...)
{
	if (!err)
		return false;
	va_list list;
	va_start(list, format);
	error_fill(err, code, format, list);
	va_end(list);
	return false;
}

static enum error_code error_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
	case EROFS:
		return ERROR_SPACE;
	case ENOENT:
	case ENOTDIR:
		return ERROR_MISSING;
	case EACCES:
	case EPERM:
		return ERROR_DENIED;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return ERROR_MEMORY;
	default:
		return ERROR_READ;
	}
}

bool fail_errno(struct error *err, int number, const char *format, ...)
{
	if (!err)
		return false;
	va_list list;
	va_start(list, format);
	error_fill(err, error_of_errno(number), format, list);
	va_end(list);
	size_t length = strlen(err->text);
	snprintf(err->text + length, sizeof(err->text) - length, ": %s", strerror(number));
	return false;
}

bool error_where(struct error *err, const char *format, ...)
{
	if (!err)
		return false;
	char where[sizeof(err->text)];
	va_list list;
	va_start(list, format);
	vsnprintf(where, sizeof(where), format, list);
	va_end(list);
	char whole[2 * sizeof(err->text) + 3];
	snprintf(whole, sizeof(whole), "%s: %s", where, err->text);
	size_t length = strlen(whole);
	if (length >= sizeof(err->text))
		length = sizeof(err->text) - 1;
	memcpy(err->text, whole, length);
	err->text[length] = '\0';
	error_trim(err->text, length);
	return false;
}
