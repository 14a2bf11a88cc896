#ifndef NIGHTMILL_STAGES_MAIL_RELEASE_H
#define NIGHTMILL_STAGES_MAIL_RELEASE_H

/* `nightmill mail release`: the mails of an outbox go out, each under the key of the item that it
 * was made of. So the ledger knows each as the mail that the plan itself would send. */

#include "pipeline/stage.h"

/* As struct stage_verb's: a source that lists the outbox, and a stage that sends. */
bool release_derive(const struct stage_desk *desk, struct arena *arena,
	struct stage_derived *derived, struct error *err);

#endif
