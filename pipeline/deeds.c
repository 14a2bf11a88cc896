#include "pipeline/deeds.h"

#include <assert.h>
#include <string.h>

#include "pipeline/deeds_group.h"
#include "pipeline/ledger_private.h"
#include "pipeline/support/clock.h"

static_assert(LEDGER_PLANNED == 1 && LEDGER_SENDING == 2 && LEDGER_DEFERRED == 4 &&
		      LEDGER_DOUBT == 6 && LEDGER_LAPSED == 7,
	"numbers of states as they stand in SQL");

static const int64_t deeds_patience = DEEDS_PATIENCE_SECONDS * INT64_C(1000000000);

bool deeds_open(struct deeds *deeds, const struct plan *plan, bool look_only, bool retry_failed,
	struct error *err)
{
	const struct plan_stage *stage = plan->act;
	*deeds = (struct deeds){
		.plan = plan,
		.job = plan->config->name,
		.look_only = look_only,
		.retry_failed = retry_failed,
	};
	stage->plugin->act->rules(stage->prepared, &deeds->rules);
	return ledger_open(
		plan->ledger, look_only ? LEDGER_READ : LEDGER_WRITE, &deeds->ledger, err);
}

void deeds_close(struct deeds *deeds)
{
	ledger_close(deeds->ledger);
	arena_finish(&deeds->scratch);
	arena_finish(&deeds->examples);
	*deeds = (struct deeds){ 0 };
}

/* Changes the rows of the job by `sql`, whose ?1 is the job, ?2 the time. */
static bool deeds_change(struct deeds *deeds, const char *sql, int64_t now, struct error *err)
{
	sqlite3_stmt *put = NULL;
	if (!ledger_begin(deeds->ledger, err))
		return false;
	if (sqlite3_prepare_v2(deeds->ledger->db, sql, -1, &put, NULL) != SQLITE_OK)
		return ledger_fail(deeds->ledger, "cannot use", err);
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 2, now);
	sqlite3_bind_int64(put, 3, deeds->mark); /* not in every one of them */
	const bool fine = ledger_run(deeds->ledger, put, NULL, err);
	sqlite3_finalize(put);
	return fine;
}

/* Later than whatever an earlier walk has left on what can lapse, though the clock, which has ticks
 * of milliseconds and may be set back, does not say so. */
