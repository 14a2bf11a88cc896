#ifndef NIGHTMILL_STAGES_PAIR_PEOPLE_H
#define NIGHTMILL_STAGES_PAIR_PEOPLE_H

/* All records that take part, numbered by the bytes of their keys: so a draw does not depend on the
 * order in which a store gives them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/hoard.h"
#include "pipeline/support/error.h"
#include "pipeline/support/hashes.h"

struct people {
	struct hoard hoard;
	uint32_t count;
	struct slot *ids; /* by number */
	uint32_t *number; /* of each record of the hoard */
	struct hashes index;
};

void people_add(struct people *people, const struct item *record, const struct fields *fields);

/* Numbers them. False where two have the same key. */
bool people_sort(struct people *people, struct error *err);

/* The number of the one with this key; UINT32_MAX: none has it. */
uint32_t people_find(const struct people *people, const char *id, size_t length);

/* What they have in a field, as numbers: the same for the same bytes, from 1 in the people's order,
 * and 0 for a blank one (where `blank_counts`, a number too). The caller frees it. */
uint32_t *people_values(const struct people *people, size_t field, bool blank_counts);

/* Of several fields together. */
uint32_t *people_values_of_all(const struct people *people, const size_t *fields, size_t count);

void people_finish(struct people *people);

#endif
