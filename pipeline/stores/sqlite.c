/* The store `sqlite`: a table or view of an SQLite database. */

#include "pipeline/stores/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/stores/sqlite_private.h"
#include "pipeline/stores/statement.h"

enum { SQLITE_STORE_BUSY_MILLIS = 5000 };

#define SETTINGS struct sqlite_settings
static const struct option sqlite_options[] = {
	{ "path", FILE_PATH(path), .help = "The database's file." },
	{ "table", TEXT(table), .help = "A table or view in it." },
	{ .name = NULL },
};
#undef SETTINGS

static const struct statement_dialect sqlite_dialect = { "?", "" };

struct sqlite_query {
	struct sqlite *sqlite;
	const struct store_query *query;
	sqlite3_stmt *get, *scan;
	struct slot *values;
	bool scanning;
};

bool sqlite_fail(const struct sqlite *sqlite, struct error *err)
{
	int code = sqlite3_errcode(sqlite->db) & 0xFF;
	enum error_code what = ERROR_READ;
	if (code == SQLITE_CANTOPEN)
		what = ERROR_MISSING;
	else if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		what = ERROR_DAMAGED;
	else if (code == SQLITE_ERROR || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH)
		what = ERROR_USAGE;
	else if (code == SQLITE_READONLY || code == SQLITE_PERM)
		what = ERROR_DENIED;
	else if (code == SQLITE_FULL)
		what = ERROR_SPACE;
	return fail(err, what, "'%s': %s", sqlite->settings->path, sqlite3_errmsg(sqlite->db));
}

static void sqlite_close(void *store)
{
	struct sqlite *sqlite = store;
	if (!sqlite)
		return;
	sqlite3_close(sqlite->db);
	arena_finish(&sqlite->arena);
	free(sqlite);
}

sqlite3_stmt *sqlite_statement(struct sqlite *sqlite, const char *sql, struct error *err)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL) != SQLITE_OK)
		sqlite_fail(sqlite, err);
	return statement;
}

static enum store_type sqlite_type(const char *declared)
{
	static const char *const numbers[] = { "INT", "REAL", "FLOA", "DOUBLE", "NUM", "DEC" };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (strcasestr(declared, numbers[i]))
			return STORE_NUMBER;
	return strcasestr(declared, "BLOB") ? STORE_BYTES : STORE_TEXT;
}

static void sqlite_add_column(
	struct sqlite *sqlite, struct store_column *list, sqlite3_stmt *row, size_t *keys)
{
	const char *name = (const char *)sqlite3_column_text(row, 0);
	const char *declared = (const char *)sqlite3_column_text(row, 1);
	list[sqlite->columns.count] = (struct store_column){
		.name = arena_copy(&sqlite->arena, name, strlen(name)),
		.type = sqlite_type(declared ? declared : ""),
	};
	if (sqlite3_column_int(row, 2)) {
		sqlite->columns.key = sqlite->columns.count;
		(*keys)++;
	}
	sqlite->columns.count++;
}

static bool sqlite_read_columns(struct sqlite *sqlite, struct error *err)
{
	enum { MOST = 2000 }; /* SQLite's own limit */
	sqlite3_stmt *rows =
		sqlite_statement(sqlite, "SELECT name, type, pk FROM pragma_table_info(?1)", err);
	if (!rows)
		return false;
	struct store_column *list = arena_alloc(&sqlite->arena, MOST * sizeof(*list));
	size_t keys = 0;
	int code;
	sqlite->columns.list = list;
	sqlite3_bind_text(rows, 1, sqlite->settings->table, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(rows)) == SQLITE_ROW && sqlite->columns.count < MOST)
		sqlite_add_column(sqlite, list, rows, &keys);
	if (keys > 1)
		sqlite->columns.key = 0;
	sqlite3_finalize(rows);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return sqlite_fail(sqlite, err);
	return sqlite->columns.count > 0 ||
	       fail(err, ERROR_MISSING, "'%s' has no table '%s'", sqlite->settings->path,
		       sqlite->settings->table);
}

