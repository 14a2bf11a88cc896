#ifndef NIGHTMILL_STAGES_MAIL_VERBS_H
#define NIGHTMILL_STAGES_MAIL_VERBS_H

/* `nightmill mail outbox|show|sent|doubt|settle`. */

#include "pipeline/stage.h"

/* What the verbs want of the stage: the outbox's folder, NULL where its mails go out. */
const char *mail_outbox(const void *prepared);

extern const struct stage_verb mail_verbs[];

#endif
