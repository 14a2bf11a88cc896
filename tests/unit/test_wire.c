#include "pipeline/executors/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct slot wire_slots[] = {
	{ .data = "a/b.jpg", .length = 7 },
	{ .data = NULL, .secret = true },
	{ .data = "", .length = 0 },
	{ .data = "pa\0ss", .length = 5, .secret = true },
};

static const struct item wire_example = {
	.id = { 1, 2 },
	.attempt = 3,
	.ticket = 4,
	.due = UINT64_MAX,
	.validator = { 5, -6, 7 },
	.known = { 8, 9 },
	.bytes = 10,
	.key = "k\0ey",
	.key_length = 4,
	.slots = wire_slots,
	.slot_count = 4,
};

static void wire_same_slots(const struct item *item, const struct item *other)
{
	assert_int_equal(item->slot_count, other->slot_count);
	for (size_t i = 0; i < item->slot_count && item->slots && other->slots; i++) {
		const struct slot *slot = &item->slots[i], *twin = &other->slots[i];
		assert_int_equal(slot->data == NULL, twin->data == NULL);
		assert_int_equal(slot->secret, twin->secret);
		assert_int_equal(slot->length, twin->length);
		if (slot->data && twin->data)
			assert_memory_equal(slot->data, twin->data, slot->length);
	}
}

static void wire_same(const struct item *item, const struct item *other)
{
	assert_true(digest_equal(item->id, other->id));
	assert_int_equal(item->attempt, other->attempt);
	assert_int_equal(item->ticket, other->ticket);
	assert_true(item->due == other->due);
	assert_memory_equal(&item->validator, &other->validator, sizeof(item->validator));
	assert_true(digest_equal(item->known, other->known));
	assert_int_equal(item->bytes, other->bytes);
	assert_int_equal(item->key_length, other->key_length);
	assert_memory_equal(item->key, other->key, item->key_length);
	wire_same_slots(item, other);
}

/* A reader of what `text` holds, in pieces of `piece` bytes, and of nothing after it. */
static struct wire_reader wire_reader_of(const struct text *text, size_t piece)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	for (size_t at = 0; at < text->length; at += piece) {
		size_t left = text->length - at;
		assert_true(send(pair[0], text->data + at, left < piece ? left : piece, 0) > 0);
	}
	close(pair[0]);
	return (struct wire_reader){ .file = pair[1] };
}

static void wire_reader_end(struct wire_reader *reader)
{
	wire_reader_finish(reader);
	close(reader->file);
}

static void test_wire_items_cross(void **state)
{
	(void)state;
	const struct item bare = { .key = "", .attempt = 1 };
	struct text text = { .data = NULL };
	wire_add_item(&text, &wire_example);
	wire_add_item(&text, &bare);
	wire_add_item(&text, &wire_example);
	static const size_t pieces[] = { 65000, 7, 100 };
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct wire_reader reader = wire_reader_of(&text, pieces[i]);
		struct item item;
		assert_true(wire_read_item(&reader, &item));
		wire_same(&item, &wire_example);
		assert_true(wire_read_item(&reader, &item));
		wire_same(&item, &bare);
		assert_true(wire_read_item(&reader, &item));
		wire_same(&item, &wire_example);
		assert_false(wire_read_item(&reader, &item));
		wire_reader_end(&reader);
	}
	text_finish(&text);
}

/* Whatever is cut off or changed, nothing outside the message is read. */
static void test_wire_refuses_nonsense(void **state)
{
	(void)state;
	struct text whole = { .data = NULL };
	wire_add_item(&whole, &wire_example);
	for (size_t length = 0; length < whole.length; length++) {
		struct text part = { .data = whole.data, .length = length };
		struct wire_reader reader = wire_reader_of(&part, 65000);
		struct item item;
		assert_false(wire_read_item(&reader, &item));
		wire_reader_end(&reader);
	}
	for (size_t at = 0; at < whole.length; at++) {
		char before = whole.data[at];
		whole.data[at] = (char)~before;
		struct wire_reader reader = wire_reader_of(&whole, 65000);
		struct item item;
		if (wire_read_item(&reader, &item))
			assert_int_equal(item.slot_count, wire_example.slot_count);
		wire_reader_end(&reader);
		whole.data[at] = before;
	}
	text_finish(&whole);
}

static void test_wire_judges_replies(void **state)
{
	(void)state;
	struct outcome outcome = outcome_of(&wire_example, OUTCOME_FAILED);
	outcome.error = (struct error){ ERROR_DAMAGED, BLAME_ITEM, "cut short" };
	struct wire_reply good;
	wire_fill_reply(&good, WIRE_OUTCOME, &outcome);
	assert_true(wire_reply_sound(&good));
	assert_int_equal(good.outcome.ticket, 4);
	assert_string_equal(good.outcome.error.text, "cut short");

	struct wire_reply bad = good;
	bad.mark++;
	assert_false(wire_reply_sound(&bad));
	bad = good;
	bad.kind = 0;
	assert_false(wire_reply_sound(&bad));
	bad.kind = WIRE_OUTCOME + 1;
	assert_false(wire_reply_sound(&bad));
	bad = good;
	bad.outcome.status = OUTCOME_CANCELLED + 1;
	assert_false(wire_reply_sound(&bad));
	bad = good;
	memset(bad.outcome.error.text, 'x', sizeof(bad.outcome.error.text));
	assert_false(wire_reply_sound(&bad));
	bad = good;
	memset(bad.outcome.late, 'x', sizeof(bad.outcome.late));
	assert_false(wire_reply_sound(&bad));
	bad = good;
	const uint32_t code = ERROR_CODES;
	memcpy(&bad.outcome.error.code, &code, sizeof(code));
	assert_false(wire_reply_sound(&bad));
	bad = good;
	bad.outcome.deed.verdict = DEED_VERDICTS;
	assert_false(wire_reply_sound(&bad));
	bad = good;
	bad.outcome.deed.wait_micros = -1;
	assert_false(wire_reply_sound(&bad));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire_items_cross),
		cmocka_unit_test(test_wire_refuses_nonsense),
		cmocka_unit_test(test_wire_judges_replies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
