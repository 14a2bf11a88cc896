/* Any bytes as a template: never a crash; what is accepted makes a text of every record, and the
 * same one each time. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stages/render/page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "a", "bc", "d.e" };
static const struct fields fields = { names, 3, NULL };

static void fuzz_fill(const struct page *page, const struct page_record *record)
{
	struct text once = { 0 }, twice = { 0 };
	struct error err;
	bool secret = false;
	const bool fine = page_add(page, record, &once, &secret, &err);
	if (fine != page_add(page, record, &twice, &secret, &err) || once.length != twice.length ||
		memcmp(once.data, twice.data, once.length) != 0)
		abort();
	text_finish(&once);
	text_finish(&twice);
}

/* The first byte says what the record is, the rest is the template. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	struct page page;
	if (size == 0)
		return 0;
	const struct page_source source = { "fuzz", (const char *)data + 1, size - 1 };
	const struct slot slots[] = {
		{ data[0] & 1 ? "<\"&,\n'>" : NULL, 7, false },
		{ data[0] & 2 ? "2024-02-29" : "", data[0] & 2 ? 10 : 0, true },
		{ (const char *)data, (uint32_t)size, false },
	};
	const struct page_record record = {
		.slots = slots,
		.count = 3,
		.names = names,
		.target = (enum page_target)(data[0] >> 2 & 3) % 3,
		.language = data[0] >> 4 & 3,
	};
	const bool fine = page_compile(&source, &fields, &arena, &page, &problems);
	if (fine != (problems.count == 0))
		abort();
	if (fine)
		fuzz_fill(&page, &record);
	problems_finish(&problems);
	arena_finish(&arena);
	return 0;
}
