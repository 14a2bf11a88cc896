#ifndef NIGHTMILL_STAGES_MAIL_BOX_SOURCE_H
#define NIGHTMILL_STAGES_MAIL_BOX_SOURCE_H

/* A source for `nightmill mail release`, which no config can name: the mails of an outbox. Each is
 * read once, so that the guards and the ledger know to whom it goes; the digest of its bytes tells
 * later whether it is still the one that was judged. */

#include "pipeline/source.h"
#include "stages/mail/transports/transport.h"

struct box_settings {
	const char *root;
	struct option_list roots;              /* that one */
	const struct transport_plugin *outbox; /* that knows the keys of its files */
};

/* The fields of its records. */
#define BOX_FILE "file" /* name of the file */
#define BOX_FROM "from" /* mailboxes */
#define BOX_TO "to"
#define BOX_DOMAIN "domain" /* of `to`, in lower case */
#define BOX_ID "id"         /* Message-ID; absent: it has none */
#define BOX_DATED "dated"   /* present: it has a date */
#define BOX_DIGEST "digest" /* of the file's bytes, in hex digits */

extern const struct source_plugin box_source;

#endif
