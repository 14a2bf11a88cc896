#include "pipeline/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/ledger_key.h"
#include "pipeline/ledger_seal.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"

enum {
	LEDGER_APPLICATION = 0x6E6D6C67, /* "nmlg" */
	LEDGER_VERSION = 1,
	LEDGER_PATIENCE_MILLIS = 5000,
	LEDGER_MOST_BYTES = 1 << 30, /* of one value; SQLite's own limit is a little below */
};

struct ledger {
	sqlite3 *db; /* NULL: empty, for reading */
	char *path, *key_path;
	bool has_key, open_transaction;
	unsigned char key[LEDGER_KEY_BYTES];
};

static bool ledger_fail(const struct ledger *ledger, const char *doing, struct error *err)
{
	const int result = sqlite3_extended_errcode(ledger->db);
	const bool full = (result & 0xff) == SQLITE_FULL;
	return fail(err, full ? ERROR_SPACE : ERROR_WRITE, "%s the ledger '%s': %s", doing,
		ledger->path, sqlite3_errmsg(ledger->db));
}

static bool ledger_execute(struct ledger *ledger, const char *sql, struct error *err)
{
	return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       ledger_fail(ledger, "cannot write", err);
}

static char *ledger_with_end(const char *path, const char *old_end, const char *new_end)
{
	const size_t length = strlen(path), tail = strlen(old_end);
	const bool has = length > tail && strcmp(path + length - tail, old_end) == 0;
	const size_t kept = has ? length - tail : length;
	char *made = memory_alloc(kept + strlen(new_end) + 1);
	memcpy(made, path, kept);
	memcpy(made + kept, new_end, strlen(new_end) + 1);
	return made;
}

char *ledger_path(const char *state, struct arena *arena)
{
	char *made = ledger_with_end(state, ".db", ".ledger");
	char *copy = arena_copy(arena, made, strlen(made));
	free(made);
	return copy;
}

static bool ledger_number(struct ledger *ledger, const char *sql, int64_t *number)
{
	sqlite3_stmt *ask = NULL;
	bool fine = sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) == SQLITE_OK &&
		    sqlite3_step(ask) == SQLITE_ROW;
	if (fine)
		*number = sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	return fine;
}

/* An empty file is filled in. */
static bool ledger_accept(struct ledger *ledger, enum ledger_mode mode, struct error *err)
{
	int64_t application = 0, version = 0, tables = 0;
	if (!ledger_number(ledger, "PRAGMA application_id", &application) ||
		!ledger_number(ledger, "PRAGMA user_version", &version) ||
		!ledger_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables))
		return ledger_fail(ledger, "cannot read", err);
	const bool empty = !application && !version && !tables;
	if (!empty && application != LEDGER_APPLICATION)
		return fail(
			err, ERROR_USAGE, "'%s' is no ledger but another database", ledger->path);
	if (version > LEDGER_VERSION)
		return fail(err, ERROR_USAGE,
			"the ledger '%s' was written by a later nightmill (version %lld, this one "
			"knows %d): use that one",
			ledger->path, (long long)version, LEDGER_VERSION);
	if (!empty || mode == LEDGER_READ)
		return true;
	char *sql = sqlite3_mprintf(
		"BEGIN IMMEDIATE; CREATE TABLE facts(number INTEGER PRIMARY KEY, scope TEXT NOT "
		"NULL, key TEXT NOT NULL, sealed INTEGER NOT NULL, written INTEGER NOT NULL, value "
		"BLOB NOT NULL, UNIQUE(scope, key)); PRAGMA application_id = %d; PRAGMA "
		"user_version = %d; COMMIT",
		LEDGER_APPLICATION, LEDGER_VERSION);
	const bool fine = ledger_execute(ledger, sql, err);
	sqlite3_free(sql);
	return fine;
}

