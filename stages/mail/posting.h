#ifndef NIGHTMILL_STAGES_MAIL_POSTING_H
#define NIGHTMILL_STAGES_MAIL_POSTING_H

/* One worker's way out: a transport that acts, opened, and the date that mails get on it. */

#include <stdbool.h>

#include "stages/mail/transports/transport.h"

/* What a stage that posts tells apart of its time, for stage_plugin.spendings and .waits. */
extern const char *const posting_spendings[];
enum { POSTING_WAITS = 1 };

struct posting {
	const struct transport_plugin *plugin; /* NULL: not open */
	const struct workplace *place;
	void *state;
	struct text dated; /* a mail that gets its date now */
};

/* `way` and `place` (NULL: no one wants to know where time goes) are borrowed until close. */
bool posting_open(struct posting *posting, const struct transport_chosen *way,
	const struct workplace *place, struct error *err);

/* As transport.h's send. A mail that is not `dated` gets the date of now in front. */
void posting_send(
	struct posting *posting, const struct letter *letter, bool dated, struct outcome *outcome);

/* Closing what is not open is allowed. */
void posting_close(struct posting *posting);

#endif
