#include "stages/mail/box_source.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/digest.h"
#include "stages/mail/address.h"
#include "stages/mail/box.h"
#include "stages/mail/reading.h"

static const char *const box_fields[] = { BOX_FILE, BOX_FROM, BOX_TO, BOX_DOMAIN, BOX_ID, BOX_DATED,
	BOX_DIGEST, NULL };

enum { BOX_FIELDS = sizeof(box_fields) / sizeof(*box_fields) - 1 };

static const struct option box_options[] = { { .name = NULL } };

struct box_reader {
	const struct box_settings *settings;
	const struct source_setup *setup;
	struct box box;
	size_t next; /* mail */
	struct text bytes, key;
	struct source_counts counts;
};

static struct option_list box_source_roots(const void *settings)
{
	const struct box_settings *rows = settings;
	return rows->roots;
}

static bool box_source_open(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	const struct box_settings *rows = settings;
	struct box_reader *reader = memory_zeroed(1, sizeof(*reader));
	reader->settings = rows;
	reader->setup = setup;
	if (!box_open(&reader->box, rows->root, err)) {
		free(reader);
		return false;
	}
	*source = reader;
	return true;
}

/* Of an envelope: one that was changed by hand may be anything. */
static bool box_address(const char *mailbox, const char *header, struct arena *arena,
	struct address *address, struct error *err)
{
	if (!*mailbox) {
		fail(err, ERROR_UNSUPPORTED, "%s: expected one mail address", header);
		return false;
	}
	return address_read(mailbox, strlen(mailbox), arena, address, err) ||
	       error_where(err, "%s", header);
}

static struct slot box_slot(struct arena *arena, const char *text)
{
	const size_t length = strlen(text);
	if (length == 0)
		return (struct slot){ 0 };
	return (struct slot){ .data = arena_copy(arena, text, length), .length = (uint32_t)length };
}

static bool box_describe(struct box_reader *reader, const char *name, struct arena *arena,
	struct slot *slots, struct error *err)
{
	struct reading mail;
	struct address from, to;
	char hex[DIGEST_HEX_BYTES];
	if (!box_read(reader->box.folder, name, &reader->bytes, err) ||
		!reading_take(reader->bytes.data, reader->bytes.length, arena, &mail, err) ||
		!box_address(mail.sender, "From", arena, &from, err) ||
		!box_address(mail.recipient, "To", arena, &to, err))
		return false;
	digest_hex(digest_of(reader->bytes.data, reader->bytes.length), hex);
	const char *const texts[BOX_FIELDS] = { name, from.mailbox, to.mailbox,
		address_pace(&to, arena), mail.id, *mail.date ? "yes" : "", hex };
	for (size_t i = 0; i < BOX_FIELDS; i++)
		slots[i] = box_slot(arena, texts[i]);
	return true;
}

static void box_source_add(struct box_reader *reader, const char *name, struct batch *batch)
{
	struct slot *slots = arena_alloc(&batch->arena, BOX_FIELDS * sizeof(*slots));
	struct error err;
	if (!box_describe(reader, name, &batch->arena, slots, &err)) {
		reader->counts.unreadable++;
		reader->setup->complain(reader->setup->context, name, &err);
		return;
	}
	text_clear(&reader->key);
	reader->settings->outbox->key(name, &reader->key);
	batch->items[batch->count++] = (struct item){
		.key = arena_copy(&batch->arena, reader->key.data, reader->key.length),
		.key_length = reader->key.length,
		.bytes = reader->bytes.length,
		.slots = slots,
		.slot_count = BOX_FIELDS,
	};
	reader->counts.items++;
	reader->counts.bytes += reader->bytes.length;
}

static bool box_source_step(void *source, struct batch *batch, struct error *err)
{
	struct box_reader *reader = source;
	(void)err;
	batch->count = 0;
	while (batch->count < ITEM_STEP && reader->next < reader->box.count)
		box_source_add(reader, reader->box.mails[reader->next++].name, batch);
	return true;
}

static const struct source_counts *box_source_counts(const void *source)
{
	const struct box_reader *reader = source;
	return &reader->counts;
}

static void box_source_close(void *source)
{
	struct box_reader *reader = source;
	if (!reader)
		return;
	box_close(&reader->box);
	text_finish(&reader->bytes);
	text_finish(&reader->key);
	free(reader);
}

const struct source_plugin box_source = {
	.plugin = { "outbox", "The mails of an outbox.", box_options, sizeof(struct box_settings) },
	.fields = box_fields,
	.roots = box_source_roots,
	.open = box_source_open,
	.step = box_source_step,
	.counts = box_source_counts,
	.close = box_source_close,
};