/* SQLite gives its log the mode of the database. */
static bool ledger_create(const struct ledger *ledger, enum ledger_mode mode, struct error *err)
{
	struct stat found;
	const int file = mode == LEDGER_WRITE
				 ? open(ledger->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
				 : -1;
	if (file >= 0) {
		close(file);
		return true;
	}
	if (stat(ledger->path, &found) != 0)
		return fail_errno(err, errno, "the ledger '%s'", ledger->path);
	if (!S_ISREG(found.st_mode))
		return fail(err, ERROR_USAGE, "the ledger '%s' is no regular file", ledger->path);
	if (found.st_mode & (S_IRWXG | S_IRWXO))
		return fail(err, ERROR_USAGE,
			"the ledger '%s' may be read by others than its owner: chmod 600 it",
			ledger->path);
	return true;
}

static bool ledger_connect(struct ledger *ledger, enum ledger_mode mode, struct error *err)
{
	struct text name = { 0 };
	/* Keeps SQLite from seeing a meaning (":memory:", "file:") in a path. */
	text_addf(&name, "%s%s", *ledger->path == '/' ? "" : "./", ledger->path);
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	const int result = sqlite3_open_v2(name.data, &ledger->db, flags, NULL);
	text_finish(&name);
	if (result != SQLITE_OK)
		return ledger_fail(ledger, "cannot open", err);
	sqlite3_busy_timeout(ledger->db, LEDGER_PATIENCE_MILLIS);
	return ledger_accept(ledger, mode, err) &&
	       (mode == LEDGER_READ ||
		       ledger_execute(ledger,
			       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
			       "secure_delete = ON",
			       err));
}

bool ledger_open(const char *path, enum ledger_mode mode, struct ledger **ledger, struct error *err)
{
	struct ledger *made = memory_zeroed(1, sizeof(*made));
	made->path = memory_alloc(strlen(path) + 1);
	memcpy(made->path, path, strlen(path) + 1);
	made->key_path = ledger_with_end(path, ".ledger", ".key");
	const bool absent = mode == LEDGER_READ && access(path, F_OK) != 0 && errno == ENOENT;
	bool fine = sodium_init() >= 0 ||
		    fail(err, ERROR_INTERNAL, "the system gives no random numbers");
	if (fine && !absent)
		fine = ledger_create(made, mode, err) && ledger_connect(made, mode, err);
	*ledger = made;
	if (!fine) {
		ledger_close(made);
		*ledger = NULL;
	}
	return fine;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	sqlite3_close(ledger->db);
	sodium_memzero(ledger->key, sizeof(ledger->key));
	free(ledger->path);
	free(ledger->key_path);
	free(ledger);
}

static bool ledger_need_key(struct ledger *ledger, bool make, struct error *err)
{
	if (!ledger->has_key)
		ledger->has_key = ledger_key_read(ledger->key_path, make, ledger->key, err);
	return ledger->has_key;
}

static bool ledger_damaged(
	const struct ledger *ledger, const struct ledger_fact *fact, struct error *err)
{
	return fail(err, ERROR_DAMAGED,
		"the ledger '%s': '%s' in '%s' was changed, or sealed with another key than '%s'",
		ledger->path, fact->key, fact->scope, ledger->key_path);
}

static bool ledger_unseal(struct ledger *ledger, int64_t number, struct ledger_fact *fact,
	struct arena *arena, struct error *err)
{
	const struct ledger_seal seal = { ledger->key, fact->scope, fact->key };
	sqlite3_blob *blob = NULL;
	if (!ledger_need_key(ledger, false, err))
		return false;
	if (sqlite3_blob_open(ledger->db, "main", "facts", "value", number, 0, &blob) !=
		SQLITE_OK) {
		sqlite3_blob_close(blob);
		return ledger_fail(ledger, "cannot read", err);
	}
	bool fine = ledger_unsealed_bytes((size_t)sqlite3_blob_bytes(blob), &fact->length);
	unsigned char *value = arena_alloc(arena, fine ? fact->length + 1 : 1);
	fine = fine && ledger_seal_read(&seal, blob, value, fact->length);
	sqlite3_blob_close(blob);
	fact->value = value;
	return fine || ledger_damaged(ledger, fact, err);
}

/* True where there is nothing in it yet. */
static bool ledger_is_empty(struct ledger *ledger)
{
	int64_t tables = 0;
	return !ledger->db ||
	       (ledger_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables) &&
		       tables == 0);
}

/* `ask` stands on the row: number, sealed, written, value where it is not sealed. */
static bool ledger_take(struct ledger *ledger, sqlite3_stmt *ask, struct ledger_fact *fact,
	struct arena *arena, struct error *err)
{
	fact->sealed = sqlite3_column_int(ask, 1);
	fact->written_nanos = sqlite3_column_int64(ask, 2);
	if (fact->sealed)
		return ledger_unseal(ledger, sqlite3_column_int64(ask, 0), fact, arena, err);
	const void *value = sqlite3_column_blob(ask, 3);
	fact->length = (size_t)sqlite3_column_bytes(ask, 3);
	fact->value = arena_copy(arena, value ? value : "", fact->length);
	return true;
}

bool ledger_get(
	struct ledger *ledger, struct ledger_fact *fact, struct arena *arena, struct error *err)
{
	static const char sql[] =
		"SELECT number, sealed, written, CASE WHEN sealed THEN NULL ELSE value END "
		"FROM facts WHERE scope = ?1 AND key = ?2";
	sqlite3_stmt *ask = NULL;
	fact->value = NULL;
	fact->length = 0;
	if (ledger_is_empty(ledger))
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, fact->scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(ask, 2, fact->key, -1, SQLITE_STATIC);
	const int result = sqlite3_step(ask);
	bool fine = result == SQLITE_DONE || result == SQLITE_ROW ||
		    ledger_fail(ledger, "cannot read", err);
	if (result == SQLITE_ROW)
		fine = ledger_take(ledger, ask, fact, arena, err);
	sqlite3_finalize(ask);
	return fine;
}

