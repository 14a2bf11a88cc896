#ifndef NIGHTMILL_EXECUTORS_WIRE_H
#define NIGHTMILL_EXECUTORS_WIRE_H

/* What crosses between main and a worker process: items through a socket, replies in memory that
 * both share. Both ends are the same program, so numbers go as they are in memory. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/text.h"

/* In front of every item. Behind it: slot_count of struct wire_slot, the key, the slots' bytes. */
struct wire_item {
	uint64_t mark;
	struct digest id;
	uint32_t attempt, ticket;
	uint64_t due;
	struct validator validator;
	struct digest known;
	uint64_t bytes;
	uint64_t key_length;
	uint64_t slot_count;
	uint64_t body; /* bytes behind this header */
};
_Static_assert(sizeof(struct wire_item) == 112, "no padding crosses a process border");

struct wire_slot {
	uint32_t length;
	uint32_t flags; /* enum wire_flag */
};
_Static_assert(sizeof(struct wire_slot) == 8, "no padding crosses a process border");

enum wire_flag { WIRE_PRESENT = 1, WIRE_SECRET = 2 };

enum wire_kind {
	WIRE_READY = 1, /* the worker is open */
	WIRE_REFUSED,   /* it cannot be opened: outcome.error says why */
	WIRE_OUTCOME,
};

struct wire_reply {
	uint32_t mark;
	uint32_t kind; /* enum wire_kind */
	struct outcome outcome;
};
_Static_assert(sizeof(struct wire_reply) == 8 + sizeof(struct outcome), "one header, one outcome");
_Static_assert(sizeof(struct wire_reply) <= 4096, "small enough for a buffer of some");

/* Reads items from a socket. All zero but for `file` is a new one. */
struct wire_reader {
	int file;
	char *data;
	size_t room, first, end; /* data[first .. end) was read and not handed out */
	struct slot *slots;
	size_t slot_room;
};

/* Adds `item` to `text` as it is to be sent. */
void wire_add_item(struct text *text, const struct item *item);

/* The next item was read already, as a whole. */
bool wire_has_item(const struct wire_reader *reader);

/* Waits for the next item, which points into the reader until the next call. False at the end of
 * the stream or where it makes no sense. */
bool wire_read_item(struct wire_reader *reader, struct item *item);

void wire_reader_finish(struct wire_reader *reader);

/* Fills in a reply of this kind. */
void wire_fill_reply(struct wire_reply *reply, enum wire_kind kind, const struct outcome *outcome);

/* A reply of a kind that is known, whose texts end and whose numbers are in range. */
bool wire_reply_sound(const struct wire_reply *reply);

/* A sound outcome of this item. */
bool wire_reply_answers(const struct wire_reply *reply, const struct item *item);

#endif
