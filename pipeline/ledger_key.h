#ifndef NIGHTMILL_LEDGER_KEY_H
#define NIGHTMILL_LEDGER_KEY_H

/* The key that facts are sealed with: 32 random bytes as hexadecimal digits in a file of its own,
 * mode 0600. */

#include <stdbool.h>

#include "pipeline/support/error.h"

enum { LEDGER_KEY_BYTES = 32 };

/* Reads the key at `path`, or makes it where `make` and there is none. A file that others than its
 * owner may read is refused. */
bool ledger_key_read(
	const char *path, bool make, unsigned char key[LEDGER_KEY_BYTES], struct error *err);

#endif
