#include "pipeline/commands/command.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/support/text.h"

int command_status(const struct error *err)
{
	switch (err->code) {
	case ERROR_LOCKED:
		return EXIT_LOCKED;
	case ERROR_INTERNAL:
		return EXIT_INTERNAL;
	case ERROR_NO_PAIRING:
		return EXIT_NO_PAIRING;
	case ERROR_USAGE:
	case ERROR_MISSING:
	case ERROR_DENIED:
		return EXIT_USAGE;
	default:
		return EXIT_HALTED;
	}
}

void command_complain(const char *what, const struct error *err)
{
	struct text line = { 0 };
	text_add_string(&line, "nightmill: ");
	if (what) {
		text_add_safe(&line, what, strlen(what));
		text_add_string(&line, ": ");
	}
	text_add_safe(&line, err->text, strlen(err->text));
	fprintf(stderr, "%s\n", line.data);
	text_finish(&line);
}

void command_print(const char *data, size_t length)
{
	struct text safe = { 0 };
	text_add_safe(&safe, data, length);
	if (safe.length)
		fwrite(safe.data, 1, safe.length, stdout);
	text_finish(&safe);
}
