#include "pipeline/deeds_guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/ledger_private.h"
#include "pipeline/support/text.h"

enum {
	GUARD_ROUNDS = 10, /* runs that are looked at for what is usual */
	GUARD_FEW = 10,    /* so many are never too many more than usual */
};

/* What earlier runs set out to do: of a run that was killed that tells more than what it came to.
 */
struct guard_past {
	uint64_t counts[GUARD_ROUNDS]; /* newest first */
	size_t count;
};

static bool guard_look_back(struct deeds *deeds, struct guard_past *past, struct error *err)
{
	static const char sql[] =
		"SELECT due FROM rounds WHERE job = ?1 ORDER BY number DESC LIMIT ?2";
	sqlite3_stmt *ask = NULL;
	int result;
	*past = (struct guard_past){ .count = 0 };
	if (!deeds->ledger->has_deeds)
		return true;
	if (sqlite3_prepare_v2(deeds->ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(deeds->ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_int(ask, 2, GUARD_ROUNDS);
	while ((result = sqlite3_step(ask)) == SQLITE_ROW)
		past->counts[past->count++] = (uint64_t)sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	return result == SQLITE_DONE || ledger_fail(deeds->ledger, "cannot read", err);
}

static int guard_compare(const void *a, const void *b)
{
	const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
	return (first > second) - (first < second);
}

/* The median; 0: there was no run. */
static uint64_t guard_usual(struct guard_past *past)
{
	qsort(past->counts, past->count, sizeof(*past->counts), guard_compare);
	return past->count ? past->counts[past->count / 2] : 0;
}

/* "12 mails would go: to ann@example.org, bob@example.org and 10 more" */
static void guard_count(const struct deeds *deeds, uint64_t due, struct text *text)
{
	const char *noun = due == 1 ? deeds->rules.noun : deeds->rules.plural;
	const uint64_t shown = due < DEEDS_EXAMPLES ? due : DEEDS_EXAMPLES;
	text_addf(text, "%" PRIu64 " %s would go (", due, noun);
	for (uint64_t i = 0; i < shown; i++) {
		text_add_string(text, i ? ", " : "");
		text_addf(text, "%.60s", deeds->labels[i]);
	}
	text_add_string(text, due > shown ? ", ...)" : ")");
}

static bool guard_stop(const struct text *count, const char *why, struct error *err)
{
	return fail(err, ERROR_LIMIT, "%s, %s", count->data, why);
}

static bool guard_judge(struct deeds *deeds, uint64_t due, struct guard_past *past,
	const struct text *count, struct error *err)
{
	char why[256];
	const uint64_t usual = guard_usual(past);
	if (deeds->lost > 0) {
		snprintf(why, sizeof(why),
			"%" PRIu64 " of them for the second time, as the state knows and the "
			"ledger does not: put back the ledger from a backup; to do them again, "
			"--yes",
			deeds->lost);
		return guard_stop(count, why, err);
	}
	if (past->count == 0)
		return guard_stop(count,
			"and this is the first run that acts: --dry-run shows all, --yes goes on",
			err);
	if (deeds->rules.usual_times == 0 || due <= GUARD_FEW || usual == 0 ||
		due <= usual * deeds->rules.usual_times)
		return true;
	snprintf(why, sizeof(why),
		"more than %" PRIu32 " times the usual %" PRIu64
		": --dry-run shows all, --yes goes on",
		deeds->rules.usual_times, usual);
	return guard_stop(count, why, err);
}

bool deeds_guard(struct deeds *deeds, bool yes, uint64_t limit, struct error *err)
{
	struct guard_past past;
	struct text count = { 0 };
	const uint64_t due = limit && limit < deeds->due ? limit : deeds->due;
	bool fine = due == 0 || guard_look_back(deeds, &past, err);
	guard_count(deeds, due, &count);
	if (fine && due > 0 && deeds->rules.most && due > deeds->rules.most) {
		char why[128];
		snprintf(why, sizeof(why), "more than the %" PRIu64 " that the config allows a run",
			deeds->rules.most);
		fine = guard_stop(&count, why, err);
	}
	if (fine && due > 0 && !yes)
		fine = guard_judge(deeds, due, &past, &count, err);
	text_finish(&count);
	return fine;
}

bool deeds_begin_round(struct deeds *deeds, uint64_t limit, struct error *err)
{
	sqlite3_stmt *put = NULL;
	if (!ledger_begin(deeds->ledger, err))
		return false;
	if (sqlite3_prepare_v2(deeds->ledger->db,
		    "INSERT INTO rounds(job, started, due) VALUES(?1, ?2, ?3)", -1, &put,
		    NULL) != SQLITE_OK)
		return ledger_fail(deeds->ledger, "cannot use", err);
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 2, deeds->started);
	sqlite3_bind_int64(put, 3, (int64_t)(limit && limit < deeds->due ? limit : deeds->due));
	const bool fine = ledger_run(deeds->ledger, put, NULL, err);
	sqlite3_finalize(put);
	return fine;
}
