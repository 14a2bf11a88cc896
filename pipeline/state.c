#include "pipeline/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/state_lock.h"
#include "pipeline/state_rows.h"
#include "pipeline/support/text.h"

enum {
	STATE_APPLICATION = 0x6E6D696C, /* "nmil": tells our files from other databases */
	STATE_PATIENCE_MILLIS = 5000,   /* for a reader that recovers the log just now */
	STATE_PAGE_BYTES = 4096,        /* SQLite's usual */
};

/* Number i makes version i + 1 of version i; 0 is an empty file. */
static const char *const migrations[] = {
	"CREATE TABLE items(number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, "
	"status INTEGER NOT NULL, size INTEGER, mtime INTEGER, strict INTEGER, content BLOB, "
	"verdict BLOB, recipe BLOB, late BLOB, code INTEGER, blame INTEGER, runs_failed INTEGER, "
	"run INTEGER, micros INTEGER, error BLOB);"
	"CREATE INDEX items_failed ON items(key) WHERE status = 3;"
	"CREATE TABLE outputs(path BLOB PRIMARY KEY, item INTEGER NOT NULL, part BLOB, "
	"recipe BLOB, content BLOB, late BLOB, late_at INTEGER) WITHOUT ROWID;"
	"CREATE INDEX outputs_item ON outputs(item);"
	"CREATE TABLE runs(number INTEGER PRIMARY KEY, started INTEGER, finished INTEGER, "
	"name BLOB, executor BLOB, workers INTEGER, exit_status INTEGER, items INTEGER, "
	"made INTEGER, unchanged INTEGER, up_to_date INTEGER, ignored INTEGER, failed INTEGER, "
	"known_failures INTEGER, cancelled INTEGER, parts INTEGER, bytes_read INTEGER, "
	"bytes_written INTEGER, pixels INTEGER, micros INTEGER, cpu_micros INTEGER, "
	"peak_bytes INTEGER);",
	"CREATE TABLE spent(run INTEGER NOT NULL, what BLOB, line INTEGER, worker INTEGER, "
	"waits INTEGER, times INTEGER, micros INTEGER);"
	"CREATE INDEX spent_run ON spent(run);"
	"CREATE TABLE lookups(run INTEGER NOT NULL, name BLOB, store BLOB, cache BLOB, "
	"records INTEGER, keys INTEGER, hits INTEGER, negative_hits INTEGER, stale INTEGER, "
	"misses INTEGER, loads INTEGER, load_micros INTEGER, saved_micros INTEGER);"
	"CREATE INDEX lookups_run ON lookups(run);",
};

enum { STATE_VERSION = sizeof(migrations) / sizeof(*migrations) };

enum state_opening {
	OPEN_WRITE = SQLITE_OPEN_READWRITE,
	/* READWRITE so that the last reader takes away the log and index that SQLite makes even for
	   reading. */
	OPEN_READ = SQLITE_OPEN_READWRITE,
	/* Without locks or log: for a folder that cannot be written. */
	OPEN_FROZEN = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
	OPEN_EMPTY = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY,
};

/* "./" and escapes keep SQLite from seeing a meaning (":memory:", "file:", "?") in a path. */
static void state_name(const char *path, bool frozen, struct text *name)
{
	bool whole = *path == '/';
	text_add_string(name, frozen ? "file:" : "");
	text_add_string(name, frozen && whole ? "//" : "");
	text_add_string(name, whole ? "" : "./");
	for (const char *at = path; *at; at++) {
		if (frozen && strchr("%?#", *at))
			text_addf(name, "%%%02X", (unsigned char)*at);
		else
			text_add(name, at, 1);
	}
	text_add_string(name, frozen ? "?immutable=1" : "");
}

/* What a power cut leaves of a file whose first page was never synced, where the file system keeps
 * how long it has become: zeros. */
static bool state_is_blank(struct state *state)
{
	sqlite3_file *file = state_file(state);
	char page[STATE_PAGE_BYTES] = { 0 };
	static const char zeros[STATE_PAGE_BYTES];
	sqlite3_int64 bytes = 0;
	return file && file->pMethods && file->pMethods->xFileSize(file, &bytes) == SQLITE_OK &&
	       bytes > 0 && bytes <= STATE_PAGE_BYTES &&
	       file->pMethods->xRead(file, page, (int)bytes, 0) == SQLITE_OK &&
	       memcmp(page, zeros, sizeof(page)) == 0;
}

