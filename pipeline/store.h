#ifndef NIGHTMILL_STORE_H
#define NIGHTMILL_STORE_H

/* A store is a table of rows: asked for many keys at once, walked from end to end, written. What is
 * asked is fixed beforehand (struct store_query), by numbers of columns; data never becomes part of
 * a statement. Values are bytes as a person would read them; a blank one (empty, NULL) is an absent
 * slot, whatever the store has for it. Everything is called from main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "pipeline/support/error.h"

enum store_type { STORE_TEXT, STORE_NUMBER, STORE_BYTES };

struct store_column {
	const char *name;
	enum store_type type;
};

struct store_columns {
	const struct store_column *list;
	size_t count;
	size_t key; /* the one by which rows are looked up where nothing else is said */
};

/* Rows pass whose value in `column` is one of `values` (with `negate`: is none). "" stands for a
 * blank one. */
struct store_filter {
	size_t column;
	bool negate;
	struct option_list values;
	/* Not NULL: instead, those pass whose value is not before `from` and, unless that is NULL,
	 * before `before`; a blank one does not. Compared as the store compares (a CSV by bytes, a
	 * database by the column's type and collation), so that its index serves: for dates in ISO
	 * form they all agree. */
	const char *from, *before;
};

/* What is asked of a store. Borrowed as long as what prepare() made of it. */
struct store_query {
	size_t key;            /* the column by which rows are found */
	const size_t *columns; /* whose values are wanted, in this order */
	size_t column_count;
	const struct store_filter *filters; /* rows pass all */
	size_t filter_count;
};

/* One row. Valid until the sink returns. */
struct store_row {
	size_t index; /* get_many: of the key that found it */
	struct slot key;
	const struct slot *values; /* as many as the query's columns */
	uint64_t line;             /* in its file, from 1; 0: it has none */
};

/* Takes rows one after the other. False (with `err`) stops the call that gives them. */
struct store_sink {
	bool (*row)(void *context, const struct store_row *row, struct error *err);
	void *context;
};

/* What is written. Borrowed as long as what put_begin() made of it. */
struct store_put {
	size_t key;            /* the column by which rows are found */
	const size_t *columns; /* that are set, in this order; never the key */
	size_t column_count;
	bool add; /* a key without a row gets one, behind the others */
};

/* One row to write: every row that has the key gets these values; an absent one is blank. */
struct store_change {
	struct slot key;           /* never absent */
	const struct slot *values; /* as many as the put's columns */
};

struct store_setup {
	/* A row that makes no sense is left out and told of. `what` names the place. May be NULL.
	 */
	void (*complain)(void *context, const char *what, const struct error *err);
	void *context;
	/* Something that people should know, and no failure. May be NULL. */
	void (*note)(void *context, const char *what, const struct error *err);
	/* Sleeps while a server is away. False: the run is to end, which the store tells by an
	 * error. NULL: nothing is to end it but signals. */
	bool (*wait)(void *context, int64_t micros);
};

/* Kinds of version(). */
enum store_version {
	STORE_TIMES,   /* size, times and inode of its file: cheap, and fooled by a clever write */
	STORE_HASH,    /* of all its bytes */
	STORE_VERSION, /* what the store itself counts or keeps */
	STORE_VERSIONS
};

struct store_plugin {
	struct plugin plugin;
	bool indexed;      /* one key costs about the same whatever the number of rows */
	bool remote;       /* another process is asked */
	unsigned versions; /* bits 1 << enum store_version: those that it can tell */
	unsigned lasting;  /* those of them that say the same to every run and host */

	/* Opens it for reading; `*store` is the caller's to close. Settings and setup are borrowed
	 * until then. */
	bool (*open)(const void *settings, const struct store_setup *setup, void **store,
		struct error *err);

	/* Its columns, valid until close. */
	const struct store_columns *(*columns)(const void *store);

	/* Makes a query ready; `*prepared` is the caller's to release before close. */
	bool (*prepare)(
		void *store, const struct store_query *query, void **prepared, struct error *err);

	/* Gives the rows of these keys, in any order; a key that has none gives none, one that has
	 * several gives all. Keys may be any bytes and differ from each other. Sees the rows as
	 * they are now. */
	bool (*get_many)(void *prepared, const struct slot *keys, size_t count,
		const struct store_sink *sink, struct error *err);

	/* Gives at most `most` further rows of all, in any order; `*more` is false behind the last.
	 * Sees the rows as they were at the first call. */
	bool (*scan)(void *prepared, size_t most, const struct store_sink *sink, bool *more,
		struct error *err);

	/* A digest that differs where the rows may. Only kinds among `versions`. */
	bool (*version)(
		void *store, enum store_version kind, struct digest *version, struct error *err);

	/* Adds the statement that makes the index which get_many lacks; nothing where it has one.
	 * May be NULL: there are no indexes. */
	bool (*suggest)(void *prepared, struct text *suggestion, struct error *err);

	/* Adds bytes that differ between any two tables, those of other hosts with the same
	 * settings included, and between ways to see one: what two runs add alike they may share.
	 */
	void (*identify)(void *store, struct text *text);

	/* Finds out without writing anything whether it could be written so. */
	bool (*put_check)(void *store, const struct store_put *put, struct error *err);

	/* Begins to write; `*putting` is the caller's to put_end before close. What is put is seen
	 * by no one before put_commit returns, and all of it from then on. */
	bool (*put_begin)(
		void *store, const struct store_put *put, void **putting, struct error *err);

	/* Further rows, each key once in all. An error ends the put. */
	bool (*put_many)(
		void *putting, const struct store_change *changes, size_t count, struct error *err);

	/* Makes it durable; `*changed` is how many rows differ now or are new. Where none does,
	 * nothing is written. After an error that blames the moment it may have been done or not:
	 * to do it again is harmless. */
	bool (*put_commit)(void *putting, uint64_t *changed, struct error *err);

	/* Gives up what is not committed. NULL is allowed. */
	void (*put_end)(void *putting);

	void (*release)(void *prepared);

	/* NULL is allowed. */
	void (*close)(void *store);
};

/* The store whose head `plugin` is. */
static inline const struct store_plugin *store_of(const struct plugin *plugin)
{
	return (const struct store_plugin *)(const void *)plugin;
}

/* The number of the column called `name`; false and `err`, which names the nearest, where there is
 * none. */
bool store_find_column(
	const struct store_columns *columns, const char *name, size_t *column, struct error *err);

/* Adds what tells this host from others. */
void store_add_host(struct text *text);

/* Adds a text, and where it ends. NULL is an empty one. */
void store_add_part(struct text *text, const char *part);

/* True where a row with this value passes. */
bool store_filter_passes(const struct store_filter *filter, const struct slot *value);

/* pipeline/stores/table.c, NULL-terminated. */
extern const struct plugin *const store_plugins[];

#endif
