#include "stages/render/dates.h"

#include <stdint.h>
#include <string.h>

#include "pipeline/support/days.h"

enum { MONTHS = 12, DAYS = 7, TAG_BYTES = 2, ISO_BYTES = 10 };

/* How a language says a date: %d day, %m month, %y year, %w day of the week. */
struct dates_words {
	const char *months[MONTHS], *days[DAYS]; /* days from Monday */
	const char *date, *with_day;
	const char *first; /* how the first of a month is called; NULL: 1 */
};

const char *const dates_languages[] = { "en", "de", "es", "fr", "it", "nl", "pt", NULL };

static const struct dates_words dates_words[] = {
	{ { "January", "February", "March", "April", "May", "June", "July", "August", "September",
		  "October", "November", "December" },
		{ "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" },
		"%d %m %y", "%w, %d %m %y", NULL },
	{ { "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
		  "Oktober", "November", "Dezember" },
		{ "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag" },
		"%d. %m %y", "%w, %d. %m %y", NULL },
	{ { "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
		  "octubre", "noviembre", "diciembre" },
		{ "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo" },
		"%d de %m de %y", "%w, %d de %m de %y", NULL },
	{ { "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
		  "octobre", "novembre", "décembre" },
		{ "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche" },
		"%d %m %y", "%w %d %m %y", "1er" },
	{ { "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
		  "settembre", "ottobre", "novembre", "dicembre" },
		{ "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica" },
		"%d %m %y", "%w %d %m %y", "1º" },
	{ { "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
		  "oktober", "november", "december" },
		{ "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag" },
		"%d %m %y", "%w %d %m %y", NULL },
	{ { "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto",
		  "setembro", "outubro", "novembro", "dezembro" },
		{ "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
			"sábado", "domingo" },
		"%d de %m de %y", "%w, %d de %m de %y", NULL },
};

_Static_assert(sizeof(dates_words) / sizeof(*dates_words) ==
		       sizeof(dates_languages) / sizeof(*dates_languages) - 1,
	"words for every language");

size_t dates_language(const char *tag, size_t length)
{
	const bool ends = length == TAG_BYTES ||
			  (length > TAG_BYTES && (tag[TAG_BYTES] == '-' || tag[TAG_BYTES] == '_'));
	for (size_t i = 0; ends && dates_languages[i]; i++)
		if ((tag[0] | 0x20) == dates_languages[i][0] &&
			(tag[1] | 0x20) == dates_languages[i][1])
			return i;
	return SIZE_MAX;
}

static bool dates_number(const char *data, size_t digits, int *number)
{
	*number = 0;
	for (size_t i = 0; i < digits; i++) {
		if (data[i] < '0' || data[i] > '9')
			return false;
		*number = *number * 10 + (data[i] - '0');
	}
	return true;
}

static bool dates_read(const char *data, size_t length, struct civil *day)
{
	if (length < ISO_BYTES || data[4] != '-' || data[7] != '-' ||
		!dates_number(data, 4, &day->year) || !dates_number(data + 5, 2, &day->month) ||
		!dates_number(data + 8, 2, &day->day))
		return false;
	const bool ends = length == ISO_BYTES || data[ISO_BYTES] == 'T' || data[ISO_BYTES] == ' ';
	return ends && day->month >= 1 && day->month <= MONTHS && day->day >= 1 &&
	       day->day <= days_in_month(day->year, day->month);
}

static void dates_add_pattern(
	struct text *text, const char *pattern, const struct dates_words *words, struct civil day)
{
	for (const char *at = pattern; *at; at++) {
		if (*at != '%') {
			text_add(text, at, 1);
			continue;
		}
		at++;
		if (*at == 'd' && day.day == 1 && words->first)
			text_add_string(text, words->first);
		else if (*at == 'd')
			text_addf(text, "%d", day.day);
		else if (*at == 'm')
			text_add_string(text, words->months[day.month - 1]);
		else if (*at == 'y')
			text_addf(text, "%d", day.year);
		else
			text_add_string(text, words->days[days_weekday(days_of(day))]);
	}
}

bool dates_add(
	struct text *text, const char *data, size_t length, enum dates_form form, size_t language)
{
	const struct dates_words *words = &dates_words[language];
	const char *const patterns[] = {
		[DATES_DATE] = words->date,
		[DATES_LONG] = words->with_day,
		[DATES_WEEKDAY] = "%w",
		[DATES_MONTH] = "%m",
	};
	struct civil day;
	if (!dates_read(data, length, &day))
		return false;
	dates_add_pattern(text, patterns[form], words, day);
	return true;
}
