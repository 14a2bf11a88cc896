#include "stages/pair/message.h"

#include <inttypes.h>
#include <string.h>

static void message_person(const struct message *message, uint32_t person, struct text *text)
{
	const struct slot *id = &message->ids[person];
	text_add_string(text, "'");
	text_add_safe(text, id->data, id->length);
	text_add_string(text, "'");
}

void message_people(
	const struct message *message, const uint32_t *people, size_t count, struct text *text)
{
	const size_t shown = count > message->most ? message->most : count;
	for (size_t i = 0; i < shown; i++) {
		const bool last = i + 1 == count;
		text_add_string(text, i == 0 ? "" : last ? " and " : ", ");
		message_person(message, people[i], text);
	}
	if (count > shown)
		text_addf(text, " and %zu more", count - shown);
}

/* Numbers of columns: those of `exclude`, then those of `across`. */
static const char *message_column(const struct message *message, uint32_t column)
{
	const struct settings *rows = message->pair->settings;
	return column < rows->exclude.count ? rows->exclude.items[column]
					    : rows->across.items[column - rows->exclude.count];
}

static const char *message_round(const struct message *message, uint32_t round)
{
	return round >= 1 && round <= message->round_count ? message->rounds[round - 1] : "?";
}

static void message_fix(
	const struct message *message, const struct draw_fix *fix, struct text *text)
{
	switch (fix->kind) {
	case FIX_HISTORY:
		text_addf(text, "whom ");
		message_person(message, fix->giver, text);
		text_addf(text, " had in round '%s'", message_round(message, fix->round));
		break;
	case FIX_PAIR:
		text_add_string(text, "never ");
		message_person(message, fix->giver, text);
		text_add_string(text, " to ");
		message_person(message, fix->receiver, text);
		break;
	case FIX_SHARED:
		text_addf(text, "the %s of ", message_column(message, fix->column));
		message_person(message, fix->giver, text);
		break;
	case FIX_ROUNDS:
		text_addf(text, "the history from round '%s' back",
			message_round(message, fix->round));
		break;
	case FIX_COLUMN:
		text_addf(text, "'%s' at all", message_column(message, fix->column));
		break;
	case FIX_MUST:
		text_add_string(text, "must of ");
		message_person(message, fix->giver, text);
	}
}

static void message_group(
	const struct message *message, const struct draw_reason *reason, struct text *text)
{
	const bool groups = message->pair->shape.kind == SHAPE_GROUPS;
	message_people(message, reason->givers, reason->giver_count, text);
	if (groups) {
		text_add_string(text, " may meet no one");
		return;
	}
	text_add_string(text, " may give to ");
	if (reason->receiver_count == 0)
		text_add_string(text, "no one");
	message_people(message, reason->receivers, reason->receiver_count, text);
	if (reason->receiver_count > 0)
		text_add_string(text, " alone");
}

static void message_obstacle(
	const struct message *message, const struct draw_reason *reason, struct text *text)
{
	switch (reason->obstacle) {
	case DRAW_GROUP:
		message_group(message, reason, text);
		break;
	case DRAW_SHARED:
		text_addf(text, "%u people have the same %s and may give to the %u others alone",
			reason->giver_count, message_column(message, reason->column),
			reason->receiver_count);
		break;
	case DRAW_ALONE:
		message_people(message, reason->givers, 1, text);
		text_add_string(text, " is alone");
		break;
	case DRAW_MUST_LOOP:
		text_add_string(text, "the must pairs make a ring with ");
		message_people(message, reason->givers, 1, text);
		text_add_string(text, " in it that leaves others out");
		break;
	case DRAW_MUST_APART:
		text_add_string(text, "must gives ");
		message_people(message, reason->givers, 1, text);
		text_add_string(text, " someone who is not within the same group");
		break;
	case DRAW_NO_LOOP:
		text_add_string(text, "there is no single ring, though there would be several");
		break;
	case DRAW_NO_GROUPS:
		text_add_string(text, "no way to make groups keeps all rules");
		break;
	case DRAW_NOT_FOUND:
		text_add_string(text, "none was found, though there may be one; more tries may "
				      "help, or a rule less");
	}
}

void message_impossible(
	const struct message *message, const struct draw_reason *reason, struct text *text)
{
	text_addf(text, "round '%s' cannot be drawn: ", message->pair->settings->round);
	message_obstacle(message, reason, text);
	if (reason->fix_count == 0)
		return;
	text_add_string(text, reason->all_fixes == 1
				      ? "; it could be without this rule: "
				      : "; it could be without one of these rules: ");
	uint32_t shown = 0;
	for (; shown < reason->fix_count && shown < message->most; shown++) {
		text_add_string(text, shown ? "; " : "");
		message_fix(message, &reason->fixes[shown], text);
	}
	if (reason->all_fixes > shown)
		text_addf(text, "; and %u more", reason->all_fixes - shown);
}

void message_method(
	const struct message *message, const struct draw_result *result, struct text *text)
{
	uint32_t people = 0;
	for (int i = 0; i < DRAW_METHODS; i++)
		people += result->people[i];
	text_addf(text, "round '%s' is drawn: %u people, ", message->pair->settings->round, people);
	if (result->people[DRAW_WALKED])
		text_addf(text,
			"nearly uniform: about %.1f of the pairs of each are forbidden, too many "
			"to "
			"hit upon a draw by chance, so one was found and shaken",
			result->lambda);
	else if (result->draws)
		text_addf(text, "one of %" PRIu64 " draws, each as likely: all were counted",
			result->draws);
	else if (result->people[DRAW_REJECTED])
		text_addf(text,
			"each draw as likely: whole draws were thrown away until one kept all "
			"rules "
			"(%" PRIu64 " tries; about %.1f forbidden for each)",
			result->tries, result->lambda);
	else if (result->people[DRAW_COUNTED])
		text_add_string(text, "each draw as likely: all were counted, part by part");
	else
		text_add_string(text, "the rules leave one draw alone");
}
