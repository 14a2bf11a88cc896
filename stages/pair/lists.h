#ifndef NIGHTMILL_STAGES_PAIR_LISTS_H
#define NIGHTMILL_STAGES_PAIR_LISTS_H

/* Pairs of people that grow: from stores, and from earlier draws. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/head.h"
#include "stages/pair/people.h"
#include "stages/pair/record.h"
#include "stages/pair/settings.h"

struct lists {
	struct rules_pair *list;
	size_t count, room;
};

enum { LISTS_COLUMNS = 3 };

/* Columns of a store by their names, LISTS_COLUMNS at most. */
struct lists_query {
	const struct stores_entry *entry;
	const char *const *names;
	size_t count;
};

/* Gives the sink all rows of a store. */
bool lists_walk(const struct lists_query *query, const struct store_sink *sink,
	const struct head_place *place, struct error *err);

void lists_add(struct lists *lists, struct rules_pair pair);

/* Adds the pairs of a store, in its rows' order. A name that takes no part is told of by the
 * place's note, since it may be a slip; where the pairs have to be, it is an error. */
bool lists_read(struct lists *lists, const struct settings_pairs *pairs,
	const struct people *people, const struct head_place *place, struct error *err);

/* Adds who had whom in a draw, as history of `round`; those who take no part any more are left
 * out. */
void lists_add_draw(struct lists *lists, const struct record *record, const struct people *people,
	uint32_t round);

void lists_finish(struct lists *lists);

#endif
