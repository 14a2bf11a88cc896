#ifndef NIGHTMILL_STAGES_MAIL_POSTING_H
#define NIGHTMILL_STAGES_MAIL_POSTING_H

/* One worker's way out: a transport that acts, opened, and the date that mails get on it. */

#include <stdbool.h>

#include "stages/mail/transports/transport.h"

struct posting {
	const struct transport_plugin *plugin; /* NULL: not open */
	void *state;
	struct text dated; /* a mail that gets its date now */
};

/* `way` is borrowed until close. */
bool posting_open(struct posting *posting, const struct transport_chosen *way, struct error *err);

/* As transport.h's send. A mail that is not `dated` gets the date of now in front. */
void posting_send(
	struct posting *posting, const struct letter *letter, bool dated, struct outcome *outcome);

/* Closing what is not open is allowed. */
void posting_close(struct posting *posting);

#endif
