#include "pipeline/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/ledger_private.h"
#include "pipeline/support/text.h"

enum {
	LEDGER_APPLICATION = 0x6E6D6C67, /* "nmlg" */
	LEDGER_PATIENCE_MILLIS = 5000,
};

/* Number i makes version i + 1 of version i; 0 is an empty file. */
static const char *const migrations[] = {
	"CREATE TABLE facts(number INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, "
	"sealed INTEGER NOT NULL, written INTEGER NOT NULL, value BLOB NOT NULL, "
	"UNIQUE(scope, key));",
	"CREATE TABLE deeds(number INTEGER PRIMARY KEY, job TEXT NOT NULL, id BLOB NOT NULL, "
	"key BLOB NOT NULL, state INTEGER NOT NULL, label TEXT, name TEXT, words TEXT, what BLOB, "
	"attempts INTEGER NOT NULL DEFAULT 0, code INTEGER, next INTEGER, since INTEGER, "
	"changed INTEGER, seen INTEGER, UNIQUE(job, id));"
	"CREATE INDEX deeds_key ON deeds(job, key);"
	"CREATE INDEX deeds_open ON deeds(job, state) WHERE state <> 3;"
	"CREATE TABLE rounds(number INTEGER PRIMARY KEY, job TEXT NOT NULL, started INTEGER NOT "
	"NULL, due INTEGER NOT NULL);",
	("ALTER TABLE deeds ADD COLUMN edition INTEGER;"
	 "ALTER TABLE deeds ADD COLUMN moment INTEGER;"),
	("ALTER TABLE deeds ADD COLUMN cluster BLOB; ALTER TABLE deeds ADD COLUMN rank INTEGER;"
	 "CREATE INDEX deeds_cluster ON deeds(job, cluster, rank) WHERE cluster IS NOT NULL;"),
};

enum {
	LEDGER_VERSION = sizeof(migrations) / sizeof(*migrations),
	LEDGER_VERSION_DEEDS = 2, /* the first that has them */
	LEDGER_VERSION_EDITIONS = 3,
	LEDGER_VERSION_GROUPS = 4,
};

bool ledger_fail(const struct ledger *ledger, const char *doing, struct error *err)
{
	const int result = sqlite3_extended_errcode(ledger->db);
	const bool full = (result & 0xff) == SQLITE_FULL;
	return fail(err, full ? ERROR_SPACE : ERROR_WRITE, "%s the ledger '%s': %s", doing,
		ledger->path, sqlite3_errmsg(ledger->db));
}

bool ledger_execute(struct ledger *ledger, const char *sql, struct error *err)
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

static char *ledger_beside(const char *state, const char *end, struct arena *arena)
{
	char *made = ledger_with_end(state, ".db", end);
	char *copy = arena_copy(arena, made, strlen(made));
	free(made);
	return copy;
}

char *ledger_path(const char *state, struct arena *arena)
{
	return ledger_beside(state, ".ledger", arena);
}

char *ledger_key_path(const char *state, struct arena *arena)
{
	return ledger_beside(state, ".key", arena);
}

bool ledger_number(struct ledger *ledger, const char *sql, int64_t *number)
{
	sqlite3_stmt *ask = NULL;
	bool fine = sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) == SQLITE_OK &&
		    sqlite3_step(ask) == SQLITE_ROW;
	if (fine)
		*number = sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	return fine;
}

static bool ledger_migrate(struct ledger *ledger, int64_t version, struct error *err)
{
	if (version == LEDGER_VERSION)
		return true;
	bool fine = ledger_execute(ledger, "BEGIN IMMEDIATE", err);
	for (int64_t i = version; fine && i < LEDGER_VERSION; i++)
		fine = ledger_execute(ledger, migrations[i], err);
	char *stamp =
		sqlite3_mprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			LEDGER_APPLICATION, LEDGER_VERSION);
	fine = fine && ledger_execute(ledger, stamp, err);
	sqlite3_free(stamp);
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
	if (version < 0 || version > LEDGER_VERSION)
		return fail(err, ERROR_USAGE,
			"the ledger '%s' was written by a later nightmill (version %lld, this one "
			"knows %d): use that one",
			ledger->path, (long long)version, LEDGER_VERSION);
	ledger->has_deeds = mode == LEDGER_WRITE || version >= LEDGER_VERSION_DEEDS;
	ledger->has_groups = mode == LEDGER_WRITE || version >= LEDGER_VERSION_GROUPS;
	ledger->has_editions = mode == LEDGER_WRITE || version >= LEDGER_VERSION_EDITIONS;
	return mode == LEDGER_READ || ledger_migrate(ledger, version, err);
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
	for (size_t i = 0; i < LEDGER_STATEMENTS; i++)
		sqlite3_finalize(ledger->statements[i]);
	sqlite3_finalize(ledger->walk);
	sqlite3_close(ledger->db);
	sodium_memzero(ledger->key, sizeof(ledger->key));
	free(ledger->path);
	free(ledger->key_path);
	free(ledger);
}
