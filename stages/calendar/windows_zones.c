#include "stages/calendar/windows_zones.h"

#include <unicode/ucal.h>

#include "pipeline/support/library.h"

/* ICU's functions carry its version: ucal_close_72. */
#define ICU_NAME_OF(function) #function
#define ICU_NAME(function) ICU_NAME_OF(function)
#define ICU_SONAME_OF(version) "libicui18n.so." ICU_NAME_OF(version)
#define ICU_SONAME(version) ICU_SONAME_OF(version)

static struct {
	__typeof__(ucal_getTimeZoneIDForWindowsID) *find;
} icu;

static const struct library_name icu_names[] = {
	{ ICU_NAME(ucal_getTimeZoneIDForWindowsID), 0 },
};

static struct library icu_library = LIBRARY(ICU_SONAME(U_ICU_VERSION_MAJOR_NUM), icu_names, icu);

bool windows_zones_find(const char *name, size_t length, char iana[WINDOWS_ZONES_BYTES])
{
	UChar wide[WINDOWS_ZONES_BYTES], found[WINDOWS_ZONES_BYTES];
	UErrorCode status = U_ZERO_ERROR;
	struct error err;
	if (length == 0 || length > WINDOWS_ZONES_BYTES || !library_need(&icu_library, &err))
		return false;
	for (size_t i = 0; i < length; i++)
		wide[i] = (unsigned char)name[i];
	const int32_t got =
		icu.find(wide, (int32_t)length, NULL, found, WINDOWS_ZONES_BYTES, &status);
	if (U_FAILURE(status) || got <= 0 || got >= WINDOWS_ZONES_BYTES)
		return false;
	for (int32_t i = 0; i < got; i++)
		iana[i] = (char)found[i];
	iana[got] = '\0';
	return true;
}
