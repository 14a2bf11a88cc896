#ifndef NIGHTMILL_STORES_POSTGRES_PRIVATE_H
#define NIGHTMILL_STORES_POSTGRES_PRIVATE_H

/* What the rooms of the store `postgres` share. */

#include "pipeline/options/option.h"
#include "pipeline/store.h"
#include "pipeline/stores/postgres_link.h"
#include "pipeline/stores/statement.h"

struct postgres_settings {
	const char *url, *table;
	struct option_duration patience;
};

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

extern const struct statement_dialect postgres_dialect;

/* See store.h for what these do. */
bool postgres_prepare(
	void *store, const struct store_query *asked, void **prepared, struct error *err);
void postgres_release(void *prepared);
bool postgres_get_many(void *prepared, const struct slot *given, size_t count,
	const struct store_sink *sink, struct error *err);
bool postgres_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err);

bool postgres_put_check(void *store, const struct store_put *put, struct error *err);
bool postgres_put_begin(
	void *store, const struct store_put *put, void **putting, struct error *err);
bool postgres_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err);
bool postgres_put_commit(void *putting, uint64_t *changed, struct error *err);
void postgres_put_end(void *putting);

/* A value of a result, which lives as long as that; an empty one is absent. */
struct slot postgres_value(const PGresult *rows, int row, int column);

/* Gives row number `number` of query->from to a sink. */
bool postgres_give(struct postgres_query *query, int number, size_t index,
	const struct store_sink *sink, struct error *err);

#endif
