/* The store `postgres`: a table or view of a PostgreSQL database. */

#include "pipeline/stores/postgres.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/stores/postgres_link.h"
#include "pipeline/stores/statement.h"
#include "pipeline/support/hashes.h"

enum { POSTGRES_FETCH = 2048, POSTGRES_INTEGER_DIGITS = 18 };

struct postgres_settings {
	const char *url, *table;
	struct option_duration patience;
};

#define SETTINGS struct postgres_settings
static const struct option postgres_options[] = {
	{ "url", TEXT(url),
		.help = "Where the database is, as libpq understands it: "
			"postgresql://user@host/database, or \"host=... dbname=...\". Leave a "
			"password to the file ~/.pgpass or to the environment (\"${NAME}\")." },
	{ "table", TEXT(table), .help = "A table or view, or SCHEMA.TABLE." },
	{ "patience", DURATION(patience), RANGE(0, 3600), .fallback = "30s",
		.help = "How long a server that is away is waited for, at the start and in the "
			"middle." },
	{ .name = NULL },
};
#undef SETTINGS

static const struct statement_dialect postgres_dialect = { "$", "::text" };

/* How keys are compared. */
enum postgres_key { POSTGRES_TEXT, POSTGRES_INTEGER, POSTGRES_OTHER };

struct postgres {
	const struct postgres_settings *settings;
	struct link link;
	struct arena arena; /* owns the columns and the table's name */
	const char *table;  /* quoted */
	struct store_columns columns;
	enum postgres_key *keys; /* by column */
	unsigned queries;        /* so far: each has names of its own */
};

struct postgres_query {
	struct postgres *postgres;
	const struct store_query *query;
	struct slot *values;
	const char **parameters; /* the first is the keys' or the last key's */
	int parameter_count;     /* of filters */
	struct text get, scan;   /* statements */
	char name[32];
	uint32_t prepared;    /* connection that has the statement for get */
	const PGresult *from; /* that rows are given from just now */
	PGresult *rows;       /* of the scan */
	int next;             /* of them */
	bool scanning;
	struct text last; /* key that was given */
	bool resumed;     /* the scan goes on behind `last` */
};

/* The keys of one call as PostgreSQL is asked for them. */
struct postgres_keys {
	struct arena arena;
	struct slot *asked; /* by their number; absent: it can have no row */
	struct hashes hashes;
	struct text array; /* {"a","b"} */
};

static void postgres_close(void *store)
{
	struct postgres *postgres = store;
	if (!postgres)
		return;
	link_close(&postgres->link);
	arena_finish(&postgres->arena);
	free(postgres->keys);
	free(postgres);
}

/* SCHEMA.TABLE are two names. */
static void postgres_quote_table(struct postgres *postgres)
{
	struct text quoted = { 0 };
	char *name = arena_copy(
		&postgres->arena, postgres->settings->table, strlen(postgres->settings->table));
	char *dot = strchr(name, '.');
	if (dot) {
		*dot = '\0';
		statement_add_name(&quoted, name);
		text_add_string(&quoted, ".");
		name = dot + 1;
	}
	statement_add_name(&quoted, name);
	postgres->table = arena_copy(&postgres->arena, quoted.data, quoted.length);
	text_finish(&quoted);
}

static enum postgres_key postgres_key_kind(const char *type)
{
	static const char *const integers[] = { "smallint", "integer", "bigint" };
	static const char *const texts[] = { "text", "character varying", "character", "name" };
	for (size_t i = 0; i < sizeof(integers) / sizeof(*integers); i++)
		if (strcmp(type, integers[i]) == 0)
			return POSTGRES_INTEGER;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (strcmp(type, texts[i]) == 0)
			return POSTGRES_TEXT;
	return POSTGRES_OTHER;
}

static bool postgres_fill_columns(struct postgres *postgres, PGresult *rows, struct error *err)
{
	size_t count = (size_t)PQntuples(rows), keys = 0;
	if (count == 0)
		return fail(err, ERROR_MISSING, "the database has no table '%s'",
			postgres->settings->table);
	struct store_column *list = arena_alloc(&postgres->arena, count * sizeof(*list));
	postgres->keys = memory_zeroed(count, sizeof(*postgres->keys));
	for (size_t i = 0; i < count; i++) {
		const char *name = PQgetvalue(rows, (int)i, 0), *type = PQgetvalue(rows, (int)i, 1);
		postgres->keys[i] = postgres_key_kind(type);
		list[i] = (struct store_column){
			.name = arena_copy(&postgres->arena, name, strlen(name)),
			.type = strcmp(type, "bytea") == 0              ? STORE_BYTES
				: postgres->keys[i] == POSTGRES_INTEGER ? STORE_NUMBER
									: STORE_TEXT,
		};
		if (*PQgetvalue(rows, (int)i, 2) == 't') {
			postgres->columns.key = i;
			keys++;
		}
	}
	if (keys > 1)
		postgres->columns.key = 0;
	postgres->columns.list = list;
	postgres->columns.count = count;
	return true;
}

