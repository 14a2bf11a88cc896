#include "pipeline/executors/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pipeline/support/arena.h"

static const uint64_t wire_item_mark = 0x6d65746964726f77;
static const uint32_t wire_reply_mark = 0x796c7072;

enum {
	WIRE_READ_BYTES = 65536,
	WIRE_MOST_BYTES = 1 << 30 /* of one item: more is nonsense */
};

static uint64_t wire_body(const struct item *item)
{
	uint64_t body = item->slot_count * sizeof(struct wire_slot) + item->key_length;
	for (size_t i = 0; i < item->slot_count; i++)
		body += item->slots[i].data ? item->slots[i].length : 0;
	return body;
}

void wire_add_item(struct text *text, const struct item *item)
{
	const struct wire_item header = {
		.mark = wire_item_mark,
		.id = item->id,
		.attempt = item->attempt,
		.ticket = item->ticket,
		.due = item->due,
		.validator = item->validator,
		.known = item->known,
		.bytes = item->bytes,
		.key_length = item->key_length,
		.slot_count = item->slot_count,
		.body = wire_body(item),
	};
	text_add(text, &header, sizeof(header));
	for (size_t i = 0; i < item->slot_count; i++) {
		const struct slot *slot = &item->slots[i];
		const struct wire_slot wire = {
			.length = slot->data ? slot->length : 0,
			.flags = (slot->data ? WIRE_PRESENT : 0U) |
				 (slot->secret ? WIRE_SECRET : 0U),
		};
		text_add(text, &wire, sizeof(wire));
	}
	text_add(text, item->key, item->key_length);
	for (size_t i = 0; i < item->slot_count; i++)
		if (item->slots[i].data)
			text_add(text, item->slots[i].data, item->slots[i].length);
}

static void wire_make_room(struct wire_reader *reader, size_t bytes)
{
	size_t kept = reader->end - reader->first;
	if (reader->first > 0 && kept > 0)
		memmove(reader->data, reader->data + reader->first, kept);
	reader->first = 0;
	reader->end = kept;
	size_t room = bytes < WIRE_READ_BYTES ? WIRE_READ_BYTES : bytes;
	if (reader->room >= room)
		return;
	reader->data = memory_resize(reader->data, room);
	reader->room = room;
}

/* Makes data[first .. first + bytes) valid. */
static bool wire_need(struct wire_reader *reader, size_t bytes)
{
	if (reader->end - reader->first >= bytes)
		return true;
	if (reader->room - reader->first < bytes || reader->first == reader->end)
		wire_make_room(reader, bytes);
	while (reader->end - reader->first < bytes) {
		ssize_t got = recv(
			reader->file, reader->data + reader->end, reader->room - reader->end, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		reader->end += got > 0 ? (size_t)got : 0;
	}
	return true;
}

static struct item wire_item_of(const struct wire_item *header)
{
	return (struct item){
		.id = header->id,
		.attempt = header->attempt,
		.ticket = header->ticket,
		.due = header->due,
		.validator = header->validator,
		.known = header->known,
		.bytes = header->bytes,
		.key_length = header->key_length,
		.slot_count = header->slot_count,
	};
}

/* Lets key and slots point into `body`, whose size was checked to hold their descriptions. */
static bool wire_unpack(
	struct wire_reader *reader, const char *body, uint64_t bytes, struct item *item)
{
	const char *end = body + bytes;
	const char *next = body + item->slot_count * sizeof(struct wire_slot);
	if (item->key_length > (uint64_t)(end - next))
		return false;
	item->key = next;
	next += item->key_length;
	for (size_t i = 0; i < item->slot_count; i++) {
		struct wire_slot wire;
		memcpy(&wire, body + i * sizeof(wire), sizeof(wire));
		if (wire.length > (uint64_t)(end - next))
			return false;
		reader->slots[i] = (struct slot){
			.data = wire.flags & WIRE_PRESENT ? next : NULL,
			.length = wire.length,
			.secret = wire.flags & WIRE_SECRET,
		};
		next += wire.length;
	}
	item->slots = reader->slots;
	return next == end;
}

static void wire_need_slots(struct wire_reader *reader, size_t count)
{
	if (reader->slot_room >= count)
		return;
	reader->slots = memory_resize(reader->slots, count * sizeof(*reader->slots));
	reader->slot_room = count;
}

bool wire_has_item(const struct wire_reader *reader)
{
	struct wire_item header;
	const size_t bytes = reader->end - reader->first;
	if (bytes < sizeof(header))
		return false;
	memcpy(&header, reader->data + reader->first, sizeof(header));
	return header.body <= bytes - sizeof(header);
}

bool wire_read_item(struct wire_reader *reader, struct item *item)
{
	struct wire_item header;
	if (!wire_need(reader, sizeof(header)))
		return false;
	memcpy(&header, reader->data + reader->first, sizeof(header));
	if (header.mark != wire_item_mark || header.body > WIRE_MOST_BYTES ||
		header.slot_count > header.body / sizeof(struct wire_slot))
		return false;
	if (!wire_need(reader, sizeof(header) + header.body))
		return false;
	*item = wire_item_of(&header);
	wire_need_slots(reader, header.slot_count);
	const char *body = reader->data + reader->first + sizeof(header);
	reader->first += sizeof(header) + header.body;
	return wire_unpack(reader, body, header.body, item);
}

void wire_reader_finish(struct wire_reader *reader)
{
	free(reader->data);
	free(reader->slots);
	*reader = (struct wire_reader){ .file = reader->file };
}

void wire_fill_reply(struct wire_reply *reply, enum wire_kind kind, const struct outcome *outcome)
{
	reply->mark = wire_reply_mark;
	reply->kind = kind;
	outcome_copy(&reply->outcome, outcome);
}

bool wire_reply_sound(const struct wire_reply *reply)
{
	const struct outcome *outcome = &reply->outcome;
	return reply->mark == wire_reply_mark && reply->kind >= WIRE_READY &&
	       reply->kind <= WIRE_OUTCOME && outcome->status <= OUTCOME_CANCELLED &&
	       (unsigned)outcome->error.code < ERROR_CODES &&
	       (unsigned)outcome->error.blame <= BLAME_PLACE &&
	       outcome->deed.verdict < DEED_VERDICTS && outcome->deed.wait_micros >= 0 &&
	       memchr(outcome->error.text, '\0', sizeof(outcome->error.text)) &&
	       memchr(outcome->late, '\0', sizeof(outcome->late));
}

bool wire_reply_answers(const struct wire_reply *reply, const struct item *item)
{
	const struct outcome *outcome = &reply->outcome;
	return wire_reply_sound(reply) && reply->kind == WIRE_OUTCOME &&
	       digest_equal(item->id, outcome->id) && item->attempt == outcome->attempt &&
	       item->ticket == outcome->ticket;
}
