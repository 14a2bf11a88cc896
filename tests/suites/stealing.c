/* Many small windows through few places, so that a thief often still looks at the window before:
 * nothing may be lost or done twice. A deadline of a minute stands for "never": what is lost would
 * be waited for without end. */

#include "pipeline/executor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/clock.h"

#include <cmocka.h>

enum { STEALING_WINDOWS = 20000, STEALING_LARGEST = 24, NEVER_MICROS = 60000000 };

struct stealing_window {
	struct item items[STEALING_LARGEST];
	bool back[STEALING_LARGEST];
	size_t outstanding;
};

static bool stealing_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	(void)context;
	(void)number;
	(void)err;
	*worker = NULL;
	return true;
}

static void stealing_process(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	*outcome = outcome_of(item, OUTCOME_MADE);
}

static size_t stealing_fill(struct stealing_window *window, uint32_t place, unsigned *seed)
{
	size_t count = 1 + (size_t)rand_r(seed) % STEALING_LARGEST;
	memset(window, 0, sizeof(*window));
	window->outstanding = count;
	for (size_t i = 0; i < count; i++)
		window->items[i] = (struct item){
			.id = { i + 1, place + 1 },
			.attempt = 1,
			.ticket = place << 8 | (uint32_t)i,
			.key = "x",
			.key_length = 1,
		};
	return count;
}

static void stealing_hand_back(struct stealing_window *windows, const struct outcome *outcome)
{
	struct stealing_window *window = &windows[outcome->ticket >> 8];
	size_t index = outcome->ticket & 255;
	assert_int_equal(outcome->id.low, index + 1);
	assert_false(window->back[index]);
	window->back[index] = true;
	window->outstanding--;
}

static struct stealing_window *stealing_free(struct stealing_window *windows)
{
	for (size_t i = 0; i < EXECUTOR_WINDOWS; i++)
		if (windows[i].outstanding == 0)
			return &windows[i];
	return NULL;
}

static void stealing_flood(
	const struct executor_plugin *plugin, struct executor *executor, uint32_t workers)
{
	struct stealing_window windows[EXECUTOR_WINDOWS] = { 0 };
	struct outcome outcome;
	unsigned seed = workers;
	int given = 0;
	enum executor_event event;
	do {
		struct stealing_window *free_one = stealing_free(windows);
		if (free_one && given < STEALING_WINDOWS) {
			uint32_t place = (uint32_t)(free_one - windows);
			size_t count = stealing_fill(free_one, place, &seed);
			plugin->give(executor, free_one->items, count);
			given++;
		}
		bool more = given < STEALING_WINDOWS;
		int64_t wait = more && stealing_free(windows) ? 0 : NEVER_MICROS;
		event = plugin->next(executor, false, &outcome, clock_micros() + wait);
		if (event == EXECUTOR_OUTCOME)
			stealing_hand_back(windows, &outcome);
		assert_true(event != EXECUTOR_DEADLINE || wait == 0);
	} while (given < STEALING_WINDOWS || event != EXECUTOR_IDLE);
}

static void test_small_windows(void **unused)
{
	(void)unused;
	const struct work work = {
		.open = stealing_open,
		.process = stealing_process,
		.wake = -1,
	};
	for (size_t i = 0; executors[i]; i++) {
		const struct executor_plugin *plugin = executor_of(executors[i]);
		struct executor *executor;
		if (plugin->isolates || strcmp(plugin->plugin.name, "sequential") == 0)
			continue;
		for (uint32_t workers = 2; workers <= 16; workers += 7) {
			struct {
				struct option_number workers;
			} settings = { { workers, -1 } };
			assert_true(plugin->open(&settings, workers, &work, &executor, NULL));
			stealing_flood(plugin, executor, workers);
			plugin->close(executor);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_small_windows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
