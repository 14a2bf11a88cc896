#ifndef NIGHTMILL_STAGES_MAIL_MESSAGE_H
#define NIGHTMILL_STAGES_MAIL_MESSAGE_H

/* A mail as bytes: lines end in CRLF, none is longer than 998 bytes, all are ASCII. The same
 * message gives the same bytes, so that what is looked at in an outbox is what would be sent. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/mail/address.h"

/* Bytes of someone else's; data NULL: there are none. */
struct message_bytes {
	const char *data;
	size_t length;
};

/* A file that goes along. */
struct message_file {
	const char *name; /* NUL-terminated UTF-8; of an inline picture: its content id */
	const char *type; /* "image/jpeg" */
	struct message_bytes bytes;
};

struct message_files {
	struct message_file *list;
	size_t count;
};

struct message {
	struct digest id;   /* of the mail: Message-ID and boundaries follow from it */
	const char *domain; /* of the Message-ID, ASCII */
	struct address from, to, reply_to;
	struct message_bytes subject;     /* UTF-8 */
	struct message_bytes text, html;  /* UTF-8, lines end in LF or CRLF */
	struct message_bytes calendar;    /* iCalendar, UTF-8 */
	struct message_bytes date;        /* RFC 3339 with its offset; none: no Date */
	struct message_bytes unsubscribe; /* an https: or mailto: URL */
	struct message_files pictures;    /* that the HTML shows as cid:NAME */
	struct message_files attachments;
};

enum { MESSAGE_ID_BYTES = 33 + 1 + 254 };

/* Writes "HEX@domain", the message's id without its angle brackets. */
void message_id(const struct message *message, char id[MESSAGE_ID_BYTES]);

/* Adds the mail to `out`. What cannot stand in one (a header with a line break or other control
 * character, text that is no UTF-8 or has a NUL in it, a date that is none) is an error of the
 * item. From any thread; `scratch` is used on the way. */
bool message_build(
	const struct message *message, struct arena *scratch, struct text *out, struct error *err);

/* The media type for a file of this name, by its extension. */
const char *message_type(const char *name);

#endif
