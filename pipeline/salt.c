#include "pipeline/salt.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/ledger.h"

static bool salt_read(struct salt *salt, struct error *err)
{
	struct arena arena = { 0 };
	const char *path = ledger_key_path(salt->state, &arena);
	bool absent = salt->look_only && access(path, F_OK) != 0;
	salt->ready = absent || ledger_key_read(path, false, salt->key, err);
	arena_finish(&arena);
	return salt->ready;
}

bool salt_digest(struct salt *salt, const struct text *text, uint64_t *digest, struct error *err)
{
	unsigned char bytes[crypto_generichash_BYTES];
	if (!salt->ready && !salt_read(salt, err))
		return false;
	crypto_generichash(bytes, sizeof(bytes), (const unsigned char *)text->data, text->length,
		salt->key, sizeof(salt->key));
	memcpy(digest, bytes, sizeof(*digest));
	return true;
}
