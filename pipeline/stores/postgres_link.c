#include "pipeline/stores/postgres_link.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pipeline/store.h"
#include "pipeline/support/clock.h"

enum {
	LINK_FIRST_WAIT_MICROS = 50000,
	LINK_MOST_WAIT_MICROS = 2000000,
	MICROS_PER_SECOND = 1000000,
	NANOS_PER_MICRO = 1000
};

/* libpq's messages have several lines and end in one. */
static bool link_fail(struct error *err, enum error_code code, const char *message)
{
	size_t length = strcspn(message, "\n");
	return fail(err, code, "PostgreSQL: %.*s", (int)length, message);
}

static bool link_wait(const struct link *link, int64_t micros)
{
	if (link->setup->wait)
		return link->setup->wait(link->setup->context, micros);
	const struct timespec time = { micros / MICROS_PER_SECOND,
		micros % MICROS_PER_SECOND * NANOS_PER_MICRO };
	nanosleep(&time, NULL);
	return true;
}

static void link_tell_away(const struct link *link)
{
	struct error why = { .code = ERROR_NONE };
	const char *message = pq.errorMessage(link->connection);
	if (!link->setup->note)
		return;
	snprintf(why.text, sizeof(why.text), "%.*s: it is waited for, %.0f s at most",
		(int)strcspn(message, "\n"), message,
		(double)link->patience_micros / MICROS_PER_SECOND);
	link->setup->note(link->setup->context, "PostgreSQL", &why);
}

/* Tries until there is a connection, patience has ended or the run is to end, twice as long apart
 * each time. */
static bool link_connect(struct link *link, struct error *err)
{
	int64_t until = clock_micros() + link->patience_micros, wait = LINK_FIRST_WAIT_MICROS;
	if (pq.status(link->connection) != CONNECTION_OK && link->patience_micros > 0)
		link_tell_away(link);
	while (pq.status(link->connection) != CONNECTION_OK) {
		int64_t left = until - clock_micros();
		if (left <= 0 || !link_wait(link, wait < left ? wait : left))
			return link_fail(err, ERROR_READ, pq.errorMessage(link->connection));
		wait = wait * 2 < LINK_MOST_WAIT_MICROS ? wait * 2 : LINK_MOST_WAIT_MICROS;
		pq.reset(link->connection);
	}
	link->number++;
	if (pq.setClientEncoding(link->connection, "UTF8") == 0)
		return true;
	return link_fail(err, ERROR_READ, pq.errorMessage(link->connection));
}

/* What the server does not know any more will not come by waiting. */
static bool link_refused(const PGconn *connection)
{
	return pq.connectionNeedsPassword(connection) || pq.connectionUsedPassword(connection) ||
	       strstr(pq.errorMessage(connection), "does not exist") != NULL ||
	       strstr(pq.errorMessage(connection), "invalid") != NULL;
}

/* What the server remarks is no one's concern. */
static void link_ignore(void *context, const char *message)
{
	(void)context;
	(void)message;
}

bool link_open(struct link *link, const char *url, int64_t patience_micros,
	const struct store_setup *setup, struct error *err)
{
	*link = (struct link){ .patience_micros = patience_micros, .setup = setup };
	if (!postgres_library_need(err))
		return false;
	const char *const names[] = { "fallback_application_name", "connect_timeout", "dbname",
		NULL };
	const char *const values[] = { "nightmill", "10", url, NULL };
	link->connection = pq.connectdbParams(names, values, 1);
	if (!link->connection)
		return fail(err, ERROR_MEMORY, "no memory for a connection to PostgreSQL");
	pq.setNoticeProcessor(link->connection, link_ignore, NULL);
	if (pq.status(link->connection) != CONNECTION_OK && link_refused(link->connection))
		return link_fail(err, ERROR_USAGE, pq.errorMessage(link->connection));
	return link_connect(link, err);
}

/* True where the connection, or the server, has gone, rather than the statement being wrong. */
static bool link_broken(const struct link *link, const PGresult *result)
{
	const char *state = result ? pq.resultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	if (pq.status(link->connection) != CONNECTION_OK)
		return true;
	/* What libpq itself has to say has no state; its own may follow later only. */
	return !state || strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0;
}

