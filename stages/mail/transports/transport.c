#include "stages/mail/transports/transport.h"

#include <stdarg.h>
#include <string.h>

void transport_fail_place(struct outcome *outcome, enum error_code code, const char *format, ...)
{
	struct text text = { 0 };
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	outcome->status = OUTCOME_FAILED;
	fail(&outcome->error, code, "%s", text.data);
	outcome->error.blame = BLAME_PLACE;
	text_finish(&text);
}

void transport_add_lines(const struct letter *letter, struct text *text)
{
	text_reserve(text, letter->length);
	for (size_t at = 0; at < letter->length;) {
		const char *end = memchr(letter->bytes + at, '\r', letter->length - at);
		const size_t line = end ? (size_t)(end - letter->bytes) - at : letter->length - at;
		text_add(text, letter->bytes + at, line);
		at += line + (end ? 1 : 0);
	}
}
