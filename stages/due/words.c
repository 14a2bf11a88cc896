#include "stages/due/words.h"

#include <inttypes.h>

struct words {
	const char *code, *today, *tomorrow;
	const char *before;
	const char *one[WORDS_UNITS], *many[WORDS_UNITS]; /* days, hours, minutes */
	const char *changes[WORDS_CHANGES];
};

static const struct words words_table[] = {
	{ "en", "today", "tomorrow", "in ", { "day", "hour", "minute" },
		{ "days", "hours", "minutes" }, { "moved", "changed", "cancelled", "on again" } },
	{ "de", "heute", "morgen", "in ", { "Tag", "Stunde", "Minute" },
		{ "Tagen", "Stunden", "Minuten" },
		{ "verschoben", "geändert", "abgesagt", "findet doch statt" } },
	{ "es", "hoy", "mañana", "dentro de ", { "día", "hora", "minuto" },
		{ "días", "horas", "minutos" },
		{ "nueva hora", "modificado", "cancelado", "se celebra" } },
	{ "fr", "aujourd'hui", "demain", "dans ", { "jour", "heure", "minute" },
		{ "jours", "heures", "minutes" }, { "déplacé", "modifié", "annulé", "maintenu" } },
	{ "it", "oggi", "domani", "tra ", { "giorno", "ora", "minuto" },
		{ "giorni", "ore", "minuti" },
		{ "spostato", "modificato", "annullato", "confermato" } },
	{ "nl", "vandaag", "morgen", "over ", { "dag", "uur", "minuut" },
		{ "dagen", "uur", "minuten" },
		{ "verplaatst", "gewijzigd", "geannuleerd", "gaat toch door" } },
	{ "pt", "hoje", "amanhã", "dentro de ", { "dia", "hora", "minuto" },
		{ "dias", "horas", "minutos" },
		{ "remarcado", "alterado", "cancelado", "confirmado" } },
};

size_t words_language(const char *tag, size_t length)
{
	const size_t count = sizeof(words_table) / sizeof(*words_table);
	if (length < 2 || (length > 2 && tag[2] != '-' && tag[2] != '_'))
		return 0;
	for (size_t i = 0; i < count; i++)
		if ((tag[0] | 0x20) == words_table[i].code[0] &&
			(tag[1] | 0x20) == words_table[i].code[1])
			return i;
	return 0;
}

void words_add_left(struct text *text, size_t language, enum words_unit unit, int64_t number)
{
	const struct words *words = &words_table[language];
	if (unit == WORDS_DAYS && number <= 1)
		text_add_string(text, number <= 0 ? words->today : words->tomorrow);
	else
		text_addf(text, "%s%" PRId64 " %s", words->before, number,
			number == 1 ? words->one[unit] : words->many[unit]);
}

const char *words_change(size_t language, enum words_change change)
{
	return words_table[language].changes[change];
}
