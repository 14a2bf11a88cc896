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
#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"

enum {
	LEDGER_APPLICATION = 0x6E6D6C67, /* "nmlg" */
	LEDGER_VERSION = 1,
	LEDGER_PATIENCE_MILLIS = 5000,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	SEAL_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

_Static_assert(LEDGER_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one key");

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

/* What a sealed value is bound to: it cannot be moved to another fact. */
static void ledger_bind(const char *scope, const char *key, struct text *bound)
{
	text_add(bound, scope, strlen(scope) + 1);
	text_add(bound, key, strlen(key));
}

/* nonce, cipher text, tag */
static bool ledger_seal(struct ledger *ledger, const struct ledger_fact *fact,
	unsigned char **sealed, struct error *err)
{
	struct text bound = { 0 };
	/* A ledger that has sealed facts and no key must not get a new one beside them. */
	int64_t before = 0;
	ledger_number(ledger, "SELECT count(*) FROM facts WHERE sealed", &before);
	if (!ledger_need_key(ledger, before == 0, err))
		return false;
	*sealed = memory_alloc(NONCE_BYTES + fact->length + SEAL_BYTES);
	ledger_bind(fact->scope, fact->key, &bound);
	randombytes_buf(*sealed, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(*sealed + NONCE_BYTES, NULL, fact->value,
		fact->length, (const unsigned char *)bound.data, bound.length, NULL, *sealed,
		ledger->key);
	text_finish(&bound);
	return true;
}

static bool ledger_unseal(
	struct ledger *ledger, struct ledger_fact *fact, struct arena *arena, struct error *err)
{
	struct text bound = { 0 };
	const unsigned char *sealed = fact->value;
	if (!ledger_need_key(ledger, false, err))
		return false;
	bool fine = fact->length >= NONCE_BYTES + SEAL_BYTES;
	const size_t length = fine ? fact->length - NONCE_BYTES - SEAL_BYTES : 0;
	unsigned char *value = arena_alloc(arena, length + 1);
	ledger_bind(fact->scope, fact->key, &bound);
	fine = fine &&
	       crypto_aead_xchacha20poly1305_ietf_decrypt(value, NULL, NULL, sealed + NONCE_BYTES,
		       fact->length - NONCE_BYTES, (const unsigned char *)bound.data, bound.length,
		       sealed, ledger->key) == 0;
	text_finish(&bound);
	fact->value = value;
	fact->length = length;
	return fine || fail(err, ERROR_DAMAGED,
			       "the ledger '%s': '%s' in '%s' was changed, or sealed with another "
			       "key than '%s'",
			       ledger->path, fact->key, fact->scope, ledger->key_path);
}

/* `ask` stands on the row: sealed, written, value. */
static bool ledger_take(struct ledger *ledger, sqlite3_stmt *ask, struct arena *arena,
	struct ledger_fact *fact, struct error *err)
{
	fact->sealed = sqlite3_column_int(ask, 0);
	fact->written_nanos = sqlite3_column_int64(ask, 1);
	fact->value = sqlite3_column_blob(ask, 2);
	fact->length = (size_t)sqlite3_column_bytes(ask, 2);
	if (fact->sealed)
		return ledger_unseal(ledger, fact, arena, err);
	fact->value = arena_copy(arena, fact->value ? fact->value : "", fact->length);
	return true;
}

bool ledger_get(struct ledger *ledger, const char *scope, const char *key, struct arena *arena,
	struct ledger_fact *fact, struct error *err)
{
	static const char sql[] =
		"SELECT sealed, written, value FROM facts WHERE scope = ?1 AND key = ?2";
	sqlite3_stmt *ask = NULL;
	*fact = (struct ledger_fact){ .scope = scope, .key = key };
	if (!ledger->db)
		return true;
	int64_t tables = 0;
	if (ledger_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables) && tables == 0)
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(ask, 2, key, -1, SQLITE_STATIC);
	const int result = sqlite3_step(ask);
	bool fine = result == SQLITE_DONE || result == SQLITE_ROW ||
		    ledger_fail(ledger, "cannot read", err);
	if (result == SQLITE_ROW)
		fine = ledger_take(ledger, ask, arena, fact, err);
	sqlite3_finalize(ask);
	return fine;
}

static bool ledger_begin(struct ledger *ledger, struct error *err)
{
	if (!ledger->open_transaction)
		ledger->open_transaction = ledger_execute(ledger, "BEGIN IMMEDIATE", err);
	return ledger->open_transaction;
}

bool ledger_put(struct ledger *ledger, const struct ledger_fact *fact, struct error *err)
{
	static const char sql[] =
		"INSERT INTO facts(scope, key, sealed, written, value) VALUES(?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT(scope, key) DO UPDATE SET sealed = ?3, written = ?4, value = ?5";
	sqlite3_stmt *put = NULL;
	unsigned char *sealed = NULL;
	if ((fact->sealed && !ledger_seal(ledger, fact, &sealed, err)) ||
		!ledger_begin(ledger, err)) {
		free(sealed);
		return false;
	}
	bool fine = sqlite3_prepare_v2(ledger->db, sql, -1, &put, NULL) == SQLITE_OK;
	if (fine) {
		const size_t length =
			fact->sealed ? NONCE_BYTES + fact->length + SEAL_BYTES : fact->length;
		sqlite3_bind_text(put, 1, fact->scope, -1, SQLITE_STATIC);
		sqlite3_bind_text(put, 2, fact->key, -1, SQLITE_STATIC);
		sqlite3_bind_int(put, 3, fact->sealed);
		sqlite3_bind_int64(put, 4, clock_wall_nanos());
		sqlite3_bind_blob64(
			put, 5, fact->sealed ? sealed : fact->value, length, SQLITE_STATIC);
		fine = sqlite3_step(put) == SQLITE_DONE;
	}
	if (!fine)
		ledger_fail(ledger, "cannot write", err);
	sqlite3_finalize(put);
	free(sealed);
	return fine;
}

bool ledger_list(struct ledger *ledger, const char *scope, struct arena *arena,
	struct ledger_fact **facts, size_t *count, struct error *err)
{
	static const char sql[] =
		"SELECT key, sealed, written FROM facts WHERE scope = ?1 ORDER BY "
		"written DESC, number DESC";
	sqlite3_stmt *ask = NULL;
	size_t room = 0;
	int64_t tables = 0;
	*facts = NULL;
	*count = 0;
	if (ledger->db)
		ledger_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables);
	if (tables == 0)
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, scope, -1, SQLITE_STATIC);
	struct ledger_fact *list = NULL;
	int result;
	while ((result = sqlite3_step(ask)) == SQLITE_ROW) {
		if (*count == room) {
			room = room * 2 + 16;
			list = memory_resize(list, room * sizeof(*list));
		}
		const char *key = (const char *)sqlite3_column_text(ask, 0);
		list[(*count)++] = (struct ledger_fact){
			.scope = scope,
			.key = arena_copy(arena, key ? key : "", key ? strlen(key) : 0),
			.sealed = sqlite3_column_int(ask, 1),
			.written_nanos = sqlite3_column_int64(ask, 2),
		};
	}
	*facts = arena_alloc(arena, *count * sizeof(*list));
	if (list)
		memcpy(*facts, list, *count * sizeof(*list));
	free(list);
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