static bool sqlite_open(
	const void *settings, const struct store_setup *setup, void **store, struct error *err)
{
	(void)setup;
	struct sqlite *sqlite = memory_zeroed(1, sizeof(*sqlite));
	struct text table = { 0 };
	sqlite->settings = settings;
	statement_add_name(&table, sqlite->settings->table);
	sqlite->table = arena_copy(&sqlite->arena, table.data, table.length);
	text_finish(&table);
	bool fine = true;
	if (sqlite3_open_v2(sqlite->settings->path, &sqlite->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		fine = sqlite_fail(sqlite, err);
	sqlite3_busy_timeout(sqlite->db, SQLITE_STORE_BUSY_MILLIS);
	fine = fine && sqlite_read_columns(sqlite, err);
	if (fine)
		*store = sqlite;
	else
		sqlite_close(sqlite);
	return fine;
}

static const struct store_columns *sqlite_columns(const void *store)
{
	return &((const struct sqlite *)store)->columns;
}

static void sqlite_release(void *prepared)
{
	struct sqlite_query *query = prepared;
	if (!query)
		return;
	sqlite3_finalize(query->get);
	sqlite3_finalize(query->scan);
	free(query->values);
	free(query);
}

static void sqlite_bind_filters(const struct sqlite_query *query, sqlite3_stmt *to, int first)
{
	const char *value;
	for (size_t i = 0; (value = statement_filter_value(query->query, i)) != NULL; i++)
		sqlite3_bind_text(to, first + (int)i, value, -1, SQLITE_STATIC);
}

/* `WHERE key = ?1` finds rows by their index, one key after the other. */
static void sqlite_write_get(const struct sqlite_query *query, struct text *sql)
{
	const struct store_columns *columns = &query->sqlite->columns;
	statement_add_select(sql, query->sqlite->table, columns, query->query);
	text_add_string(sql, " WHERE ");
	statement_add_name(sql, columns->list[query->query->key].name);
	text_add_string(sql, " = ?1");
	statement_add_filters(sql, columns, query->query, 2, &sqlite_dialect);
}

static bool sqlite_prepare(
	void *store, const struct store_query *asked, void **prepared, struct error *err)
{
	struct sqlite_query *query = memory_zeroed(1, sizeof(*query));
	struct text get = { 0 }, scan = { 0 };
	query->sqlite = store;
	query->query = asked;
	query->values = memory_zeroed(asked->column_count + 1, sizeof(*query->values));
	sqlite_write_get(query, &get);
	statement_add_select(&scan, query->sqlite->table, &query->sqlite->columns, asked);
	statement_add_filters(&scan, &query->sqlite->columns, asked, 1, &sqlite_dialect);
	query->get = sqlite_statement(query->sqlite, get.data, err);
	query->scan = query->get ? sqlite_statement(query->sqlite, scan.data, err) : NULL;
	text_finish(&get);
	text_finish(&scan);
	if (!query->scan) {
		sqlite_release(query);
		return false;
	}
	sqlite_bind_filters(query, query->get, 2);
	sqlite_bind_filters(query, query->scan, 1);
	*prepared = query;
	return true;
}

static struct slot sqlite_value(sqlite3_stmt *row, int column)
{
	const char *data = sqlite3_column_blob(row, column);
	int length = sqlite3_column_bytes(row, column);
	int type = sqlite3_column_type(row, column);
	if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
		data = (const char *)sqlite3_column_text(row, column);
		length = sqlite3_column_bytes(row, column);
	}
	return (struct slot){
		.data = length > 0 ? data : NULL,
		.length = length > 0 ? (uint32_t)length : 0,
	};
}

static bool sqlite_give(struct sqlite_query *query, sqlite3_stmt *from, size_t index,
	const struct store_sink *sink, struct error *err)
{
	for (size_t i = 0; i < query->query->column_count; i++)
		query->values[i] = sqlite_value(from, (int)i + 1);
	const struct store_row row = {
		.index = index,
		.key = sqlite_value(from, 0),
		.values = query->values,
	};
	return sink->row(sink->context, &row, err);
}

static bool sqlite_get(struct sqlite_query *query, const struct slot *key, size_t index,
	const struct store_sink *sink, struct error *err)
{
	int code = SQLITE_DONE;
	bool fine = true;
	sqlite3_bind_text(query->get, 1, key->data, (int)key->length, SQLITE_STATIC);
	while (fine && (code = sqlite3_step(query->get)) == SQLITE_ROW)
		fine = sqlite_give(query, query->get, index, sink, err);
	if (fine && code != SQLITE_DONE)
		fine = sqlite_fail(query->sqlite, err);
	sqlite3_reset(query->get);
	return fine;
}

/* One read transaction for all keys: half the time of one for each. */
static bool sqlite_get_many(void *prepared, const struct slot *keys, size_t count,
	const struct store_sink *sink, struct error *err)
{
	struct sqlite_query *query = prepared;
	sqlite3 *db = query->sqlite->db;
	/* Within the transaction of a scan that is under way there is no second one. */
	bool alone = sqlite3_get_autocommit(db);
	bool fine = true;
	if (alone && sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(query->sqlite, err);
	for (size_t i = 0; i < count && fine; i++)
		fine = keys[i].length == 0 || sqlite_get(query, &keys[i], i, sink, err);
	if (alone)
		sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	return fine;
}

static bool sqlite_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	struct sqlite_query *query = prepared;
	int code = SQLITE_ROW;
	bool fine = true;
	for (size_t i = 0; i < most && fine; i++) {
		code = sqlite3_step(query->scan);
		if (code != SQLITE_ROW)
			break;
		fine = sqlite_give(query, query->scan, 0, sink, err);
	}
	if (fine && code != SQLITE_ROW && code != SQLITE_DONE)
		fine = sqlite_fail(query->sqlite, err);
	*more = fine && code == SQLITE_ROW;
	if (!*more)
		sqlite3_reset(query->scan);
	return fine;
}

static bool sqlite_number(
	struct sqlite *sqlite, const char *sql, int64_t *number, struct error *err)
{
	sqlite3_stmt *statement = sqlite_statement(sqlite, sql, err);
	if (!statement)
		return false;
	bool fine = sqlite3_step(statement) == SQLITE_ROW || sqlite_fail(sqlite, err);
	if (fine)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return fine;
}

/* SQLite counts the commits of others. */
static bool sqlite_version(
	void *store, enum store_version kind, struct digest *version, struct error *err)
{
	(void)kind;
	int64_t number;
	if (!sqlite_number(store, "PRAGMA data_version", &number, err))
		return false;
	*version = digest_of(&number, sizeof(number));
	return true;
}

static bool sqlite_suggest(void *prepared, struct text *suggestion, struct error *err)
{
	struct sqlite_query *query = prepared;
	struct text sql = { 0 };
	bool scans = false;
	text_add_string(&sql, "EXPLAIN QUERY PLAN ");
	sqlite_write_get(query, &sql);
	sqlite3_stmt *plan = sqlite_statement(query->sqlite, sql.data, err);
	text_finish(&sql);
	if (!plan)
		return false;
	while (sqlite3_step(plan) == SQLITE_ROW)
		scans |= strncmp((const char *)sqlite3_column_text(plan, 3), "SCAN", 4) == 0;
	sqlite3_finalize(plan);
	if (!scans)
		return true;
	text_add_string(suggestion, "CREATE INDEX ");
	statement_add_index(suggestion, query->sqlite->settings->table,
		query->sqlite->columns.list[query->query->key].name);
	text_addf(suggestion, " ON %s (", query->sqlite->table);
	statement_add_name(suggestion, query->sqlite->columns.list[query->query->key].name);
	text_add_string(suggestion, ")");
	return true;
}

static void sqlite_identify(void *store, struct text *text)
{
	const struct sqlite_settings *settings = ((const struct sqlite *)store)->settings;
	char *path = realpath(settings->path, NULL);
	store_add_host(text);
	store_add_part(text, path ? path : settings->path);
	store_add_part(text, settings->table);
	free(path);
}

/* What it counts as its version it counts for each connection: none lasts. */
const struct store_plugin sqlite_store = {
	.plugin = { "sqlite", "A table or view of an SQLite database.", sqlite_options,
		sizeof(struct sqlite_settings) },
	.indexed = true,
	.versions = 1U << STORE_VERSION,
	.open = sqlite_open,
	.columns = sqlite_columns,
	.prepare = sqlite_prepare,
	.get_many = sqlite_get_many,
	.scan = sqlite_scan,
	.version = sqlite_version,
	.suggest = sqlite_suggest,
	.identify = sqlite_identify,
	.put_check = sqlite_put_check,
	.put_begin = sqlite_put_begin,
	.put_many = sqlite_put_many,
	.put_commit = sqlite_put_commit,
	.put_end = sqlite_put_end,
	.release = sqlite_release,
	.close = sqlite_close,
};
