#include "pipeline/item.h"

#include <string.h>

const char *outcome_word(uint32_t status)
{
	static const char *const words[] = {
		[OUTCOME_MADE] = "made",
		[OUTCOME_UNCHANGED] = "unchanged",
		[OUTCOME_IGNORED] = "ignored",
		[OUTCOME_FAILED] = "failed",
		[OUTCOME_CANCELLED] = "cancelled",
	};
	return status < sizeof(words) / sizeof(*words) ? words[status] : "unknown";
}

struct outcome outcome_of(const struct item *item, enum outcome_status status)
{
	return (struct outcome){
		.id = item->id,
		.attempt = item->attempt,
		.ticket = item->ticket,
		.status = status,
	};
}

void outcome_copy(struct outcome *to, const struct outcome *from)
{
	const size_t head = offsetof(struct outcome, error.text),
		     most = sizeof(from->error.text) - 1;
	const size_t length = strnlen(from->error.text, most);
	memcpy(to, from, head);
	memcpy(to->error.text, from->error.text, length);
	to->error.text[length] = '\0';
}
