#include "pipeline/ledger_seal.h"

#include <sodium.h>
#include <string.h>

#include "pipeline/support/text.h"

enum {
	PIECE_BYTES = 1 << 16,
	HEAD_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	MORE_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES, /* for each piece */
	LAST = crypto_secretstream_xchacha20poly1305_TAG_FINAL,
};

_Static_assert(LEDGER_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "one key");

/* An empty value is one empty piece. */
static size_t seal_pieces(size_t length)
{
	return length == 0 ? 1 : (length + PIECE_BYTES - 1) / PIECE_BYTES;
}

size_t ledger_sealed_bytes(size_t length)
{
	return HEAD_BYTES + length + seal_pieces(length) * MORE_BYTES;
}

bool ledger_unsealed_bytes(size_t sealed, size_t *length)
{
	if (sealed < HEAD_BYTES + MORE_BYTES)
		return false;
	const size_t rest = sealed - HEAD_BYTES, whole = PIECE_BYTES + MORE_BYTES;
	*length = rest - (rest + whole - 1) / whole * MORE_BYTES;
	return ledger_sealed_bytes(*length) == sealed;
}

static void seal_bind(const struct ledger_seal *seal, struct text *bound)
{
	text_add(bound, seal->scope, strlen(seal->scope) + 1);
	text_add(bound, seal->name, strlen(seal->name));
}

bool ledger_seal_write(
	const struct ledger_seal *seal, sqlite3_blob *blob, const void *value, size_t length)
{
	crypto_secretstream_xchacha20poly1305_state state;
	unsigned char piece[PIECE_BYTES + MORE_BYTES];
	const unsigned char *from = value;
	struct text bound = { 0 };
	seal_bind(seal, &bound);
	crypto_secretstream_xchacha20poly1305_init_push(&state, piece, seal->key);
	bool fine = sqlite3_blob_write(blob, piece, HEAD_BYTES, 0) == SQLITE_OK;
	size_t at = HEAD_BYTES;
	for (size_t left = seal_pieces(length); fine && left > 0; left--) {
		const size_t now = length < PIECE_BYTES ? length : PIECE_BYTES;
		crypto_secretstream_xchacha20poly1305_push(&state, piece, NULL, from, now,
			(const unsigned char *)bound.data, bound.length, left == 1 ? LAST : 0);
		fine = sqlite3_blob_write(blob, piece, (int)(now + MORE_BYTES), (int)at) ==
		       SQLITE_OK;
		at += now + MORE_BYTES;
		from += now;
		length -= now;
	}
	text_finish(&bound);
	sodium_memzero(&state, sizeof(state));
	return fine;
}

bool ledger_seal_read(
	const struct ledger_seal *seal, sqlite3_blob *blob, void *value, size_t length)
{
	crypto_secretstream_xchacha20poly1305_state state;
	unsigned char piece[PIECE_BYTES + MORE_BYTES];
	unsigned char *to = value, tag = 0;
	struct text bound = { 0 };
	seal_bind(seal, &bound);
	bool fine = sqlite3_blob_read(blob, piece, HEAD_BYTES, 0) == SQLITE_OK &&
		    crypto_secretstream_xchacha20poly1305_init_pull(&state, piece, seal->key) == 0;
	size_t at = HEAD_BYTES;
	for (size_t left = seal_pieces(length); fine && left > 0; left--) {
		const size_t now = length < PIECE_BYTES ? length : PIECE_BYTES;
		fine = sqlite3_blob_read(blob, piece, (int)(now + MORE_BYTES), (int)at) ==
			       SQLITE_OK &&
		       crypto_secretstream_xchacha20poly1305_pull(&state, to, NULL, &tag, piece,
			       now + MORE_BYTES, (const unsigned char *)bound.data,
			       bound.length) == 0;
		at += now + MORE_BYTES;
		to += now;
		length -= now;
	}
	text_finish(&bound);
	sodium_memzero(&state, sizeof(state));
	return fine && tag == LAST;
}
