#include "pipeline/state_rows.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static_assert(sizeof(struct digest) == 16, "digests are stored as they lie in memory");

static bool state_no_space(int number)
{
	return number == ENOSPC || number == EDQUOT || number == EROFS;
}

static enum error_code state_code(int result, int number)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		return ERROR_SPACE;
	case SQLITE_NOMEM:
		return ERROR_MEMORY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERROR_LOCKED;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERROR_DENIED;
	case SQLITE_IOERR:
		return result == SQLITE_IOERR_READ || result == SQLITE_IOERR_SHORT_READ
			       ? ERROR_READ
			       : ERROR_WRITE;
	case SQLITE_CANTOPEN:
		return number == EACCES || number == EPERM ? ERROR_DENIED : ERROR_READ;
	default:
		return ERROR_INTERNAL;
	}
}

static void state_describe(struct state *state, int result, const char *doing, struct error *err)
{
	int number = sqlite3_system_errno(state->db);
	int kind = result & 0xff;
	bool system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
	if (kind == SQLITE_NOTADB)
		fail(err, ERROR_USAGE,
			"'%s' is no nightmill state; if it was one, it is damaged and may be "
			"deleted: everything is made again",
			state->path);
	else if (kind == SQLITE_CORRUPT)
		fail(err, ERROR_INTERNAL,
			"the state '%s' is damaged; it may be deleted: everything is made again",
			state->path);
	else if (system && state_no_space(number))
		fail_errno(err, number, "%s the state '%s'", doing, state->path);
	else if (system && number)
		fail(err, state_code(result, number), "%s the state '%s': %s", doing, state->path,
			strerror(number));
	else
		fail(err, state_code(result, number), "%s the state '%s': %s", doing, state->path,
			sqlite3_errstr(result));
}

bool state_fail(struct state *state, int result, const char *doing, struct error *err)
{
	struct error why;
	state_describe(state, result, doing, &why);
	if (state->begun && sqlite3_get_autocommit(state->db)) {
		state->begun = false;
		state->broken = why;
	}
	if (err)
		*err = why;
	return false;
}

bool state_execute(struct state *state, const char *sql, struct error *err)
{
	state_walk_leave(state);
	int result = sqlite3_exec(state->db, sql, NULL, NULL, NULL);
	return result == SQLITE_OK ||
	       state_fail(state, result, state->writes ? "cannot write" : "cannot read", err);
}

static bool state_begin(struct state *state, struct error *err)
{
	if (state->broken.code != ERROR_NONE) {
		if (err)
			*err = state->broken;
		return false;
	}
	if (state->begun)
		return true;
	if (!state_execute(state, state->writes ? "BEGIN IMMEDIATE" : "BEGIN", err))
		return false;
	state->begun = true;
	return true;
}

