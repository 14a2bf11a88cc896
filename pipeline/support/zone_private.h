#ifndef NIGHTMILL_SUPPORT_ZONE_PRIVATE_H
#define NIGHTMILL_SUPPORT_ZONE_PRIVATE_H

/* What zone.c, zone_file.c and zone_rule.c share, and what tests look into. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"

enum {
	ZONE_NAME_BYTES = 64, /* of "America/Argentina/ComodRivadavia" */
	ZONE_SHORT_BYTES = 16 /* of an abbreviation */
};

/* A day of the year and a time at which the clock changes. */
struct zone_day {
	enum { ZONE_DAY_JULIAN, ZONE_DAY_NUMBER, ZONE_DAY_WEEKDAY } kind;
	int day;         /* JULIAN: 1 to 365, without 29 February; NUMBER: 0 to 365; WEEKDAY: from
			    Sunday, 0 */
	int month, week; /* WEEKDAY: week 5 is the last */
	int32_t time;    /* seconds, by the clock that is left behind; may be negative or past 24 h
			  */
};

/* The rule behind the table: a TZ of POSIX with the extensions of RFC 8536. */
struct zone_rule {
	bool given;               /* there is one */
	bool changes;             /* there is summer time */
	int32_t standard, summer; /* seconds east of UTC */
	char standard_name[ZONE_SHORT_BYTES], summer_name[ZONE_SHORT_BYTES];
	struct zone_day start, end; /* of summer time */
};

struct zone_type {
	int32_t offset; /* seconds east of UTC */
	uint8_t name;   /* where its abbreviation begins */
};

struct zone {
	char name[ZONE_NAME_BYTES];
	int64_t *times; /* UTC, ascending: from times[i] on kinds[i] counts */
	uint8_t *kinds; /* numbers of types */
	size_t count;
	struct zone_type *types;
	size_t type_count;
	char *names; /* abbreviations, each with its NUL */
	struct zone_rule rule;
};

/* Reads the bytes of a TZif file (RFC 8536) into `zone`, which is all zero before and the caller's
 * to free on failure too. Files that count leap seconds are ERROR_UNSUPPORTED. */
bool zone_parse(struct zone *zone, const unsigned char *bytes, size_t length, struct error *err);

/* NULL is allowed. */
void zone_free(struct zone *zone);

/* Reads a TZ text of `length` bytes; false where it is none. */
bool zone_rule_parse(struct zone_rule *rule, const char *text, size_t length);

/* The two moments (UTC) of `year` at which summer time starts and ends. */
void zone_rule_changes(const struct zone_rule *rule, int year, int64_t *start, int64_t *end);

/* True where it is summer time at `utc`. */
bool zone_rule_summer(const struct zone_rule *rule, int64_t utc);

#endif
