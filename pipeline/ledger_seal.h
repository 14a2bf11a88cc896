#ifndef NIGHTMILL_LEDGER_SEAL_H
#define NIGHTMILL_LEDGER_SEAL_H

/* Sealed values: encrypted and authenticated (libsodium's secret stream, XChaCha20-Poly1305), piece
 * by piece straight into and out of the database, so that a large one is in memory once. Each is
 * bound to its scope and key: it cannot be moved to another fact. */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "pipeline/ledger_key.h"

struct ledger_seal {
	const unsigned char *key;
	const char *scope, *name; /* of the fact */
};

/* Bytes that a value of this length takes when it is sealed. */
size_t ledger_sealed_bytes(size_t length);

/* Bytes of the value in `sealed` bytes; false where nothing sealed has this size. */
bool ledger_unsealed_bytes(size_t sealed, size_t *length);

/* Fills the blob, which has ledger_sealed_bytes(length). False where the database fails. */
bool ledger_seal_write(
	const struct ledger_seal *seal, sqlite3_blob *blob, const void *value, size_t length);

/* Fills `value` from the blob. False where that was changed, or sealed with another key. */
bool ledger_seal_read(
	const struct ledger_seal *seal, sqlite3_blob *blob, void *value, size_t length);

#endif
