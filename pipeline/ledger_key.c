#include "pipeline/ledger_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/files.h"

enum { KEY_HEX = LEDGER_KEY_BYTES * 2 };

static bool ledger_key_make(
	const char *path, unsigned char key[LEDGER_KEY_BYTES], struct error *err)
{
	char hex[KEY_HEX + 2];
	randombytes_buf(key, LEDGER_KEY_BYTES);
	sodium_bin2hex(hex, KEY_HEX + 1, key, LEDGER_KEY_BYTES);
	hex[KEY_HEX] = '\n';
	const bool fine = files_replace(path, hex, KEY_HEX + 1, 0600, err);
	sodium_memzero(hex, sizeof(hex));
	return fine;
}

static bool ledger_key_take(
	int file, const char *path, unsigned char key[LEDGER_KEY_BYTES], struct error *err)
{
	struct stat status;
	char hex[KEY_HEX];
	size_t bytes = 0;
	if (fstat(file, &status) != 0)
		return fail_errno(err, errno, "the key '%s'", path);
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return fail(err, ERROR_USAGE,
			"the key '%s' may be read by others than its owner: chmod 600 it, and take "
			"it for known if it was so for long",
			path);
	const bool read = files_read_all(file, hex, sizeof(hex)) == KEY_HEX;
	const bool fine =
		read &&
		sodium_hex2bin(key, LEDGER_KEY_BYTES, hex, KEY_HEX, NULL, &bytes, NULL) == 0 &&
		bytes == LEDGER_KEY_BYTES;
	sodium_memzero(hex, sizeof(hex));
	return fine || fail(err, ERROR_USAGE, "'%s' is no key: expected %d hexadecimal digits",
			       path, KEY_HEX);
}

bool ledger_key_read(
	const char *path, bool make, unsigned char key[LEDGER_KEY_BYTES], struct error *err)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file < 0 && errno == ENOENT && make)
		return ledger_key_make(path, key, err);
	if (file < 0 && errno == ENOENT)
		return fail(err, ERROR_USAGE,
			"the key '%s' is missing: restore it from a backup, or what is sealed "
			"under "
			"it is lost",
			path);
	if (file < 0)
		return fail_errno(err, errno, "the key '%s'", path);
	const bool fine = ledger_key_take(file, path, key, err);
	close(file);
	return fine;
}
