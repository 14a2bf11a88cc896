#include "pipeline/deeds_group.h"

#include <assert.h>

#include "pipeline/ledger_private.h"

static_assert(LEDGER_PLANNED == 1 && LEDGER_SENDING == 2 && LEDGER_DEFERRED == 4 &&
		      LEDGER_DOUBT == 6 && LEDGER_LAPSED == 7,
	"numbers of states as they stand in SQL");

bool deeds_group_judge(
	struct deeds *deeds, const struct item *item, bool *superseded, struct error *err)
{
	static const char sql[] =
		"SELECT 1 FROM deeds WHERE job = ?1 AND cluster = ?2 AND rank > ?3 "
		"AND state IN (2, 3, 4, 5, 6) LIMIT 1";
	*superseded = false;
	if (digest_none(item->group) || !deeds->ledger->has_groups)
		return true;
	sqlite3_stmt *ask = ledger_prepare(deeds->ledger, LEDGER_SQL_LATER, sql, err);
	if (!ask)
		return false;
	sqlite3_bind_text(ask, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(ask, 2, &item->group, sizeof(item->group), SQLITE_STATIC);
	sqlite3_bind_int64(ask, 3, item->rank);
	const int result = sqlite3_step(ask);
	*superseded = result == SQLITE_ROW;
	const bool fine = result == SQLITE_ROW || result == SQLITE_DONE ||
			  ledger_fail(deeds->ledger, "cannot read", err);
	sqlite3_reset(ask);
	return fine;
}

bool deeds_group_lapse(
	struct deeds *deeds, const struct item *item, int64_t rank, int64_t now, struct error *err)
{
	static const char sql[] =
		"UPDATE deeds SET state = 7, changed = ?4, words = CASE WHEN state = 6 THEN "
		"'" LEDGER_SUPERSEDED "' ELSE 'a later one took its place' END "
		"WHERE job = ?1 AND cluster = ?2 AND rank < ?3 AND state IN (1, 4, 6)";
	if (digest_none(item->group) || deeds->look_only)
		return true;
	sqlite3_stmt *put = ledger_begin(deeds->ledger, err)
				    ? ledger_prepare(deeds->ledger, LEDGER_SQL_LAPSE, sql, err)
				    : NULL;
	if (!put)
		return false;
	sqlite3_bind_text(put, 1, deeds->job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, &item->group, sizeof(item->group), SQLITE_STATIC);
	sqlite3_bind_int64(put, 3, rank);
	sqlite3_bind_int64(put, 4, now);
	return ledger_run(deeds->ledger, put, NULL, err);
}
