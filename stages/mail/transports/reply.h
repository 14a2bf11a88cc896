#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_REPLY_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_REPLY_H

/* What an SMTP server answers: lines that begin with three digits, all but the last of them with a
 * hyphen behind these. Whatever it sends, its words become safe to store and show. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLY_WORDS = 400 };

struct reply {
	uint32_t code;           /* of the last line; 0: none yet, or none that is a reply */
	bool complete;           /* the last line was the last of a reply */
	char words[REPLY_WORDS]; /* "550 5.1.1 no such user", NUL-terminated UTF-8 */
	size_t length;           /* of words */
};

/* Nothing was said yet. */
void reply_clear(struct reply *reply);

/* Takes one line, with or without its line end. The first line behind a complete reply begins the
 * next. */
void reply_take(struct reply *reply, const char *line, size_t length);

/* The hundreds of a complete reply's code: 2, 4, 5; 0 where there is none. */
unsigned reply_class(const struct reply *reply);

#endif
