#include "pipeline/executors/footprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"

static const double footprint_kib = 1024;

/* "VmRSS:      9012 kB" */
static void footprint_read(const char *line, const char *word, double *bytes)
{
	const size_t length = strlen(word);
	if (strncmp(line, word, length) == 0)
		*bytes = strtod(line + length, NULL) * footprint_kib;
}

bool footprint_of(const char *root, pid_t pid, double *now, double *most)
{
	struct text path = { .data = NULL };
	char line[128];
	*now = *most = 0;
	if (pid)
		text_addf(&path, "%s/proc/%ld/status", root, (long)pid);
	else
		text_addf(&path, "%s/proc/self/status", root);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	while (file && fgets(line, sizeof(line), file)) {
		footprint_read(line, "VmRSS:", now);
		footprint_read(line, "VmHWM:", most);
	}
	if (file)
		fclose(file);
	return *now > 0 && *most > 0;
}
