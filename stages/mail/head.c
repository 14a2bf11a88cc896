#include "stages/mail/head.h"

#include <string.h>

static const char *const head_names[] = { "From", "Reply-To", "To", "Subject", "Date", "Message-Id",
	"Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version",
	"Content-Type", "Content-Transfer-Encoding", "Content-Disposition" };

enum { HEAD_NAMES = sizeof(head_names) / sizeof(*head_names) };

/* The number of the header that the line begins; HEAD_NAMES: of none. */
static size_t head_number(const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	const size_t name = colon ? (size_t)(colon - line) : 0;
	size_t i = 0;
	while (i < HEAD_NAMES &&
		!(strlen(head_names[i]) == name && memcmp(head_names[i], line, name) == 0))
		i++;
	return i;
}

static bool head_line_fine(const char *line, size_t length, unsigned *seen)
{
	if (*line == ' ' || *line == '\t')
		return *seen != 0;
	const size_t number = head_number(line, length);
	if (number == HEAD_NAMES || *seen >> number & 1)
		return false;
	*seen |= 1U << number;
	return true;
}

bool head_is_whole(const char *bytes, size_t length)
{
	unsigned seen = 0;
	for (size_t at = 0; at < length;) {
		const char *line = bytes + at;
		const char *end = memmem(line, length - at, "\r\n", 2);
		if (!end || end == line)
			return end;
		if (!head_line_fine(line, (size_t)(end - line), &seen))
			return false;
		at += (size_t)(end - line) + 2;
	}
	return false;
}