static bool state_connect(struct state *state, enum state_opening how, struct error *err)
{
	struct text name = { 0 };
	state_name(state->path, how == OPEN_FROZEN, &name);
	int flags = (int)how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int result = sqlite3_open_v2(name.data, &state->db, flags, NULL);
	text_finish(&name);
	if (result != SQLITE_OK)
		return state_fail(state, result, "cannot open", err);
	if (state->writes && state_is_blank(state))
		state_file(state)->pMethods->xTruncate(state_file(state), 0);
	sqlite3_busy_timeout(state->db, STATE_PATIENCE_MILLIS);
	return state_execute(state, "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16384", err);
}

/* What SQLite does with the log when it closes is synced, whatever came before. */
static void state_slow_down(struct state *state)
{
	if (!sqlite3_get_autocommit(state->db))
		sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
	state_hurry(state, false, NULL);
}

static void state_disconnect(struct state *state)
{
	if (state->db && state->writes)
		state_slow_down(state);
	for (size_t i = 0; i < STATE_STATEMENTS; i++)
		sqlite3_finalize(state->statements[i]);
	memset(state->statements, 0, sizeof(state->statements));
	sqlite3_close(state->db);
	state->db = NULL;
}

struct state_identity {
	int64_t application, version, tables;
};

static bool state_identify(struct state *state, struct state_identity *identity, struct error *err)
{
	static const char sql[] = "SELECT (SELECT application_id FROM pragma_application_id), "
				  "(SELECT user_version FROM pragma_user_version), "
				  "(SELECT count(*) FROM sqlite_schema)";
	sqlite3_stmt *ask = NULL;
	int result = sqlite3_prepare_v2(state->db, sql, -1, &ask, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(ask);
	if (result == SQLITE_ROW)
		*identity = (struct state_identity){
			.application = sqlite3_column_int64(ask, 0),
			.version = sqlite3_column_int64(ask, 1),
			.tables = sqlite3_column_int64(ask, 2),
		};
	sqlite3_finalize(ask);
	return result == SQLITE_ROW || state_fail(state, result, "cannot read", err);
}

/* `*version` is that of the file, 0 where it is empty. */
static bool state_accept(struct state *state, int64_t *version, struct error *err)
{
	struct state_identity found = { 0 };
	if (!state_identify(state, &found, err))
		return false;
	*version = found.version;
	bool empty = !found.application && !found.version && !found.tables;
	if (!empty && (found.application != STATE_APPLICATION || found.version < 1))
		return fail(err, ERROR_USAGE,
			"'%s' is no nightmill state but another database; choose another path",
			state->path);
	if (found.version > STATE_VERSION)
		return fail(err, ERROR_USAGE,
			"the state '%s' was written by a later nightmill (version %lld, this one "
			"knows %d); use that one, or delete it: everything is made again",
			state->path, (long long)found.version, STATE_VERSION);
	return true;
}

static bool state_migrate(struct state *state, int64_t version, struct error *err)
{
	if (version == STATE_VERSION)
		return true;
	bool ok = state_execute(state, "BEGIN IMMEDIATE", err);
	for (int64_t i = version; ok && i < STATE_VERSION; i++)
		ok = state_execute(state, migrations[i], err);
	char *stamp =
		sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			STATE_APPLICATION, STATE_VERSION);
	ok = ok && state_execute(state, stamp, err);
	sqlite3_free(stamp);
	return ok;
}

/* SQLite gives -wal and -shm the mode of the database. O_EXCL: an existing file must not be opened
 * and closed here, that would drop the locks of another connection in this process. */