static bool postgres_read_columns(struct postgres *postgres, struct error *err)
{
	const struct link_query query = {
		.sql = "SELECT a.attname, format_type(a.atttypid, NULL), EXISTS (SELECT FROM "
		       "pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = "
		       "ANY (i.indkey)) FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND "
		       "a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
		.values = &postgres->table,
		.count = 1,
	};
	PGresult *rows = link_query(&postgres->link, &query, NULL, err);
	bool fine = rows && postgres_fill_columns(postgres, rows, err);
	PQclear(rows);
	return fine;
}

static bool postgres_open(
	const void *settings, const struct store_setup *setup, void **store, struct error *err)
{
	(void)setup;
	struct postgres *postgres = memory_zeroed(1, sizeof(*postgres));
	postgres->settings = settings;
	postgres_quote_table(postgres);
	if (link_open(&postgres->link, postgres->settings->url, postgres->settings->patience.micros,
		    err) &&
		postgres_read_columns(postgres, err)) {
		*store = postgres;
		return true;
	}
	postgres_close(postgres);
	return false;
}

static const struct store_columns *postgres_columns(const void *store)
{
	return &((const struct postgres *)store)->columns;
}

static void postgres_release(void *prepared)
{
	struct postgres_query *query = prepared;
	if (!query)
		return;
	PQclear(query->rows);
	text_finish(&query->get);
	text_finish(&query->scan);
	text_finish(&query->last);
	free(query->values);
	free((void *)query->parameters);
	free(query);
}

/* Texts and integers are compared as what they are, so that an index serves; the rest as text. */
static void postgres_write_get(struct postgres_query *query)
{
	static const char *const comparisons[] = {
		[POSTGRES_TEXT] = " = ANY ($1::text[])",
		[POSTGRES_INTEGER] = " = ANY ($1::bigint[])",
		[POSTGRES_OTHER] = "::text = ANY ($1::text[])",
	};
	const struct postgres *postgres = query->postgres;
	size_t key = query->query->key;
	statement_add_select(&query->get, postgres->table, &postgres->columns, query->query);
	text_add_string(&query->get, " WHERE ");
	statement_add_name(&query->get, postgres->columns.list[key].name);
	text_add_string(&query->get, comparisons[postgres->keys[key]]);
	statement_add_filters(&query->get, &postgres->columns, query->query, 2, &postgres_dialect);
}

/* In the order of the key, so that it can go on behind the last one after the server was away. */
static void postgres_write_scan(struct postgres_query *query)
{
	const struct postgres *postgres = query->postgres;
	const char *key = postgres->columns.list[query->query->key].name;
	text_clear(&query->scan);
	text_addf(&query->scan, "DECLARE %s NO SCROLL CURSOR FOR ", query->name);
	statement_add_select(&query->scan, postgres->table, &postgres->columns, query->query);
	if (query->resumed) {
		text_add_string(&query->scan, " WHERE ");
		statement_add_name(&query->scan, key);
		text_add_string(&query->scan, " > $1");
	}
	statement_add_filters(&query->scan, &postgres->columns, query->query,
		query->resumed ? 2 : 1, &postgres_dialect);
	text_add_string(&query->scan, " ORDER BY ");
	statement_add_name(&query->scan, key);
}

static bool postgres_prepare(
	void *store, const struct store_query *asked, void **prepared, struct error *err)
{
	(void)err;
	struct postgres_query *query = memory_zeroed(1, sizeof(*query));
	query->postgres = store;
	query->query = asked;
	query->values = memory_zeroed(asked->column_count + 1, sizeof(*query->values));
	while (statement_filter_value(asked, (size_t)query->parameter_count))
		query->parameter_count++;
	query->parameters =
		memory_zeroed((size_t)query->parameter_count + 1, sizeof(*query->parameters));
	for (int i = 0; i < query->parameter_count; i++)
		query->parameters[i + 1] = statement_filter_value(asked, (size_t)i);
	snprintf(query->name, sizeof(query->name), "nightmill_%u", query->postgres->queries++);
	postgres_write_get(query);
	*prepared = query;
	return true;
}

static bool postgres_is_text(const struct slot *key)
{
	for (size_t at = 0; at < key->length;) {
		size_t step = text_utf8((const unsigned char *)key->data + at, key->length - at);
		if (step == 0 || key->data[at] == '\0')
			return false;
		at += step;
	}
	return key->length > 0;
}

