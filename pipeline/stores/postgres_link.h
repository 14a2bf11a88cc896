#ifndef NIGHTMILL_STORES_POSTGRES_LINK_H
#define NIGHTMILL_STORES_POSTGRES_LINK_H

/* A connection to PostgreSQL that is made again when it breaks. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/store.h"
#include "pipeline/stores/postgres_library.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct link {
	PGconn *connection;
	int64_t patience_micros; /* how long a server that is away is waited for */
	const struct store_setup *setup;
	uint32_t number; /* of the connection: another one has nothing prepared */
};

/* A statement with parameters, as text. */
struct link_query {
	const char *sql;
	const char *const *values;
	int count;
};

/* Connects; a server that is away is waited for. `*link` is to be closed on failure too. `setup` is
 * borrowed until then. */
bool link_open(struct link *link, const char *url, int64_t patience_micros,
	const struct store_setup *setup, struct error *err);

/* Carries a statement out; the result is the caller's to pq.clear. NULL and `err` where it is
 * wrong, or where the server stayed away. `lost` NULL: a broken connection is made again and the
 * statement carried out once more. Else it is told, and NULL is returned once there is a new one:
 * what the old one had in hand is gone. */
PGresult *link_query(
	struct link *link, const struct link_query *query, bool *lost, struct error *err);

/* The same by a statement of this name that is prepared where the connection has it not yet.
 * `number` is of the connection that has it, 0 at first; updated. */
PGresult *link_prepared(struct link *link, const char *name, uint32_t *number,
	const struct link_query *query, struct error *err);

/* Adds which server and database it is connected to, as whom, and how values are shown to it. */
void link_identify(const struct link *link, struct text *text);
/* `COPY ... FROM STDIN`: `sql` begins it, each piece of text is handed over, and the result of it
 * all is told at the end. An error ends it. A broken connection is made again; what it had in hand
 * is gone, and the error blames the moment. */
bool link_copy_begin(struct link *link, const char *sql, struct error *err);
bool link_copy_add(struct link *link, const struct text *text, struct error *err);
bool link_copy_end(struct link *link, struct error *err);

void link_close(struct link *link);

#endif
