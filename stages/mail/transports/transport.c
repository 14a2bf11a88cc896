#include "stages/mail/transports/transport.h"

#include <stdarg.h>
#include <string.h>

bool transport_prepare(const struct option_plugin *self, const struct stage_setup *setup,
	struct transport_chosen *chosen)
{
	chosen->plugin = transport_of(self->plugin);
	return chosen->plugin->prepare(self, setup, &chosen->prepared);
}

void transport_complain(const struct option_plugin *self, const struct stage_setup *setup,
	const char *option, const char *format, ...)
{
	struct text text = { 0 };
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	option_complain(setup->problems, self->node, self->place, option, "%s", text.data);
	text_finish(&text);
}

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