/* An integer as PostgreSQL writes it; NULL: it is none. */
static const char *postgres_integer(const struct slot *key, struct arena *arena)
{
	char digits[POSTGRES_INTEGER_DIGITS + 2], *end = NULL;
	if (key->length >= sizeof(digits))
		return NULL;
	memcpy(digits, key->data, key->length);
	digits[key->length] = '\0';
	long long number = strtoll(digits, &end, 10);
	bool plain = digits[strspn(digits, "-0123456789")] == '\0';
	return plain && *end == '\0' ? arena_printf(arena, "%lld", number) : NULL;
}

static void postgres_add_element(struct text *array, const struct slot *key)
{
	text_add_string(array, array->length > 1 ? ",\"" : "\"");
	for (size_t i = 0; i < key->length; i++) {
		if (key->data[i] == '"' || key->data[i] == '\\')
			text_add_string(array, "\\");
		text_add(array, &key->data[i], 1);
	}
	text_add_string(array, "\"");
}

static void postgres_fill_keys(
	struct postgres_keys *keys, const struct slot *given, size_t count, enum postgres_key kind)
{
	keys->asked = arena_alloc(&keys->arena, count * sizeof(*keys->asked));
	text_add_string(&keys->array, "{");
	for (size_t i = 0; i < count; i++) {
		struct slot key = given[i];
		if (!postgres_is_text(&key))
			continue;
		if (kind == POSTGRES_INTEGER) {
			key.data = postgres_integer(&given[i], &keys->arena);
			key.length = key.data ? (uint32_t)strlen(key.data) : 0;
		}
		if (!key.data)
			continue;
		keys->asked[i] = key;
		postgres_add_element(&keys->array, &key);
		hashes_add(&keys->hashes, hashes_of(key.data, key.length), (uint32_t)i);
	}
	text_add_string(&keys->array, "}");
}

static void postgres_finish_keys(struct postgres_keys *keys)
{
	arena_finish(&keys->arena);
	hashes_finish(&keys->hashes);
	text_finish(&keys->array);
}

static struct slot postgres_value(const PGresult *rows, int row, int column)
{
	int length = PQgetlength(rows, row, column);
	return (struct slot){
		.data = length > 0 ? PQgetvalue(rows, row, column) : NULL,
		.length = (uint32_t)length,
	};
}

static bool postgres_give(struct postgres_query *query, int number, size_t index,
	const struct store_sink *sink, struct error *err)
{
	for (size_t i = 0; i < query->query->column_count; i++)
		query->values[i] = postgres_value(query->from, number, (int)i + 1);
	const struct store_row row = {
		.index = index,
		.key = postgres_value(query->from, number, 0),
		.values = query->values,
	};
	return sink->row(sink->context, &row, err);
}

/* Two keys may stand for one row ("7" and "07"). */
static bool postgres_give_found(struct postgres_query *query, int number,
	const struct postgres_keys *keys, const struct store_sink *sink, struct error *err)
{
	struct slot key = postgres_value(query->from, number, 0);
	bool fine = true;
	if (!key.data)
		return true;
	struct hashes_walk walk = hashes_find(&keys->hashes, hashes_of(key.data, key.length));
	for (uint32_t index; fine && hashes_next(&keys->hashes, &walk, &index);) {
		const struct slot *asked = &keys->asked[index];
		if (asked->length == key.length && memcmp(asked->data, key.data, key.length) == 0)
			fine = postgres_give(query, number, index, sink, err);
	}
	return fine;
}

static bool postgres_get_many(void *prepared, const struct slot *given, size_t count,
	const struct store_sink *sink, struct error *err)
{
	struct postgres_query *query = prepared;
	struct postgres_keys keys = { .array = { .data = NULL } };
	postgres_fill_keys(&keys, given, count, query->postgres->keys[query->query->key]);
	query->parameters[0] = keys.array.data;
	const struct link_query get = {
		.sql = query->get.data,
		.values = query->parameters,
		.count = query->parameter_count + 1,
	};
	bool fine = true;
	if (keys.hashes.count) {
		PGresult *rows = link_prepared(
			&query->postgres->link, query->name, &query->prepared, &get, err);
		fine = rows != NULL;
		query->from = rows;
		for (int i = 0; fine && i < PQntuples(rows); i++)
			fine = postgres_give_found(query, i, &keys, sink, err);
		PQclear(rows);
	}
	postgres_finish_keys(&keys);
	return fine;
}

/* Within a transaction of its own, so that it sees one moment. */
static bool postgres_run(
	struct postgres_query *query, const char *sql, bool *lost, struct error *err)
{
	const struct link_query statement = { .sql = sql };
	PGresult *result = link_query(&query->postgres->link, &statement, lost, err);
	PQclear(result);
	return result != NULL;
}