static bool state_create(const struct state *state, struct error *err)
{
	int file = open(state->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
	if (file >= 0) {
		close(file);
		return true;
	}
	if (errno != EEXIST)
		return fail_errno(err, errno, "cannot make the state '%s'", state->path);
	struct stat found;
	if (stat(state->path, &found) != 0)
		return fail_errno(err, errno, "cannot open the state '%s'", state->path);
	if (!S_ISREG(found.st_mode))
		return fail(err, ERROR_USAGE, "the state '%s' is no regular file", state->path);
	if (access(state->path, R_OK | W_OK) != 0)
		return fail_errno(err, errno, "cannot write the state '%s'", state->path);
	return true;
}

/* Whether a run that was killed has left a log: beside what a link leads to, as SQLite has it. */
static bool state_has_log(const struct state *state)
{
	char *real = realpath(state->path, NULL);
	struct text name = { 0 };
	struct stat found;
	text_addf(&name, "%s-wal", real ? real : state->path);
	const bool has = stat(name.data, &found) == 0 && found.st_size > 0;
	text_finish(&name);
	free(real);
	return has;
}

/* A log that a killed run has left is for the next run to settle, not for a reader that closes. */
static void state_spare_log(struct state *state)
{
	if (state_has_log(state))
		sqlite3_db_config(state->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

static bool state_set_up(struct state *state, struct error *err)
{
	int64_t version;
	if (!state_accept(state, &version, err) ||
		!state_execute(state,
			"PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000; "
			"PRAGMA journal_size_limit = 67108864",
			err))
		return false;
	state->unsynced = version == 0;
	return state_migrate(state, version, err);
}

/* Tables without rows need no sync: until the first commit that has one, a power cut leaves a
 * database as it was before or as it is after, or a file that is empty or blank. Not so beside a
 * log that has something in it, since SQLite might begin it again. */
static bool state_open_write(struct state *state, struct error *err)
{
	state->writes = true;
	if (!state_lock(state->path, &state->lock, err) || !state_create(state, err))
		return false;
	state->hasty = !state_has_log(state);
	return state_connect(state, OPEN_WRITE, err) && state_hurry(state, state->hasty, err) &&
	       state_set_up(state, err) && state_hurry(state, false, err);
}

static bool state_open_empty(struct state *state, struct error *err)
{
	return state_connect(state, OPEN_EMPTY, err) && state_migrate(state, 0, err);
}

/* The read-only ways, from the one that sees a running writer's log to the one that needs nothing
 * but the file. */
static bool state_open_existing(struct state *state, int64_t *version, struct error *err)
{
	struct error first;
	bool ok = state_connect(state, OPEN_READ, &first);
	if (ok)
		state_spare_log(state);
	if (ok && state_accept(state, version, &first))
		return true;
	if (state->db && state_is_blank(state)) {
		*version = 0;
		return true;
	}
	int result = state->db ? sqlite3_errcode(state->db) & 0xff : SQLITE_NOMEM;
	bool unwritable = result == SQLITE_CANTOPEN || result == SQLITE_READONLY;
	if (!unwritable) {
		if (err)
			*err = first;
		return false;
	}
	state_disconnect(state);
	return state_connect(state, OPEN_FROZEN, err) && state_accept(state, version, err);
}

static bool state_open_read(struct state *state, struct error *err)
{
	struct stat found;
	if (stat(state->path, &found) != 0)
		return errno == ENOENT
			       ? state_open_empty(state, err)
			       : fail_errno(err, errno, "cannot open the state '%s'", state->path);
	if (!S_ISREG(found.st_mode))
		return fail(err, ERROR_USAGE, "the state '%s' is no regular file", state->path);
	int64_t version;
	if (!state_open_existing(state, &version, err))
		return false;
	if (version == STATE_VERSION)
		return true;
	if (version == 0) {
		state_disconnect(state);
		return state_open_empty(state, err);
	}
	return fail(err, ERROR_USAGE,
		"the state '%s' was written by an earlier nightmill; the next run migrates it",
		state->path);
}

bool state_open(const char *path, enum state_mode mode, struct state **state, struct error *err)
{
	struct state *made = memory_zeroed(1, sizeof(*made));
	made->lock = -1;
	made->path = memory_alloc(strlen(path) + 1);
	memcpy(made->path, path, strlen(path) + 1);
	if (mode == STATE_WRITE ? state_open_write(made, err) : state_open_read(made, err)) {
		*state = made;
		return true;
	}
	state_close(made);
	return false;
}

void state_close(struct state *state)
{
	if (!state)
		return;
	state_disconnect(state);
	text_finish(&state->walk.from);
	if (state->lock >= 0)
		close(state->lock);
	free(state->path);
	free(state);
}
