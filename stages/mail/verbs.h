#ifndef NIGHTMILL_STAGES_MAIL_VERBS_H
#define NIGHTMILL_STAGES_MAIL_VERBS_H

/* `nightmill mail outbox|show|release|sent|doubt|settle`. */

#include "pipeline/stage.h"
#include "stages/mail/transports/transport.h"

/* What the verbs want of the stage: the outbox's folder, NULL where its mails go out. */
const char *mail_outbox(const void *prepared);

/* The way that mails of the outbox take when they are released; NULL where there is none. */
const struct transport_chosen *mail_release(const void *prepared);

/* Both, or an error that says what the config lacks. */
bool verbs_way_out(const struct stage_desk *desk, const char **root,
	const struct transport_chosen **way, struct error *err);

extern const struct stage_verb mail_verbs[];

#endif