bool state_hurry(struct state *state, bool hurry, struct error *err)
{
	return state_execute(
		state, hurry ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL", err);
}

sqlite3_file *state_file(struct state *state)
{
	sqlite3_file *file = NULL;
	sqlite3_file_control(state->db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file);
	return file;
}

/* Without its first page, which WAL leaves in the file, a log is nothing. */
static int state_sync_file(struct state *state)
{
	if (!state->unsynced)
		return SQLITE_OK;
	sqlite3_file *file = state_file(state);
	const int result = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
	state->unsynced = result != SQLITE_OK;
	return result;
}

static bool state_end(struct state *state, bool sync, struct error *err)
{
	if (state->broken.code != ERROR_NONE)
		return state_begin(state, err);
	if (!state->writes || !state->begun)
		return true;
	state_walk_leave(state);
	int result = sync ? state_sync_file(state) : SQLITE_OK;
	if (result == SQLITE_OK)
		result = sqlite3_exec(state->db, "COMMIT", NULL, NULL, NULL);
	if (result == SQLITE_OK) {
		state->begun = false;
		return true;
	}
	struct error why;
	state_fail(state, result, "cannot write", &why);
	sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	state->begun = false;
	state->broken = why;
	if (err)
		*err = why;
	return false;
}

bool state_commit(struct state *state, struct error *err)
{
	return state_end(state, true, err);
}

bool state_begin_run(struct state *state, struct state_run *run, struct error *err)
{
	return state_end(state, false, err) && state_hurry(state, state->hasty, err) &&
	       state_put_run(state, run, err) && state_end(state, false, err) &&
	       state_hurry(state, false, err);
}

sqlite3_stmt *state_statement(
	struct state *state, enum state_statement which, const char *sql, struct error *err)
{
	if (!state_begin(state, err))
		return NULL;
	sqlite3_stmt **statement = &state->statements[which];
	if (*statement)
		return *statement;
	int result =
		sqlite3_prepare_v3(state->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
	if (result != SQLITE_OK)
		state_fail(state, result, "cannot read", err);
	return *statement;
}

sqlite3_stmt *state_change(
	struct state *state, enum state_statement which, const char *sql, struct error *err)
{
	state_walk_leave(state);
	if (state->writes)
		return state_statement(state, which, sql, err);
	fail(err, ERROR_INTERNAL, "the state '%s' is open for reading alone", state->path);
	return NULL;
}

bool state_step(struct state *state, sqlite3_stmt *statement, bool *row, struct error *err)
{
	int result = sqlite3_step(statement);
	*row = result == SQLITE_ROW;
	if (*row)
		return true;
	sqlite3_reset(statement);
	if (result == SQLITE_DONE)
		return true;
	bool reads = sqlite3_stmt_readonly(statement);
	return state_fail(state, result, reads ? "cannot read" : "cannot write", err);
}

bool state_run_through(struct state *state, sqlite3_stmt *statement, struct error *err)
{
	bool row;
	bool ok = state_step(state, statement, &row, err);
	assert(!ok || !row);
	return ok;
}

void state_bind_bytes(sqlite3_stmt *statement, int column, const void *data, size_t length)
{
	sqlite3_bind_blob64(statement, column, length ? data : "", length, SQLITE_STATIC);
}

void state_bind_name(sqlite3_stmt *statement, int column, const char *name)
{
	if (name)
		state_bind_bytes(statement, column, name, strlen(name));
	else
		sqlite3_bind_null(statement, column);
}

void state_bind_digest(sqlite3_stmt *statement, int column, const struct digest *digest)
{
	if (digest_none(*digest))
		sqlite3_bind_null(statement, column);
	else
		state_bind_bytes(statement, column, digest, sizeof(*digest));
}

char *state_column_bytes(sqlite3_stmt *statement, int column, struct arena *arena, size_t *length)
{
	const void *data = sqlite3_column_blob(statement, column);
	size_t bytes = (size_t)sqlite3_column_bytes(statement, column);
	if (length)
		*length = bytes;
	return arena_copy(arena, data, bytes);
}

struct digest state_column_digest(sqlite3_stmt *statement, int column)
{
	struct digest digest = { 0 };
	const void *data = sqlite3_column_blob(statement, column);
	if (data && sqlite3_column_bytes(statement, column) == sizeof(digest))
		memcpy(&digest, data, sizeof(digest));
	return digest;
}

void state_column_late(sqlite3_stmt *statement, int column, char late[ITEM_LATE_BYTES])
{
	const void *data = sqlite3_column_blob(statement, column);
	int bytes = sqlite3_column_bytes(statement, column);
	if (bytes > 0 && bytes < ITEM_LATE_BYTES)
		memcpy(late, data, (size_t)bytes);
}

void state_column_output(
	sqlite3_stmt *statement, int first, struct arena *arena, struct state_output *output)
{
	*output = (struct state_output){
		.path = state_column_bytes(statement, first, arena, NULL),
		.part = state_column_bytes(statement, first + 1, arena, NULL),
		.recipe = state_column_digest(statement, first + 2),
		.content = state_column_digest(statement, first + 3),
		.late = state_column_bytes(statement, first + 4, arena, NULL),
		.late_at = SIZE_MAX,
	};
	if (sqlite3_column_type(statement, first + 5) == SQLITE_INTEGER)
		output->late_at = (size_t)sqlite3_column_int64(statement, first + 5);
}
