#include "pipeline/item.h"

#include <string.h>

#include "pipeline/support/text.h"

static bool fields_unknown(const struct fields *fields, const char *name, struct error *err)
{
	const char *nearest = text_nearest(name, fields->names, fields->count);
	if (nearest)
		return fail(
			err, ERROR_USAGE, "unknown field '%s' (did you mean '%s'?)", name, nearest);
	struct text known = { 0 };
	text_add_string(&known, fields->count ? "" : "none");
	for (size_t i = 0; i < fields->count; i++)
		text_addf(&known, "%s%s", i ? ", " : "", fields->names[i]);
	fail(err, ERROR_USAGE, "unknown field '%s'; known are: %s", name, known.data);
	text_finish(&known);
	return false;
}

bool fields_find(const struct fields *fields, const char *name, size_t *slot, struct error *err)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (strcmp(fields->names[i], name) != 0)
			continue;
		*slot = i;
		if (fields->used)
			fields->used[i] = true;
		return true;
	}
	return fields_unknown(fields, name, err);
}

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

void outcome_deed(
	struct outcome *outcome, enum deed_verdict verdict, uint32_t code, const char *words)
{
	static const enum error_code codes[DEED_VERDICTS] = {
		[DEED_ACCEPTED] = ERROR_NONE,
		[DEED_DEFERRED] = ERROR_DEFERRED,
		[DEED_FAILED] = ERROR_REFUSED,
		[DEED_DOUBT] = ERROR_DOUBT,
	};
	outcome->deed.verdict = verdict;
	outcome->deed.code = code;
	outcome->status = verdict == DEED_ACCEPTED ? OUTCOME_MADE : OUTCOME_FAILED;
	fail(&outcome->error, codes[verdict], "%s", words);
	if (verdict == DEED_ACCEPTED)
		outcome->error.blame = BLAME_NONE;
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
