#ifndef NIGHTMILL_STAGES_PAIR_RECORD_H
#define NIGHTMILL_STAGES_PAIR_RECORD_H

/* A draw as it is kept: everything that it follows from (ids in the order of their bytes, rules as
 * numbers, seed, version of the algorithm) and what came out. The first part by itself gives the
 * second again, on any machine; its digest is the draw's commitment. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/pair/draw.h"

enum { RECORD_DIGEST_BYTES = 32 };

struct record {
	struct rules rules;
	struct shape shape;
	unsigned char seed[RANDOM_SEED_BYTES];
	uint64_t tries;
	bool soft;
	bool ids_borrowed;
	struct slot *ids;   /* of each person */
	uint32_t *receiver; /* of each person; for groups: the number of the group */
	unsigned char digest[RECORD_DIGEST_BYTES]; /* SHA-256 of all but what came out; of one that
						      was read */
};

/* Adds the record's bytes; `digest` is filled in. */
void record_write(
	const struct record *record, struct text *text, unsigned char digest[RECORD_DIGEST_BYTES]);

/* Reads them again. The record's own parts are the caller's to finish; ids point into `data`. False
 * where it is none. */
bool record_read(struct record *record, const void *data, size_t length, struct error *err);

/* For a record that was read. */
void record_finish(struct record *record);

/* The number of the person with this id (ids ascend); UINT32_MAX: there is none. */
uint32_t record_find(const struct record *record, const char *id, size_t length);

#endif
