#include "stages/mail/transports/reply.h"

#include <string.h>

#include "pipeline/support/text.h"

enum { REPLY_LINE = 600 /* bytes that are looked at */ };

void reply_clear(struct reply *reply)
{
	*reply = (struct reply){ 0 };
}

static bool reply_is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* 0 where the line begins with no code. */
static uint32_t reply_code(const char *line, size_t length)
{
	if (length < 3 || line[0] < '2' || line[0] > '5' || !reply_is_digit(line[1]) ||
		!reply_is_digit(line[2]) || (length > 3 && line[3] != ' ' && line[3] != '-'))
		return 0;
	return (uint32_t)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

/* As much of it as there is room for, cut at the end of a character. */
static void reply_add(struct reply *reply, const char *data, size_t length)
{
	struct text safe = { 0 };
	text_add(&safe, " ", reply->length > 0);
	text_add_safe(&safe, data, length);
	size_t room = REPLY_WORDS - 1 - reply->length;
	if (safe.length > room)
		while (room > 0 && ((unsigned char)safe.data[room] & 0xc0) == 0x80)
			room--;
	const size_t bytes = safe.length < room ? safe.length : room;
	memcpy(reply->words + reply->length, safe.data, bytes);
	reply->length += bytes;
	reply->words[reply->length] = '\0';
	text_finish(&safe);
}

void reply_take(struct reply *reply, const char *line, size_t length)
{
	while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == '\n'))
		length--;
	if (length > REPLY_LINE)
		length = REPLY_LINE;
	if (reply->complete)
		reply_clear(reply);
	const uint32_t code = reply_code(line, length);
	const bool more = code && length > 3 && line[3] == '-';
	const size_t skip = code && reply->length > 0 ? (length > 3 ? 4 : 3) : 0;
	reply->code = code;
	reply->complete = code && !more;
	reply_add(reply, line + skip, length - skip);
}

unsigned reply_class(const struct reply *reply)
{
	return reply->complete ? reply->code / 100 : 0;
}
