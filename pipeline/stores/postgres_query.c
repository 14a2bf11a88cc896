/* The store `postgres`: rows by their keys. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/stores/postgres_private.h"
#include "pipeline/support/hashes.h"

enum { POSTGRES_INTEGER_DIGITS = 18 };

/* The keys of one call as PostgreSQL is asked for them. */
struct postgres_keys {
	struct arena arena;
	struct slot *asked; /* by their number; absent: it can have no row */
	struct hashes hashes;
	struct text array; /* {"a","b"} */
};

void postgres_release(void *prepared)
{
	struct postgres_query *query = prepared;
	if (!query)
		return;
	pq.clear(query->rows);
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

bool postgres_prepare(
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

struct slot postgres_value(const PGresult *rows, int row, int column)
{
	int length = pq.getlength(rows, row, column);
	return (struct slot){
		.data = length > 0 ? pq.getvalue(rows, row, column) : NULL,
		.length = (uint32_t)length,
	};
}

bool postgres_give(struct postgres_query *query, int number, size_t index,
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

bool postgres_get_many(void *prepared, const struct slot *given, size_t count,
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
		for (int i = 0; fine && i < pq.ntuples(rows); i++)
			fine = postgres_give_found(query, i, &keys, sink, err);
		pq.clear(rows);
	}
	postgres_finish_keys(&keys);
	return fine;
}
