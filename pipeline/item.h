#ifndef NIGHTMILL_ITEM_H
#define NIGHTMILL_ITEM_H

/* The item, which is a record with an identity, and the outcome, which is what became of it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/digest.h"
#include "pipeline/support/error.h"

enum {
	ITEM_PARTS = 64,    /* outputs of one item at most: the bits of item.due */
	ITEM_STEP = 256,    /* items that a source gives at a time at most */
	ITEM_LATE_BYTES = 8 /* an extension known only to the worker, with its NUL */
};

/* A named byte string of a record; the name stands once, in struct fields. */
struct slot {
	const char *data; /* NULL: absent. Not NUL-terminated */
	uint32_t length;  /* bytes */
	bool secret;      /* messages, traces and state show *** */
};

/* The names of a record's slots, in their order. */
struct fields {
	const char *const *names;
	size_t count;
	bool *used; /* a mark for each that someone reads; NULL: no one wants to know */
};

/* The number of the field called `name`, which counts as read from now on. False and `err`, which
 * names the nearest field or all, where there is none. */
bool fields_find(const struct fields *fields, const char *name, size_t *slot, struct error *err);

/* What tells whether an item is as it was, without opening it. Files: size and modification time.
 * Other sources: a digest of their slots in `size`. */
struct validator {
	uint64_t size;
	int64_t mtime_nanos;
	uint64_t strict; /* digest of ctime and inode under `check: strict`, else 0 */
};

/* mtime_nanos of a remembered validator that is not to be trusted: the file was so new when it was
 * read that a later change could carry the same time. */
#define VALIDATOR_UNTRUSTED INT64_MIN

/* Read-only once given to an executor. */
struct item {
	struct digest id; /* of the key alone */
	uint32_t attempt; /* from 1 */
	uint32_t ticket;  /* main's own number, handed back with the outcome */
	uint64_t due;     /* a bit for each part that is to be made */
	struct validator validator;
	struct digest known; /* content hash of the last success; none: not to be compared */
	/* Which version of what it tells of, from 1, kept with its deed; 0: it has none. The source
	 * or a head stage says so; later ones pass it on. */
	uint32_t edition;
	struct digest group; /* of deeds of which only the last is wanted; none: it is in none */
	int64_t rank;        /* in its group */
	uint64_t bytes;      /* an estimate of its work (files: size) */
	const char *key;     /* any bytes */
	size_t key_length;
	const struct slot
		*slots; /* in the order of the plan's fields, as many as there are so far */
	size_t slot_count;
};

enum outcome_status {
	OUTCOME_MADE,      /* every part that was due is written and can be renamed */
	OUTCOME_UNCHANGED, /* content as `known` says: nothing was made */
	OUTCOME_IGNORED,   /* nothing that a stage of the plan is for, and no failure */
	OUTCOME_FAILED,    /* see error */
	OUTCOME_CANCELLED, /* never started: no row is written for it */
};

/* What became of a deed, which is what a stage that acts does to the world. */
enum deed_verdict {
	DEED_UNKNOWN,   /* no one said: its worker died over it, so it is in doubt */
	DEED_UNTOUCHED, /* nothing was done to the world: an error came first, or no stage acts */
	DEED_ACCEPTED,  /* the world has it, for good */
	DEED_DEFERRED,  /* the world does not have it, and says: later */
	DEED_FAILED,    /* the world does not have it, and says: never */
	DEED_DOUBT,     /* it was begun, and the world did not say how it ended */
	DEED_VERDICTS
};

/* The world's own words are the outcome's error.text. */
struct deed {
	uint32_t verdict;    /* enum deed_verdict */
	uint32_t code;       /* of the world's reply, as in "250"; 0: it has none */
	int64_t wait_micros; /* DEFERRED: not again before so long; 0: it did not say */
};

/* Fixed size, no pointers: it crosses a process border as it is. */
struct outcome {
	struct digest id;
	uint32_t attempt;
	uint32_t ticket;
	uint32_t status;            /* enum outcome_status */
	uint32_t worker;            /* number of the worker, from 0 */
	uint32_t stage;             /* index in the tail of the stage it ended in */
	char late[ITEM_LATE_BYTES]; /* what stands for an extension that no one knew before; "" */
	uint64_t made;              /* a bit for each part that was written */
	struct digest content;      /* hash of what was read; none: nothing was hashed */
	int64_t opened_nanos;       /* wall time at which the source was opened; 0: it was not */
	struct validator
		seen;   /* of what was opened (size and mtime_nanos); valid where opened_nanos is */
	int64_t micros; /* time in the worker */
	uint64_t bytes_read, bytes_written;
	uint64_t pixels; /* decoded source pixels at full size */
	struct deed deed;
	struct error error; /* FAILED; IGNORED: why; a deed: what the world said */
};

/* The word for a status: "made", "unchanged", "ignored", "failed", "cancelled". */
const char *outcome_word(uint32_t status);

/* An outcome for `item`, all zero but for id, attempt, ticket and `status`. */
struct outcome outcome_of(const struct item *item, enum outcome_status status);

/* Ends a deed: fills in outcome->deed, and status and error as they follow from the verdict
 * (neither UNKNOWN nor UNTOUCHED). `words` are the world's, cut where they are too long. */
void outcome_deed(
	struct outcome *outcome, enum deed_verdict verdict, uint32_t code, const char *words);

/* Copies an outcome; of its error's text no more than there is. */
void outcome_copy(struct outcome *to, const struct outcome *from);

#endif