static bool postgres_declare(struct postgres_query *query, bool *lost, struct error *err)
{
	postgres_write_scan(query);
	query->parameters[0] = query->resumed ? query->last.data : NULL;
	const struct link_query declare = {
		.sql = query->scan.data,
		.values = query->parameters + !query->resumed,
		.count = query->parameter_count + query->resumed,
	};
	if (!postgres_run(query, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", lost, err))
		return false;
	PGresult *result = link_query(&query->postgres->link, &declare, lost, err);
	PQclear(result);
	return result != NULL;
}

static bool postgres_fetch_once(struct postgres_query *query, bool *lost, struct error *err)
{
	char sql[96];
	if (!query->scanning && !postgres_declare(query, lost, err))
		return false;
	query->scanning = true;
	snprintf(sql, sizeof(sql), "FETCH %d FROM %s", POSTGRES_FETCH, query->name);
	const struct link_query fetch = { .sql = sql };
	PQclear(query->rows);
	query->next = 0;
	query->rows = link_query(&query->postgres->link, &fetch, lost, err);
	return query->rows != NULL;
}

/* The next rows of the scan. A connection that broke took the cursor with it: a new one goes on
 * behind the last key, in the rows as they are then. */
static bool postgres_fetch(struct postgres_query *query, struct error *err)
{
	bool lost = false;
	while (!postgres_fetch_once(query, &lost, err)) {
		if (!lost)
			return false;
		lost = query->scanning = false;
		query->resumed = query->last.length > 0;
	}
	return true;
}

static bool postgres_end(struct postgres_query *query, struct error *err)
{
	bool lost = false;
	PQclear(query->rows);
	query->rows = NULL;
	query->scanning = query->resumed = false;
	text_clear(&query->last);
	return postgres_run(query, "COMMIT", &lost, err) || lost;
}

static bool postgres_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	struct postgres_query *query = prepared;
	for (size_t i = 0; i < most; i++) {
		bool empty = !query->rows || query->next == PQntuples(query->rows);
		if (empty && !postgres_fetch(query, err))
			return false;
		*more = PQntuples(query->rows) > 0;
		if (!*more)
			return postgres_end(query, err);
		struct slot key = postgres_value(query->rows, query->next, 0);
		query->from = query->rows;
		text_clear(&query->last);
		text_add(&query->last, key.data, key.data ? key.length : 0);
		if (!postgres_give(query, query->next++, 0, sink, err))
			return false;
	}
	return true;
}

/* As long as the snapshot is the same, so are all rows. */
static bool postgres_version(
	void *store, enum store_version kind, struct digest *version, struct error *err)
{
	(void)kind;
	struct postgres *postgres = store;
	const struct link_query query = { .sql = "SELECT pg_current_snapshot()" };
	PGresult *rows = link_query(&postgres->link, &query, NULL, err);
	if (!rows)
		return false;
	*version = digest_of(PQgetvalue(rows, 0, 0), (size_t)PQgetlength(rows, 0, 0));
	PQclear(rows);
	return true;
}

static bool postgres_suggest(void *prepared, struct text *suggestion, struct error *err)
{
	const struct postgres_query *query = prepared;
	struct postgres *postgres = query->postgres;
	const char *key = postgres->columns.list[query->query->key].name;
	const char *const values[] = { postgres->table, key };
	/* Views have no indexes of their own. */
	const struct link_query ask = {
		.sql = "SELECT FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE "
		       "c.oid "
		       "= to_regclass($1) AND a.attname = $2 AND c.relkind IN ('r', 'p', 'm') AND "
		       "NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND "
		       "i.indkey[0] "
		       "= a.attnum AND i.indisvalid AND i.indpred IS NULL)",
		.values = values,
		.count = 2,
	};
	PGresult *rows = link_query(&postgres->link, &ask, NULL, err);
	if (!rows)
		return false;
	if (PQntuples(rows) > 0) {
		text_addf(suggestion, "CREATE INDEX ON %s (", postgres->table);
		statement_add_name(suggestion, key);
		text_add_string(suggestion, ")");
	}
	PQclear(rows);
	return true;
}

static void postgres_identify(void *store, struct text *text)
{
	const struct postgres *postgres = store;
	store_add_part(text, postgres->settings->url);
	link_identify(&postgres->link, text);
	store_add_part(text, postgres->table);
}

const struct store_plugin postgres_store = {
	.plugin = { "postgres", "A table or view of a PostgreSQL database.", postgres_options,
		sizeof(struct postgres_settings) },
	.indexed = true,
	.remote = true,
	.versions = 1U << STORE_VERSION,
	.lasting = 1U << STORE_VERSION,
	.open = postgres_open,
	.columns = postgres_columns,
	.prepare = postgres_prepare,
	.get_many = postgres_get_many,
	.scan = postgres_scan,
	.version = postgres_version,
	.suggest = postgres_suggest,
	.identify = postgres_identify,
	.release = postgres_release,
	.close = postgres_close,
};
