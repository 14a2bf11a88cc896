/* draw [PEOPLE [HOUSEHOLD [ROUNDS]]]: who gives to whom, the draw alone: households keep apart, and
 * everyone's receivers of the last rounds are excluded. Prints method, tries, processor time (all
 * together and of a try), memory and a digest of who gives to whom, which must not change, for any
 * loops, one loop and coffee rounds. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "stages/pair/draw.h"

static struct rules draw_rules(uint32_t people, uint32_t household, uint32_t rounds)
{
	const size_t count = (size_t)people * rounds;
	struct rules_pair *history = memory_alloc(count * sizeof(*history));
	uint32_t *households = memory_alloc(people * sizeof(*households));
	struct rules rules = {
		.people = people,
		.columns = { households },
		.column_count = 1,
		.rounds = rounds,
	};
	for (uint32_t i = 0; i < people; i++)
		households[i] = i / household + 1;
	for (size_t i = 0; i < count; i++) {
		const uint32_t round = (uint32_t)(i / people) + 1, giver = (uint32_t)(i % people);
		history[i] =
			(struct rules_pair){ giver, (giver + household * round) % people, round };
	}
	rules_forbid(&rules, history, count);
	free(history);
	return rules;
}

static double draw_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t draw_number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	const uint32_t people = argc > 1 ? draw_number(argv[1]) : 1000000;
	const uint32_t household = argc > 2 ? draw_number(argv[2]) : 4;
	const uint32_t rounds = argc > 3 ? draw_number(argv[3]) : 1;
	static const char *const names[] = { "any", "single", "groups" };
	struct rules rules = draw_rules(people, household, rounds);
	for (int kind = SHAPE_ANY; kind <= SHAPE_GROUPS; kind++) {
		const unsigned char seed[RANDOM_SEED_BYTES] = { (unsigned char)kind };
		const struct draw_request request = { &rules, { (enum shape_kind)kind, 2 }, seed, 0,
			false };
		struct draw_result result;
		struct rusage usage;
		char digest[DIGEST_HEX_BYTES];
		const double started = draw_seconds();
		const bool drawn = draw_run(&request, &result);
		const double seconds = draw_seconds() - started;
		getrusage(RUSAGE_SELF, &usage);
		digest_hex(digest_of(result.receiver, people * sizeof(uint32_t)), digest);
		printf("%-7s %s %s: %lu tries, lambda %.2f, %.3f s, %.2f ms a try, peak %ld MB, "
		       "%.8s\n",
			names[kind], drawn ? "drawn" : "not drawn",
			result.people[DRAW_WALKED]     ? "near-uniform"
			: result.people[DRAW_REJECTED] ? "by rejection"
						       : "by counting",
			(unsigned long)result.tries, result.lambda, seconds,
			result.tries ? seconds * 1e3 / (double)result.tries : 0,
			usage.ru_maxrss / 1024, digest);
		draw_finish(&result);
	}
	free((void *)(uintptr_t)rules.columns[0]);
	rules_finish(&rules);
	return 0;
}
