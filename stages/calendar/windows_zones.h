#ifndef NIGHTMILL_STAGES_CALENDAR_WINDOWS_ZONES_H
#define NIGHTMILL_STAGES_CALENDAR_WINDOWS_ZONES_H

/* Zones as Outlook calls them: "W. Europe Standard Time" is Europe/Berlin. ICU has the table (from
 * CLDR); it is loaded when the first such name is met. */

#include <stdbool.h>
#include <stddef.h>

enum { WINDOWS_ZONES_BYTES = 64 };

/* Writes the IANA name; false where it is no such zone, or ICU is not there. */
bool windows_zones_find(const char *name, size_t length, char iana[WINDOWS_ZONES_BYTES]);

#endif
