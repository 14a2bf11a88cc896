/* The store `postgres`: a table or view of a PostgreSQL database. */

#include "pipeline/stores/postgres.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/stores/postgres_private.h"

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

const struct statement_dialect postgres_dialect = { "$", "::text" };

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
	size_t count = (size_t)pq.ntuples(rows), keys = 0;
	if (count == 0)
		return fail(err, ERROR_MISSING, "the database has no table '%s'",
			postgres->settings->table);
	struct store_column *list = arena_alloc(&postgres->arena, count * sizeof(*list));
	postgres->keys = memory_zeroed(count, sizeof(*postgres->keys));
	for (size_t i = 0; i < count; i++) {
		const char *name = pq.getvalue(rows, (int)i, 0),
			   *type = pq.getvalue(rows, (int)i, 1);
		postgres->keys[i] = postgres_key_kind(type);
		list[i] = (struct store_column){
			.name = arena_copy(&postgres->arena, name, strlen(name)),
			.type = strcmp(type, "bytea") == 0              ? STORE_BYTES
				: postgres->keys[i] == POSTGRES_INTEGER ? STORE_NUMBER
									: STORE_TEXT,
		};
		if (*pq.getvalue(rows, (int)i, 2) == 't') {
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
	pq.clear(rows);
	return fine;
}

static bool postgres_open(
	const void *settings, const struct store_setup *setup, void **store, struct error *err)
{
	struct postgres *postgres = memory_zeroed(1, sizeof(*postgres));
	postgres->settings = settings;
	postgres_quote_table(postgres);
	if (link_open(&postgres->link, postgres->settings->url, postgres->settings->patience.micros,
		    setup, err) &&
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
	*version = digest_of(pq.getvalue(rows, 0, 0), (size_t)pq.getlength(rows, 0, 0));
	pq.clear(rows);
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
	if (pq.ntuples(rows) > 0) {
		text_addf(suggestion, "CREATE INDEX ON %s (", postgres->table);
		statement_add_name(suggestion, key);
		text_add_string(suggestion, ")");
	}
	pq.clear(rows);
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
	.put_check = postgres_put_check,
	.put_begin = postgres_put_begin,
	.put_many = postgres_put_many,
	.put_commit = postgres_put_commit,
	.put_end = postgres_put_end,
	.release = postgres_release,
	.close = postgres_close,
};
