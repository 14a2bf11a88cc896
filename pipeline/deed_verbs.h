#ifndef NIGHTMILL_DEED_VERBS_H
#define NIGHTMILL_DEED_VERBS_H

/* What a stage that acts answers when it is asked about its deeds: bodies for its verbs, see struct
 * stage_verb. They print to standard output, a deed a line, fields apart by tabs:
 *
 *     in doubt	2026-03-28 03:30:12	ann@example.org	standup/2026-03-30/1d	the server's words
 */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/head.h"
#include "pipeline/ledger_deeds.h"
#include "pipeline/stage.h"
#include "pipeline/support/error.h"

/* Prints the deeds in these states (a bit for each, as in struct ledger_filter), the longest
 * unchanged first, words->limit at most; of words->operand alone where there is one (label, name,
 * key or id). */
bool deed_verbs_list(const struct stage_desk *desk, const struct head_words *words, uint32_t states,
	struct error *err);

/* Prints what is in doubt; `*status` becomes 3 where something is. */
bool deed_verbs_doubts(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err);

/* Settles what is in doubt as words->as says: "done", "again" or "never". All of it where there is
 * no operand and words->yes; prints how many. For a verb that `writes`. */
bool deed_verbs_resolve(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err);

#endif
