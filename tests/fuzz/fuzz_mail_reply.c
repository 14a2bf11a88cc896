/* What an SMTP server may answer: any lines. Its words stay printable and bounded, a reply is
 * complete only where it has a code. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"
#include "stages/mail/transports/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_check(const struct reply *reply)
{
	if (reply->length >= REPLY_WORDS || reply->length != strlen(reply->words))
		abort();
	for (size_t at = 0; at < reply->length;) {
		const unsigned char *byte = (const unsigned char *)reply->words + at;
		const size_t bytes = text_utf8(byte, reply->length - at);
		if (bytes == 0 || *byte < ' ' || *byte == 0x7f)
			abort();
		at += bytes;
	}
	if (reply->complete && (reply->code < 200 || reply->code > 599))
		abort();
	if (reply_class(reply) > 5)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply reply = { 0 };
	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		const size_t length = end ? (size_t)(end - data) - at + 1 : size - at;
		char *line = malloc(length); /* nothing behind it may be read */
		memcpy(line, data + at, length);
		reply_take(&reply, line, length);
		free(line);
		fuzz_check(&reply);
		at += length;
	}
	return 0;
}
