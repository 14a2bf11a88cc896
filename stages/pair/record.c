#include "stages/pair/record.h"

#include <endian.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

_Static_assert(RECORD_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

static const char record_mark[8] = "nm-draw";

/* Behind the mark and the seed, each as 32 bits, little-endian. */
enum record_head {
	RECORD_VERSION,
	RECORD_PEOPLE,
	RECORD_KIND,
	RECORD_SIZE,
	RECORD_SOFT,
	RECORD_TRIES_LOW,
	RECORD_TRIES_HIGH,
	RECORD_ROUNDS,
	RECORD_COLUMNS,
	RECORD_WITHIN,
	RECORD_PAIRS,
	RECORD_MUST,
	RECORD_HEADS
};

static void record_add_numbers(struct text *text, const uint32_t *numbers, size_t count)
{
	enum { CHUNK = 1024 };
	uint32_t chunk[CHUNK];
	for (size_t i = 0; i < count; i += CHUNK) {
		const size_t now = count - i < CHUNK ? count - i : CHUNK;
		for (size_t k = 0; k < now; k++)
			chunk[k] = htole32(numbers[i + k]);
		text_add(text, chunk, now * sizeof(*chunk));
	}
}

static void record_add_pairs(const struct rules *rules, struct text *text)
{
	for (uint32_t giver = 0; giver < rules->people && rules->first; giver++) {
		for (uint32_t i = rules->first[giver]; i < rules->first[giver + 1]; i++) {
			const uint32_t pair[] = { giver, rules->receivers[i],
				rules->pair_rounds[i] };
			record_add_numbers(text, pair, 3);
		}
	}
	for (size_t i = 0; i < rules->must_count; i++) {
		const uint32_t pair[] = { rules->must[i].giver, rules->must[i].receiver };
		record_add_numbers(text, pair, 2);
	}
}

/* The record has tens of megabytes where a million people take part. */
static size_t record_bytes(const struct record *record)
{
	const struct rules *rules = &record->rules;
	const size_t pairs = rules->first ? rules->first[rules->people] : 0;
	size_t numbers = RECORD_HEADS + pairs * 3 + rules->must_count * 2, ids = 0;
	numbers += (rules->column_count + (rules->within != NULL) + 2) * rules->people;
	for (uint32_t i = 0; i < rules->people; i++)
		ids += record->ids[i].length;
	return sizeof(record_mark) + RANDOM_SEED_BYTES + numbers * sizeof(uint32_t) + ids;
}

void record_write(
	const struct record *record, struct text *text, unsigned char digest[RECORD_DIGEST_BYTES])
{
	const struct rules *rules = &record->rules;
	const size_t begin = text->length;
	const uint32_t head[RECORD_HEADS] = {
		[RECORD_VERSION] = DRAW_VERSION,
		[RECORD_PEOPLE] = rules->people,
		[RECORD_KIND] = record->shape.kind,
		[RECORD_SIZE] = record->shape.size,
		[RECORD_SOFT] = record->soft,
		[RECORD_TRIES_LOW] = (uint32_t)record->tries,
		[RECORD_TRIES_HIGH] = (uint32_t)(record->tries >> 32),
		[RECORD_ROUNDS] = rules->rounds,
		[RECORD_COLUMNS] = (uint32_t)rules->column_count,
		[RECORD_WITHIN] = rules->within != NULL,
		[RECORD_PAIRS] = rules->first ? rules->first[rules->people] : 0,
		[RECORD_MUST] = (uint32_t)rules->must_count,
	};
	text_reserve(text, record_bytes(record));
	text_add(text, record_mark, sizeof(record_mark));
	text_add(text, record->seed, RANDOM_SEED_BYTES);
	record_add_numbers(text, head, RECORD_HEADS);
	for (uint32_t i = 0; i < rules->people; i++) {
		record_add_numbers(text, &record->ids[i].length, 1);
		text_add(text, record->ids[i].data, record->ids[i].length);
	}
	for (size_t i = 0; i < rules->column_count; i++)
		record_add_numbers(text, rules->columns[i], rules->people);
	if (rules->within)
		record_add_numbers(text, rules->within, rules->people);
	record_add_pairs(rules, text);
	crypto_hash_sha256(digest, (const unsigned char *)text->data + begin, text->length - begin);
	record_add_numbers(text, record->receiver, rules->people);
}

/* Bytes that are still to be read. */
struct record_reader {
	const unsigned char *at;
	size_t left;
	bool broken;
};

static const unsigned char *record_take(struct record_reader *reader, size_t bytes)
{
	if (reader->left < bytes) {
		reader->broken = true;
		reader->left = 0;
		return NULL;
	}
	const unsigned char *at = reader->at;
	reader->at += bytes;
	reader->left -= bytes;
	return at;
}

/* `count` numbers, each at most `most`, as an array of their own. */
static uint32_t *record_take_numbers(struct record_reader *reader, size_t count, uint32_t most)
{
	const unsigned char *bytes = count <= reader->left / sizeof(uint32_t)
					     ? record_take(reader, count * sizeof(uint32_t))
					     : record_take(reader, SIZE_MAX);
	uint32_t *numbers = bytes ? memory_alloc((count + 1) * sizeof(*numbers)) : NULL;
	for (size_t i = 0; numbers && i < count; i++) {
		memcpy(&numbers[i], bytes + i * sizeof(uint32_t), sizeof(uint32_t));
		numbers[i] = le32toh(numbers[i]);
		reader->broken = reader->broken || numbers[i] > most;
	}
	return numbers;
}

static void record_read_ids(struct record *record, struct record_reader *reader)
{
	const uint32_t people = record->rules.people;
	if (people > reader->left / sizeof(uint32_t)) {
		reader->broken = true;
		return;
	}
	record->ids = memory_alloc((people + 1) * sizeof(*record->ids));
	for (uint32_t i = 0; i < people && !reader->broken; i++) {
		uint32_t *length = record_take_numbers(reader, 1, UINT32_MAX);
		const unsigned char *data = length ? record_take(reader, *length) : NULL;
		record->ids[i] = (struct slot){ (const char *)data, length ? *length : 0, true };
		free(length);
	}
}

static void record_read_pairs(
	struct record *record, struct record_reader *reader, const uint32_t *head)
{
	struct rules *rules = &record->rules;
	const size_t pairs = head[RECORD_PAIRS], musts = head[RECORD_MUST];
	uint32_t *numbers = record_take_numbers(reader, pairs * 3, UINT32_MAX);
	uint32_t *must = record_take_numbers(reader, musts * 2, rules->people - 1);
	if (!reader->broken && pairs) {
		struct rules_pair *list = memory_alloc(pairs * sizeof(*list));
		for (size_t i = 0; i < pairs; i++) {
			list[i] = (struct rules_pair){ numbers[i * 3], numbers[i * 3 + 1],
				numbers[i * 3 + 2] };
			reader->broken = reader->broken || list[i].giver >= rules->people ||
					 list[i].receiver >= rules->people ||
					 list[i].round > RULES_ROUNDS;
		}
		if (!reader->broken)
			rules_forbid(rules, list, pairs);
		free(list);
	}
	if (!reader->broken && musts) {
		struct rules_pair *list = memory_alloc(musts * sizeof(*list));
		for (size_t i = 0; i < musts; i++)
			list[i] = (struct rules_pair){ must[i * 2], must[i * 2 + 1], 0 };
		rules->must = list;
		rules->must_count = musts;
	}
	free(numbers);
	free(must);
}

static bool record_take_head(
	struct record *record, struct record_reader *reader, const uint32_t *head)
{
	const bool fits = head[RECORD_KIND] <= SHAPE_GROUPS && head[RECORD_SIZE] <= 3 &&
			  head[RECORD_COLUMNS] <= RULES_COLUMNS && head[RECORD_PEOPLE] > 0 &&
			  (head[RECORD_KIND] != SHAPE_GROUPS || head[RECORD_SIZE] >= 2);
	if (!fits)
		return false;
	record->rules.people = head[RECORD_PEOPLE];
	record->rules.rounds = head[RECORD_ROUNDS];
	record->shape = (struct shape){ (enum shape_kind)head[RECORD_KIND], head[RECORD_SIZE] };
	record->soft = head[RECORD_SOFT];
	record->tries = (uint64_t)head[RECORD_TRIES_HIGH] << 32 | head[RECORD_TRIES_LOW];
	record_read_ids(record, reader);
	for (size_t i = 0; i < head[RECORD_COLUMNS] && !reader->broken; i++)
		record->rules.columns[record->rules.column_count++] =
			record_take_numbers(reader, record->rules.people, record->rules.people);
	if (head[RECORD_WITHIN] && !reader->broken)
		record->rules.within =
			record_take_numbers(reader, record->rules.people, record->rules.people);
	if (!reader->broken)
		record_read_pairs(record, reader, head);
	return !reader->broken;
}

bool record_read(struct record *record, const void *data, size_t length, struct error *err)
{
	struct record_reader reader = { data, length, false };
	*record = (struct record){ 0 };
	const unsigned char *mark = record_take(&reader, sizeof(record_mark));
	const unsigned char *seed = record_take(&reader, RANDOM_SEED_BYTES);
	uint32_t *head = record_take_numbers(&reader, RECORD_HEADS, UINT32_MAX);
	bool fine = head && memcmp(mark, record_mark, sizeof(record_mark)) == 0;
	if (fine && head[RECORD_VERSION] != DRAW_VERSION) {
		fail(err, ERROR_UNSUPPORTED,
			"the draw was made by version %u of the algorithm, this program knows %d",
			head[RECORD_VERSION], DRAW_VERSION);
		free(head);
		return false;
	}
	if (fine) {
		memcpy(record->seed, seed, RANDOM_SEED_BYTES);
		fine = record_take_head(record, &reader, head);
	}
	if (fine) {
		crypto_hash_sha256(record->digest, data, length - reader.left);
		record->receiver = record_take_numbers(
			&reader, record->rules.people, record->rules.people - 1);
		fine = !reader.broken && reader.left == 0;
	}
	free(head);
	if (!fine) {
		record_finish(record);
		return fail(err, ERROR_DAMAGED, "the draw in the ledger makes no sense");
	}
	return true;
}

void record_finish(struct record *record)
{
	for (size_t i = 0; i < record->rules.column_count; i++)
		free((void *)(uintptr_t)record->rules.columns[i]);
	free((void *)(uintptr_t)record->rules.within);
	free((void *)(uintptr_t)record->rules.must);
	rules_finish(&record->rules);
	if (!record->ids_borrowed)
		free(record->ids);
	free(record->receiver);
	*record = (struct record){ 0 };
}

uint32_t record_find(const struct record *record, const char *id, size_t length)
{
	uint32_t low = 0, high = record->rules.people;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct slot *slot = &record->ids[middle];
		const size_t least = slot->length < length ? slot->length : length;
		int order = memcmp(slot->data, id, least);
		if (order == 0)
			order = (slot->length > length) - (slot->length < length);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}
