#ifndef NIGHTMILL_STAGES_MAIL_TRIAL_H
#define NIGHTMILL_STAGES_MAIL_TRIAL_H

/* `nightmill mail outbox --to ADDRESS`: copies of mails, sent to whoever looks after them. */

#include <stdbool.h>

#include "pipeline/head.h"
#include "pipeline/stage.h"

/* Sends the first words->limit mails of the outbox (0: one) to words->to. Each says in its subject
 * that it is a trial and for whom it is meant; the ledger knows nothing of it. Prints what became
 * of each; `*status` is 3 where one was not accepted. */
bool trial_send(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err);

#endif
