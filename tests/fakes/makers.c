#include "tests/fakes/makers.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>

static void makers_csv_row(FILE *file, const makers_row row)
{
	for (size_t i = 0; i < MAKERS_COLUMNS; i++) {
		fputs(i ? "," : "", file);
		fputc('"', file);
		for (const char *at = row[i] ? row[i] : ""; *at; at++) {
			if (*at == '"')
				fputc('"', file);
			fputc(*at, file);
		}
		fputc('"', file);
	}
	fputc('\n', file);
}

/* As a careful program would: what is being read stays as it was. */
static void makers_csv_write(const makers_row *rows, size_t count, const char *old, size_t length)
{
	FILE *file = fopen("people.new", "w");
	assert_non_null(file);
	fwrite(old, 1, length, file);
	for (size_t i = 0; i < count; i++)
		makers_csv_row(file, rows[i]);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename("people.new", "people.csv"), 0);
}

static bool makers_csv(const makers_row *rows, size_t count, const char **why)
{
	(void)why;
	static const char names[] = "email,name,zone\n";
	makers_csv_write(rows, count, names, strlen(names));
	return true;
}

static void makers_csv_add(const makers_row row)
{
	static char old[1 << 20];
	FILE *file = fopen("people.csv", "r");
	assert_non_null(file);
	size_t length = fread(old, 1, sizeof(old), file);
	fclose(file);
	makers_csv_write((const makers_row *)row, 1, old, length);
}

