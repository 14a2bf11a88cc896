#include "pipeline/deed_verbs.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/command.h"
#include "pipeline/support/clock.h"

static const uint32_t verbs_doubts = 1U << LEDGER_DOUBT | 1U << LEDGER_SENDING;

struct verbs_listing {
	uint64_t count, most; /* 0: any number */
};

static void verbs_field(const char *bytes, size_t length)
{
	putchar('\t');
	command_print(bytes, length);
}

static bool verbs_print(void *context, const struct ledger_deed *row)
{
	struct verbs_listing *listing = context;
	char when[CLOCK_TEXT_BYTES];
	clock_text(row->changed_nanos, when);
	fputs(ledger_state_word(row->state), stdout);
	verbs_field(when, strlen(when));
	verbs_field(row->label, strlen(row->label));
	verbs_field(row->key, row->key_length);
	verbs_field(row->words, strlen(row->words));
	putchar('\n');
	return ++listing->count != listing->most;
}

static bool verbs_list(const struct stage_desk *desk, const struct head_words *words,
	uint32_t states, uint64_t *count, struct error *err)
{
	struct verbs_listing listing = { .most = words->limit };
	const struct ledger_filter filter = {
		.job = desk->job,
		.states = states,
		.word = words->operand,
	};
	const bool fine = ledger_walk(desk->ledger, &filter, verbs_print, &listing, err);
	*count = listing.count;
	return fine;
}

bool deed_verbs_list(const struct stage_desk *desk, const struct head_words *words, uint32_t states,
	struct error *err)
{
	uint64_t count;
	return verbs_list(desk, words, states, &count, err);
}

bool deed_verbs_doubts(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	uint64_t count = 0;
	if (!verbs_list(desk, words, verbs_doubts, &count, err))
		return false;
	if (count > 0)
		*status = EXIT_ITEMS_FAILED;
	return true;
}

/* The ids of what is in doubt: rows must not be changed while they are walked. */
struct verbs_ids {
	struct arena arena;
	struct verbs_id {
		struct verbs_id *next;
		struct digest id;
	} * first;
};

static bool verbs_note(void *context, const struct ledger_deed *row)
{
	struct verbs_ids *ids = context;
	struct verbs_id *id = arena_alloc(&ids->arena, sizeof(*id));
	*id = (struct verbs_id){ ids->first, row->id };
	ids->first = id;
	return true;
}

static bool verbs_read_as(const char *as, enum ledger_state *to, struct error *err)
{
	*to = !as                        ? LEDGER_NONE
	      : strcmp(as, "done") == 0  ? LEDGER_ACCEPTED
	      : strcmp(as, "again") == 0 ? LEDGER_PLANNED
	      : strcmp(as, "never") == 0 ? LEDGER_FAILED
					 : LEDGER_NONE;
	return *to != LEDGER_NONE ||
	       fail(err, ERROR_USAGE,
		       "--as '%s': expected done (the world has it), again (it does not, and is to "
		       "be tried) or never (it is not to be tried)",
		       as ? as : "");
}

static bool verbs_settle(const struct stage_desk *desk, const struct verbs_ids *ids,
	enum ledger_state to, uint64_t *count, struct error *err)
{
	*count = 0;
	for (const struct verbs_id *id = ids->first; id; id = id->next, ++*count)
		if (!ledger_resolve(desk->ledger, desk->job, id->id, to, err))
			return false;
	return true;
}

bool deed_verbs_resolve(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	struct verbs_ids ids = { .first = NULL };
	enum ledger_state to;
	uint64_t count = 0;
	const struct ledger_filter filter = {
		.job = desk->job,
		.states = verbs_doubts,
		.word = words->operand,
	};
	(void)status;
	if (!verbs_read_as(words->as, &to, err))
		return false;
	if (!words->operand && !words->yes)
		return fail(err, ERROR_USAGE, "which one? All that are in doubt: --yes");
	bool fine = ledger_walk(desk->ledger, &filter, verbs_note, &ids, err) &&
		    verbs_settle(desk, &ids, to, &count, err);
	arena_finish(&ids.arena);
	if (fine && count == 0 && words->operand)
		fine = fail(err, ERROR_MISSING, "nothing in doubt is called '%s'", words->operand);
	if (fine)
		printf("%llu resolved\n", (unsigned long long)count);
	return fine;
}
