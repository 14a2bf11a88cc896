#ifndef NIGHTMILL_TESTS_MAKERS_H
#define NIGHTMILL_TESTS_MAKERS_H

/* Makes tables in stores of every kind, each with the same rows, and writes down what a store gives
 * as text, so that a test says what it expects in one string. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/store.h"
#include "pipeline/support/text.h"

enum { MAKERS_COLUMNS = 3 };

/* A row of the table "people (email, name, zone)"; NULL: blank. */
typedef const char *makers_row[MAKERS_COLUMNS];

struct maker {
	const char *store; /* the plugin's name */
	/* Makes the table anew with these rows, in the current folder. False where this machine
	 * has no such store (and `why` says so). */
	bool (*make)(const makers_row *rows, size_t count, const char **why);
	/* Adds one row. */
	void (*add)(const makers_row row);
	/* Its settings as YAML. */
	const char *yaml;
	/* The same for a table, or file, that is not there. */
	const char *absent;
};

/* One for each row of store_plugins, in any order; ends with one that has no name. */
extern const struct maker makers[];

/* To be called once, while the project's folder is the current one. */
void makers_begin(void);

/* Starts, stops or kills the PostgreSQL server, once its maker was called: see
 * tests/fakes/postgres. The script's status. */
int makers_server_do(const char *what);

/* What a store gave: "key: value, value\n", a blank value as "-". */
struct given {
	struct text text;
	size_t columns; /* of the query */
	size_t rows;
	struct text complaints; /* "what: text\n" */
};

struct store_sink given_sink(struct given *given);
struct store_setup given_setup(struct given *given);

/* The text with its lines in the order of their bytes. */
const char *given_sorted(struct given *given);

void given_clear(struct given *given);
void given_finish(struct given *given);

#endif