static void makers_sqlite_row(sqlite3 *db, const makers_row row)
{
	sqlite3_stmt *insert;
	assert_int_equal(
		sqlite3_prepare_v2(db, "INSERT INTO people VALUES(?1, ?2, ?3)", -1, &insert, NULL),
		SQLITE_OK);
	for (int i = 0; i < MAKERS_COLUMNS; i++)
		sqlite3_bind_text(insert, i + 1, row[i], -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
	sqlite3_finalize(insert);
}

static void makers_sqlite_write(const char *first, const makers_row *rows, size_t count)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open("people.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, first, NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < count; i++)
		makers_sqlite_row(db, rows[i]);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static bool makers_sqlite(const makers_row *rows, size_t count, const char **why)
{
	(void)why;
	remove("people.db");
	makers_sqlite_write("PRAGMA journal_mode = WAL; BEGIN;"
			    "CREATE TABLE people(email TEXT, name TEXT, zone TEXT);"
			    "CREATE INDEX people_email ON people(email)",
		rows, count);
	return true;
}

static void makers_sqlite_add(const makers_row row)
{
	makers_sqlite_write("BEGIN", (const makers_row *)row, 1);
}

/* One server for all tests of a program, in a folder of its own, stopped when that ends. */
static char makers_server[64], makers_yaml[256], makers_absent[256];
static pid_t makers_owner;
static char makers_home[PATH_MAX];

void makers_begin(void)
{
	assert_non_null(getcwd(makers_home, sizeof(makers_home)));
}

int makers_server_do(const char *what)
{
	struct text command = { 0 };
	text_addf(&command, "\"%s/tests/fakes/postgres\" %s %s", makers_home, what, makers_server);
	int status = system(command.data); /* NOLINT(cert-env33-c): our own script */
	text_finish(&command);
	return status;
}

static void makers_server_end(void)
{
	if (getpid() != makers_owner)
		return;
	makers_server_do("kill >/dev/null 2>&1");
	struct text command = { 0 };
	text_addf(&command, "rm -rf %s", makers_server);
	if (system(command.data) != 0) /* NOLINT(cert-env33-c): of our own folder */
		fprintf(stderr, "%s is left\n", makers_server);
	text_finish(&command);
}

static bool makers_server_begin(void)
{
	if (*makers_server)
		return true;
	snprintf(makers_server, sizeof(makers_server), "/tmp/nightmill-test-%d", (int)getpid());
	makers_owner = getpid();
	atexit(makers_server_end);
	snprintf(makers_yaml, sizeof(makers_yaml),
		"{ url: 'host=%s user=test dbname=postgres', table: people, patience: 20s }",
		makers_server);
	snprintf(makers_absent, sizeof(makers_absent),
		"{ url: 'host=%s user=test dbname=postgres', table: absent }", makers_server);
	return makers_server_do("start") == 0;
}

static PGconn *makers_connect(void)
{
	struct text url = { 0 };
	text_addf(&url, "host=%s user=test dbname=postgres", makers_server);
	PGconn *connection = PQconnectdb(url.data);
	text_finish(&url);
	assert_int_equal(PQstatus(connection), CONNECTION_OK);
	return connection;
}

static void makers_execute(PGconn *connection, const char *sql, const makers_row row)
{
	PGresult *result =
		row ? PQexecParams(connection, sql, MAKERS_COLUMNS, NULL, row, NULL, NULL, 0)
		    : PQexec(connection, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(connection));
	PQclear(result);
}

static bool makers_postgres(const makers_row *rows, size_t count, const char **why)
{
	*why = "no PostgreSQL server here";
	if (!makers_server_begin())
		return false;
	PGconn *connection = makers_connect();
	makers_execute(connection, "BEGIN", NULL);
	makers_execute(connection, "DROP TABLE IF EXISTS people", NULL);
	makers_execute(connection, "CREATE TABLE people(email text, name text, zone text)", NULL);
	makers_execute(connection, "CREATE INDEX ON people (email)", NULL);
	for (size_t i = 0; i < count; i++)
		makers_execute(connection, "INSERT INTO people VALUES ($1, $2, $3)", rows[i]);
	makers_execute(connection, "COMMIT", NULL);
	PQfinish(connection);
	return true;
}

static void makers_postgres_add(const makers_row row)
{
	PGconn *connection = makers_connect();
	makers_execute(connection, "INSERT INTO people VALUES ($1, $2, $3)", row);
	PQfinish(connection);
}

const struct maker makers[] = {
	{ "csv", makers_csv, makers_csv_add, "{ path: people.csv }", "{ path: absent.csv }" },
	{ "sqlite", makers_sqlite, makers_sqlite_add, "{ path: people.db, table: people }",
		"{ path: people.db, table: absent }" },
	{ "postgres", makers_postgres, makers_postgres_add, makers_yaml, makers_absent },
	{ .store = NULL },
};

static void given_slot(struct text *text, const struct slot *slot)
{
	if (slot->data)
		text_add(text, slot->data, slot->length);
	else
		text_add_string(text, "-");
}

static bool given_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct given *given = context;
	given_slot(&given->text, &row->key);
	for (size_t i = 0; i < given->columns; i++) {
		text_add_string(&given->text, i ? ", " : ": ");
		given_slot(&given->text, &row->values[i]);
	}
	text_add_string(&given->text, "\n");
	given->rows++;
	return true;
}

struct store_sink given_sink(struct given *given)
{
	return (struct store_sink){ given_row, given };
}

static void given_complaint(void *context, const char *what, const struct error *err)
{
	struct given *given = context;
	text_addf(&given->complaints, "%s: %s\n", what, err->text);
}

struct store_setup given_setup(struct given *given)
{
	return (struct store_setup){ .complain = given_complaint, .context = given };
}

static int given_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *given_sorted(struct given *given)
{
	char **lines = calloc(given->rows + 1, sizeof(*lines)), *rest = given->text.data;
	size_t count = 0;
	struct text sorted = { 0 };
	text_add(&sorted, "", 0);
	for (char *line; rest && (line = strsep(&rest, "\n")) && *line;)
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), given_compare);
	for (size_t i = 0; i < count; i++)
		text_addf(&sorted, "%s\n", lines[i]);
	free(lines);
	text_finish(&given->text);
	given->text = sorted;
	return sorted.data;
}

void given_clear(struct given *given)
{
	given_finish(given);
}

void given_finish(struct given *given)
{
	size_t columns = given->columns;
	text_finish(&given->text);
	text_finish(&given->complaints);
	*given = (struct given){ .columns = columns };
}
