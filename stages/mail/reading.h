#ifndef NIGHTMILL_STAGES_MAIL_READING_H
#define NIGHTMILL_STAGES_MAIL_READING_H

/* A mail's bytes taken apart again, to be looked at. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

/* Texts are in the arena, any bytes, NUL-terminated, "" where there is none. */
struct reading {
	const char *from, *to, *subject, *date;
	const char *sender, *recipient; /* mailboxes of `from` and `to`, international domains as
					   ASCII; "" where there is not exactly one */
	const char *id;                 /* the Message-ID, without its angle brackets */
	const char *text, *html;        /* pictures of the mail stand in the HTML as data: URLs */
	const char *const *files;       /* names of attachments */
	size_t file_count;
};

/* Takes apart what `message.h` or anyone else made. Fails where it is no mail. */
bool reading_take(const char *bytes, size_t length, struct arena *arena, struct reading *reading,
	struct error *err);

#endif
