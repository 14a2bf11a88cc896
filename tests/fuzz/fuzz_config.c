/* Any bytes as a config: never a crash, and what is accepted has a canonical text that reads back
 * as itself. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/config.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value from the environment does not read back. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	clearenv();
	return 0;
}

/* Reads a config and adds its canonical text; false where it has problems. */
static bool fuzz_read(const char *data, size_t size, struct text *text)
{
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	struct config config;
	struct yaml_node *root = yaml_parse(&arena, "fuzz", data, size, &problems);
	bool fine = root && config_parse(&arena, root, &config, &problems);
	if (!fine && problems.count == 0)
		abort();
	fine = fine && problems.count == 0;
	if (fine) {
		config_replace_executor(&config, "threads", NULL, &arena, &problems);
		config_canonical(&config, text);
	}
	problems_finish(&problems);
	arena_finish(&arena);
	return fine;
}

/* The bytes as one --set. */
static void fuzz_set(const char *data, size_t size)
{
	static const char base[] = "name: a\nstages: [{ thumbnail: { sizes: [] } }]\nsource:\n";
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	struct config config;
	const char *assignment = arena_copy(&arena, data, size);
	struct yaml_node *root = yaml_parse(&arena, "base", base, sizeof(base) - 1, &problems);
	yaml_set(&arena, root, assignment, &problems);
	config_parse(&arena, root, &config, &problems);
	problems_finish(&problems);
	arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text once = { 0 }, twice = { 0 };
	if (fuzz_read((const char *)data, size, &once)) {
		bool again = fuzz_read(once.data, once.length, &twice);
		if (!again || once.length != twice.length ||
			memcmp(once.data, twice.data, once.length) != 0)
			abort();
	}
	fuzz_set((const char *)data, size);
	text_finish(&once);
	text_finish(&twice);
	return 0;
}
