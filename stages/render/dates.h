#ifndef NIGHTMILL_STAGES_RENDER_DATES_H
#define NIGHTMILL_STAGES_RENDER_DATES_H

/* Dates in words, with month and day names of our own: the same text on every machine, whatever
 * locales it has. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/text.h"

enum dates_form {
	DATES_DATE,    /* 28 March 2026 */
	DATES_LONG,    /* Saturday, 28 March 2026 */
	DATES_WEEKDAY, /* Saturday */
	DATES_MONTH,   /* March */
	DATES_FORMS
};

/* The languages' codes, "en" first; ends with NULL. */
extern const char *const dates_languages[];

/* The number of the language whose code `tag` (any bytes) begins with, up to a hyphen or
 * underscore: "de-AT" is "de". SIZE_MAX where it is none of them. */
size_t dates_language(const char *tag, size_t length);

/* Adds the date that `data` begins with (2026-03-28, whatever follows a T or a blank behind it) in
 * this form and language. False where it begins with none. */
bool dates_add(
	struct text *text, const char *data, size_t length, enum dates_form form, size_t language);

#endif