static bool ledger_begin(struct ledger *ledger, struct error *err)
{
	if (!ledger->open_transaction)
		ledger->open_transaction = ledger_execute(ledger, "BEGIN IMMEDIATE", err);
	return ledger->open_transaction;
}

/* Writes the row, with room for what is to be sealed; `*number` is its own. */
static bool ledger_put_row(
	struct ledger *ledger, const struct ledger_fact *fact, int64_t *number, struct error *err)
{
	static const char sql[] =
		"INSERT INTO facts(scope, key, sealed, written, value) VALUES(?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT(scope, key) DO UPDATE SET sealed = ?3, written = ?4, value = ?5 "
		"RETURNING number";
	sqlite3_stmt *put = NULL;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &put, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot write", err);
	sqlite3_bind_text(put, 1, fact->scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 2, fact->key, -1, SQLITE_STATIC);
	sqlite3_bind_int(put, 3, fact->sealed);
	sqlite3_bind_int64(put, 4, clock_wall_nanos());
	if (fact->sealed)
		sqlite3_bind_zeroblob64(put, 5, ledger_sealed_bytes(fact->length));
	else
		sqlite3_bind_blob64(put, 5, fact->value, fact->length, SQLITE_STATIC);
	bool fine = sqlite3_step(put) == SQLITE_ROW;
	if (fine)
		*number = sqlite3_column_int64(put, 0);
	fine = fine && sqlite3_step(put) == SQLITE_DONE;
	if (!fine)
		ledger_fail(ledger, "cannot write", err);
	sqlite3_finalize(put);
	return fine;
}

static bool ledger_put_sealed(
	struct ledger *ledger, const struct ledger_fact *fact, int64_t number, struct error *err)
{
	const struct ledger_seal seal = { ledger->key, fact->scope, fact->key };
	sqlite3_blob *blob = NULL;
	bool fine = sqlite3_blob_open(ledger->db, "main", "facts", "value", number, 1, &blob) ==
			    SQLITE_OK &&
		    ledger_seal_write(&seal, blob, fact->value, fact->length);
	if (!fine)
		ledger_fail(ledger, "cannot write", err);
	sqlite3_blob_close(blob);
	return fine;
}

bool ledger_put(struct ledger *ledger, const struct ledger_fact *fact, struct error *err)
{
	int64_t sealed = 0, number = 0;
	if (fact->length > LEDGER_MOST_BYTES - (LEDGER_MOST_BYTES >> 8))
		return fail(err, ERROR_LIMIT, "a fact of %zu bytes is too large for the ledger",
			fact->length);
	/* A ledger that has sealed facts and no key must not get a new one beside them. */
	ledger_number(ledger, "SELECT count(*) FROM facts WHERE sealed", &sealed);
	if (fact->sealed && !ledger_need_key(ledger, sealed == 0, err))
		return false;
	return ledger_begin(ledger, err) && ledger_put_row(ledger, fact, &number, err) &&
	       (!fact->sealed || ledger_put_sealed(ledger, fact, number, err));
}

static void ledger_add(struct ledger_facts *facts, size_t *room, sqlite3_stmt *row,
	const char *scope, struct arena *arena)
{
	if (facts->count == *room) {
		struct ledger_fact *list = facts->list;
		*room = *room * 2 + 16;
		facts->list = arena_alloc(arena, *room * sizeof(*list));
		if (list)
			memcpy(facts->list, list, facts->count * sizeof(*list));
	}
	const char *key = (const char *)sqlite3_column_text(row, 0);
	facts->list[facts->count++] = (struct ledger_fact){
		.scope = scope,
		.key = arena_copy(arena, key ? key : "", key ? strlen(key) : 0),
		.sealed = sqlite3_column_int(row, 1),
		.written_nanos = sqlite3_column_int64(row, 2),
	};
}

bool ledger_list(struct ledger *ledger, const char *scope, struct arena *arena,
	struct ledger_facts *facts, struct error *err)
{
	static const char sql[] =
		"SELECT key, sealed, written FROM facts WHERE scope = ?1 ORDER BY "
		"written DESC, number DESC";
	sqlite3_stmt *ask = NULL;
	size_t room = 0;
	*facts = (struct ledger_facts){ 0 };
	if (ledger_is_empty(ledger))
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, scope, -1, SQLITE_STATIC);
	int result;
	while ((result = sqlite3_step(ask)) == SQLITE_ROW)
		ledger_add(facts, &room, ask, scope, arena);
	const bool fine = result == SQLITE_DONE || ledger_fail(ledger, "cannot read", err);
	sqlite3_finalize(ask);
	return fine;
}

bool ledger_commit(struct ledger *ledger, struct error *err)
{
	if (!ledger->open_transaction)
		return true;
	ledger->open_transaction = false;
	return ledger_execute(ledger, "COMMIT", err);
}
