#include "tests/fakes/moments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "pipeline/support/days.h"

#include <cmocka.h>

const struct zone *moments_zone(struct zones *zones, const char *name)
{
	struct error err;
	const struct zone *zone;
	if (!zones_find(zones, name, strlen(name), &zone, &err))
		fail_msg("%s", err.text);
	return zone;
}

int64_t moments_seconds(const char *text)
{
	struct days_read read;
	if (!days_read(text, strlen(text), &read))
		fail_msg("'%s' was not read", text);
	return read.seconds - read.offset;
}
