#ifndef NIGHTMILL_STORES_CSV_PRIVATE_H
#define NIGHTMILL_STORES_CSV_PRIVATE_H

/* What the rooms of the store `csv` share. */

#include "pipeline/store.h"
#include "pipeline/stores/csv_reader.h"

struct csv_settings {
	const char *path;
	int delimiter; /* index into csv_delimiter_words */
};

struct csv {
	const struct csv_settings *settings;
	const struct store_setup *setup;
	char delimiter;
	struct arena arena; /* owns the names */
	struct store_columns columns;
	size_t *places; /* of each column in a row: columns without a name are left out */
	size_t width;   /* of a row */
};

/* Opens the file and goes past the names, which must be there. */
bool csv_open_reader(struct csv *csv, struct csv_reader *reader, struct error *err);

/* See store.h for what these do. */
bool csv_put_check(void *store, const struct store_put *put, struct error *err);
bool csv_put_begin(void *store, const struct store_put *put, void **putting, struct error *err);
bool csv_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err);
bool csv_put_commit(void *putting, uint64_t *changed, struct error *err);
void csv_put_end(void *putting);

#endif