static bool deeds_choose_mark(struct deeds *deeds, struct error *err)
{
	static const char sql[] = "SELECT max(?2, ifnull(max(seen) + 1, ?2)) FROM deeds WHERE job "
				  "= ?1 AND state <> 3 AND state IN (1, 4)";
	sqlite3_stmt *ask = NULL;
	if (sqlite3_prepare_v2(deeds->ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(deeds->ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_int64(ask, 2, deeds->started);
	const bool fine =
		sqlite3_step(ask) == SQLITE_ROW || ledger_fail(deeds->ledger, "cannot read", err);
	if (fine)
		deeds->mark = sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	return fine;
}

bool deeds_stock(struct deeds *deeds, int64_t now, struct error *err)
{
	deeds->started = now;
	return deeds_change(deeds,
		       "UPDATE deeds SET state = 6, changed = ?2, words = 'it was on its way when "
		       "the run ended' WHERE job = ?1 AND state <> 3 AND state = 2",
		       now, err) &&
	       (!deeds->rules.resend ||
		       deeds_change(deeds,
			       "UPDATE deeds SET state = 1, changed = ?2 WHERE job = ?1 AND state "
			       "<> 3 AND state = 6",
			       now, err)) &&
	       deeds_choose_mark(deeds, err) && deeds_commit(deeds, err);
}

static struct digest deeds_what(const struct deeds *deeds, const struct item *item)
{
	return digest_mix(
		deeds->plan->verdict, digest_of(&item->validator, sizeof(item->validator)));
}

/* Not on record, or not any more. */
static enum freshness deeds_judge_new(const struct deeds *deeds)
{
	return deeds->planned ? FRESHNESS_WAITING : FRESHNESS_NEW;
}

static enum freshness deeds_verdict(const struct deeds *deeds, const struct ledger_deed *row,
	const struct item *item, int64_t now)
{
	const bool same = digest_equal(row->what, deeds_what(deeds, item));
	switch (row->state) {
	case LEDGER_PLANNED:
		return FRESHNESS_NEW;
	case LEDGER_DEFERRED:
		return row->next_nanos > now + deeds_patience ? FRESHNESS_WAITING
		       : row->next_nanos > now                ? FRESHNESS_SOON
							      : FRESHNESS_FAILED;
	case LEDGER_ACCEPTED:
		/* The state has it as a failure. */
		return strcmp(row->words, LEDGER_RESOLVED) == 0 ? FRESHNESS_SETTLED
								: FRESHNESS_UP_TO_DATE;
	case LEDGER_SENDING:
	case LEDGER_DOUBT:
		return deeds->look_only && deeds->rules.resend ? FRESHNESS_NEW : FRESHNESS_DOUBT;
	case LEDGER_FAILED:
		return !same                 ? FRESHNESS_CHANGED
		       : deeds->retry_failed ? FRESHNESS_FORCED
					     : FRESHNESS_KNOWN_FAILURE;
	case LEDGER_LAPSED:
		if (strcmp(row->words, LEDGER_SUPERSEDED) == 0)
			return FRESHNESS_UP_TO_DATE;
		return deeds_judge_new(deeds);
	default:
		return deeds_judge_new(deeds);
	}
}

bool deeds_next(struct deeds *deeds, struct digest id, int64_t *next, struct error *err)
{
	struct ledger_deed row = { .id = id };
	arena_reset(&deeds->scratch);
	const bool fine = ledger_deed(deeds->ledger, deeds->job, &row, &deeds->scratch, err);
	*next = row.next_nanos;
	return fine;
}

static bool deeds_about(struct deeds *deeds, const struct item *item, struct act_about *about)
{
	const struct plan_stage *stage = deeds->plan->act;
	*about = (struct act_about){ .label = "" };
	return stage->plugin->act->about(stage->prepared, item, &deeds->scratch, about, NULL);
}

bool deeds_judge(struct deeds *deeds, const struct item *item, int64_t now, enum freshness *verdict,
	struct error *err)
{
	struct ledger_deed row = { .id = item->id };
	struct act_about about;
	arena_reset(&deeds->scratch);
	if (!ledger_deed(deeds->ledger, deeds->job, &row, &deeds->scratch, err))
		return false;
	*verdict = deeds_verdict(deeds, &row, item, now);
	/* It is not on record because of that. */
	if (row.state == LEDGER_NONE && !deeds_about(deeds, item, &about))
		*verdict = FRESHNESS_INVALID;
	const bool wanted = *verdict < FRESHNESS_DUE_END || *verdict == FRESHNESS_WAITING;
	bool superseded = false;
	if (wanted && !deeds_group_judge(deeds, item, &superseded, err))
		return false;
	if (superseded)
		*verdict = FRESHNESS_UP_TO_DATE;
	return true;
}

static bool deeds_record(struct deeds *deeds, const struct item *item,
	const struct act_about *about, int64_t now, struct error *err)
{
	static const char sql[] =
		"INSERT INTO deeds(job, id, key, state, label, name, what, since, changed, seen, "
		"edition, moment, cluster, rank) VALUES(?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?7, ?8, "
		"?9, ?10, ?11, ?12) ON CONFLICT(job, id) DO UPDATE SET "
		"state = CASE WHEN state = 4 THEN 4 ELSE 1 END, label = ?4, name = ?5, what = ?6, "
		"changed = CASE WHEN state IN (1, 4) THEN changed ELSE ?7 END, seen = ?8, edition "
		"= ?9, cluster = ?11, rank = ?12";
	const struct digest what = deeds_what(deeds, item);
	sqlite3_stmt *put = ledger_begin(deeds->ledger, err)
				    ? ledger_prepare(deeds->ledger, LEDGER_SQL_PLAN, sql, err)
				    : NULL;
	if (!put)
		return false;
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, &item->id, sizeof(item->id), SQLITE_STATIC);
	sqlite3_bind_blob64(put, 3, item->key, item->key_length, SQLITE_STATIC);
	sqlite3_bind_text(put, 4, about->label, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 5, about->name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 6, &what, sizeof(what), SQLITE_STATIC);
	sqlite3_bind_int64(put, 7, now);
	sqlite3_bind_int64(put, 8, deeds->mark);
	sqlite3_bind_int64(put, 9, item->edition);
	sqlite3_bind_int64(put, 10, deeds->plan->now_seconds);
	if (!digest_none(item->group))
		sqlite3_bind_blob(put, 11, &item->group, sizeof(item->group), SQLITE_STATIC);
	else
		sqlite3_bind_null(put, 11);
	sqlite3_bind_int64(put, 12, item->rank);
	return ledger_run(deeds->ledger, put, NULL, err);
}

/* Done as the state says, which the ledger knows nothing of. */
static bool deeds_count_lost(struct deeds *deeds, const struct item *item, struct error *err)
{
	struct state_item found;
	if (!state_find(deeds->state, item->key, item->key_length, &deeds->scratch, &found, err))
		return false;
	const bool made = found.status == OUTCOME_MADE && digest_none(found.recipe);
	const bool doubt = found.status == OUTCOME_FAILED && found.code == ERROR_DOUBT;
	deeds->lost += found.number != 0 && (made || doubt);
	return true;
}

static void deeds_count_due(struct deeds *deeds, const char *label)
{
	if (deeds->due < DEEDS_EXAMPLES)
		deeds->labels[deeds->due] = arena_copy(&deeds->examples, label, strlen(label));
	deeds->due++;
}

static bool deeds_plan_due(struct deeds *deeds, const struct item *item,
	const struct ledger_deed *row, int64_t now, struct error *err)
{
	struct act_about about;
	if (!deeds_about(deeds, item, &about))
		return true; /* the second walk says so */
	const bool again = row->state == LEDGER_DEFERRED && row->next_nanos > now + deeds_patience;
	if (!again)
		deeds_count_due(deeds, about.label);
	return (row->state != LEDGER_NONE || deeds_count_lost(deeds, item, err)) &&
	       (deeds->look_only || deeds_record(deeds, item, &about, now, err));
}

bool deeds_plan(struct deeds *deeds, const struct item *item, int64_t now, struct error *err)
{
	struct ledger_deed row = { .id = item->id };
	arena_reset(&deeds->scratch);
	if (!ledger_deed(deeds->ledger, deeds->job, &row, &deeds->scratch, err))
		return false;
	const enum freshness verdict = deeds_verdict(deeds, &row, item, now);
	if (verdict > FRESHNESS_DUE_END && verdict != FRESHNESS_WAITING)
		return true;
	bool superseded;
	if (!deeds_group_judge(deeds, item, &superseded, err))
		return false;
	return deeds_group_lapse(deeds, item, item->rank + superseded, now, err) &&
	       (superseded || deeds_plan_due(deeds, item, &row, now, err));
}

bool deeds_planned(struct deeds *deeds, bool whole, int64_t now, struct error *err)
{
	deeds->planned = true;
	if (deeds->look_only)
		return true;
	return (!whole || deeds_change(deeds,
				  "UPDATE deeds SET state = 7, changed = ?2 WHERE job = ?1 AND "
				  "state <> 3 AND state IN (1, 4) AND seen IS NOT ?3",
				  now, err)) &&
	       deeds_commit(deeds, err);
}

bool deeds_claim(
	struct deeds *deeds, struct digest id, int64_t now, bool *claimed, struct error *err)
{
	static const char sql[] = "UPDATE deeds SET state = 2, attempts = attempts + 1, changed = "
				  "?3 WHERE job = ?1 AND id = ?2 AND state IN (1, 4)";
	int changed = 0;
	if (!ledger_begin(deeds->ledger, err))
		return false;
	sqlite3_stmt *put = ledger_prepare(deeds->ledger, LEDGER_SQL_CLAIM, sql, err);
	if (!put)
		return false;
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, &id, sizeof(id), SQLITE_STATIC);
	sqlite3_bind_int64(put, 3, now);
	if (!ledger_run(deeds->ledger, put, &changed, err))
		return false;
	*claimed = changed > 0;
	return true;
}

static enum ledger_state deeds_state_of_failure(const struct error *err)
{
	/* What is wrong with the place is no deed's fault. */
	return err->blame == BLAME_PLACE    ? LEDGER_PLANNED
	       : err->blame == BLAME_MOMENT ? LEDGER_DEFERRED
					    : LEDGER_FAILED;
}

static enum ledger_state deeds_state_of(const struct deeds *deeds, const struct outcome *outcome)
{
	switch (outcome->deed.verdict) {
	case DEED_ACCEPTED:
		return LEDGER_ACCEPTED;
	case DEED_DEFERRED:
		return LEDGER_DEFERRED;
	case DEED_FAILED:
		return LEDGER_FAILED;
	case DEED_UNTOUCHED:
		break;
	default:
		return deeds->rules.resend ? LEDGER_DEFERRED : LEDGER_DOUBT;
	}
	switch (outcome->status) {
	case OUTCOME_FAILED:
		return deeds_state_of_failure(&outcome->error);
	case OUTCOME_CANCELLED:
		return LEDGER_PLANNED;
	case OUTCOME_IGNORED:
		return LEDGER_LAPSED;
	default:
		return LEDGER_DOUBT; /* it says that it is done, but not how */
	}
}

void deeds_end_of(const struct deeds *deeds, const struct outcome *outcome, struct deeds_end *end)
{
	*end = (struct deeds_end){
		.id = outcome->id,
		.state = deeds_state_of(deeds, outcome),
		.code = outcome->deed.code,
	};
	memcpy(end->words, outcome->error.text, sizeof(end->words));
}

bool deeds_settle(struct deeds *deeds, const struct deeds_end *end, int64_t now, struct error *err)
{
	static const char sql[] =
		"UPDATE deeds SET state = ?3, code = ?4, words = ?5, next = ?6, changed = ?7 WHERE "
		"job = ?1 AND id = ?2 AND state = 2";
	sqlite3_stmt *put = ledger_begin(deeds->ledger, err)
				    ? ledger_prepare(deeds->ledger, LEDGER_SQL_SETTLE, sql, err)
				    : NULL;
	if (!put)
		return false;
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, &end->id, sizeof(end->id), SQLITE_STATIC);
	sqlite3_bind_int(put, 3, (int)end->state);
	sqlite3_bind_int64(put, 4, end->code);
	sqlite3_bind_text(put, 5, end->words, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 6, end->next);
	sqlite3_bind_int64(put, 7, now);
	return ledger_run(deeds->ledger, put, NULL, err);
}

bool deeds_commit(struct deeds *deeds, struct error *err)
{
	return ledger_commit(deeds->ledger, err);
}

bool deeds_in_doubt(struct deeds *deeds, uint64_t *count, struct error *err)
{
	static const char sql[] =
		"SELECT count(*) FROM deeds WHERE job = ?1 AND state <> 3 AND state IN (2, 6)";
	sqlite3_stmt *ask = NULL;
	*count = 0;
	if (!deeds->ledger->has_deeds)
		return true;
	if (sqlite3_prepare_v2(deeds->ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(deeds->ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, deeds->job, -1, SQLITE_STATIC);
	const bool fine =
		sqlite3_step(ask) == SQLITE_ROW || ledger_fail(deeds->ledger, "cannot read", err);
	if (fine)
		*count = (uint64_t)sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	return fine;
}
