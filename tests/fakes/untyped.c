#include "tests/fakes/untyped.h"

#include <dirent.h>
#include <string.h>

void untyped(void *listing, ssize_t got)
{
	for (ssize_t at = 0; at < got;) {
		struct dirent64 *entry = (void *)((char *)listing + at);
		if (strstr(entry->d_name, "untyped"))
			entry->d_type = DT_UNKNOWN;
		at += entry->d_reclen;
	}
}