static bool link_fine(const PGresult *result)
{
	ExecStatusType status = pq.resultStatus(result);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Sees to what came of a statement: true where it is to be carried out again. */
static bool link_again(struct link *link, PGresult **result, bool *lost, struct error *err)
{
	if (link_fine(*result))
		return false;
	bool broken = link_broken(link, *result);
	if (!broken)
		link_fail(err, ERROR_USAGE, pq.resultErrorMessage(*result));
	pq.clear(*result);
	*result = NULL;
	if (!broken)
		return false;
	if (pq.status(link->connection) == CONNECTION_OK)
		pq.reset(link->connection);
	if (!link_connect(link, err))
		return false;
	if (!lost)
		return true;
	*lost = true;
	return false;
}

PGresult *link_query(
	struct link *link, const struct link_query *query, bool *lost, struct error *err)
{
	PGresult *result;
	do
		result = pq.execParams(link->connection, query->sql, query->count, NULL,
			query->values, NULL, NULL, 0);
	while (link_again(link, &result, lost, err));
	return result;
}

static bool link_prepare(struct link *link, const char *name, uint32_t *number,
	const struct link_query *query, struct error *err)
{
	while (*number != link->number) {
		uint32_t now = link->number;
		PGresult *result =
			pq.prepare(link->connection, name, query->sql, query->count, NULL);
		if (link_again(link, &result, NULL, err))
			continue;
		if (!result)
			return false;
		pq.clear(result);
		*number = now;
	}
	return true;
}

PGresult *link_prepared(struct link *link, const char *name, uint32_t *number,
	const struct link_query *query, struct error *err)
{
	PGresult *result;
	do {
		if (!link_prepare(link, name, number, query, err))
			return NULL;
		result = pq.execPrepared(
			link->connection, name, query->count, query->values, NULL, NULL, 0);
	} while (link_again(link, &result, NULL, err));
	return result;
}

/* "localhost" is another server on every host. */
static bool link_is_local(const PGconn *connection)
{
	const char *host = pq.host(connection), *address = pq.hostaddr(connection);
	return !host || !*host || *host == '/' || *host == '@' || strcmp(host, "localhost") == 0 ||
	       (address && (strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0));
}

void link_identify(const struct link *link, struct text *text)
{
	static const char *const shown[] = { "TimeZone", "DateStyle", "IntervalStyle",
		"server_encoding", "server_version" };
	const PGconn *connection = link->connection;
	store_add_part(text, pq.host(connection));
	store_add_part(text, pq.port(connection));
	store_add_part(text, pq.db(connection));
	store_add_part(text, pq.user(connection));
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		store_add_part(text, pq.parameterStatus(connection, shown[i]));
	if (link_is_local(connection))
		store_add_host(text);
}

/* What is sent has gone astray: with a new connection, the caller begins again. */
static bool link_copy_fail(struct link *link, PGresult *result, struct error *err)
{
	bool lost = false;
	link_again(link, &result, &lost, err);
	return lost ? fail(err, ERROR_READ, "PostgreSQL: the connection broke") : false;
}

bool link_copy_begin(struct link *link, const char *sql, struct error *err)
{
	PGresult *result = pq.execParams(link->connection, sql, 0, NULL, NULL, NULL, NULL, 0);
	if (pq.resultStatus(result) != PGRES_COPY_IN)
		return link_copy_fail(link, result, err);
	pq.clear(result);
	return true;
}

bool link_copy_add(struct link *link, const struct text *text, struct error *err)
{
	return pq.putCopyData(link->connection, text->data, (int)text->length) == 1 ||
	       link_copy_fail(link, NULL, err);
}

bool link_copy_end(struct link *link, struct error *err)
{
	if (pq.putCopyEnd(link->connection, NULL) != 1)
		return link_copy_fail(link, NULL, err);
	PGresult *result = pq.getResult(link->connection), *next;
	while ((next = pq.getResult(link->connection)) != NULL)
		pq.clear(next);
	if (!link_fine(result))
		return link_copy_fail(link, result, err);
	pq.clear(result);
	return true;
}

void link_close(struct link *link)
{
	if (link->connection)
		pq.finish(link->connection);
	link->connection = NULL;
}
