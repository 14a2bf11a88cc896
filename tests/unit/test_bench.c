/* bench: figures, advice, measurements with fakes, and what is written about them. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#undef fail /* ours is error.h's */

#include "pipeline/bench/bench.h"
#include "pipeline/bench/chart.h"
#include "pipeline/bench/report.h"
#include "pipeline/bench/request.h"
#include "pipeline/bench/sample.h"
#include "pipeline/bench/scratch.h"
#include "tests/fakes/scratch.h"

enum { ITEMS = 40 };

static const struct command fake_command = { .name = "bench", .usage = "bench CONFIG" };

static bool parsed(struct bench_request *request, char *words)
{
	char *argv[16], *rest = words;
	int argc = 0;
	while ((argv[argc] = strsep(&rest, " ")))
		argc++;
	return request_parse(&fake_command, argc, argv, request);
}

static void test_request(void **state)
{
	(void)state;
	struct bench_request request;
	char words[] = "bench a.yaml --workers 4,1,4,2 --rounds 3 --cold --executors threads";
	assert_true(parsed(&request, words));
	assert_int_equal(request.worker_count, 3);
	assert_int_equal(request.workers[0], 1);
	assert_int_equal(request.workers[1], 2);
	assert_int_equal(request.workers[2], 4);
	assert_int_equal(request.rounds, 3);
	assert_true(request.cold);
	assert_string_equal(request.config.config, "a.yaml");
	char built_in[] = "bench --workload tiny";
	assert_true(parsed(&request, built_in));
	assert_null(request.config.config);
	assert_int_equal(request.worker_count, 0);
}

static void test_request_refuses(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"bench",
		"bench a b",
		"bench a --rounds 0",
		"bench a --rounds 2x",
		"bench a --workers",
		"bench a --workers 1,,2",
		"bench a --workers 1,",
		"bench a --workers 5000",
		"bench a --items -1",
		"bench a --nonsense",
		"bench --workload tiny a",
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct bench_request request;
		char words[64];
		snprintf(words, sizeof(words), "%s", wrong[i]);
		assert_false(parsed(&request, words));
	}
}

static void test_spread(void **state)
{
	(void)state;
	double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 };
	struct bench_spread spread = bench_spread_of(odd, 3);
	assert_true(spread.least == 1 && spread.median == 3 && spread.most == 5);
	spread = bench_spread_of(even, 4);
	assert_true(spread.least == 1 && spread.median == 2.5 && spread.most == 4);
}

static void test_skewed(void **state)
{
	(void)state;
	struct workload workload;
	assert_true(workload_open_built_in(&workload, "skewed", 1000, NULL));
	for (size_t hundred = 0; hundred < 10; hundred++) {
		uint64_t sum = 0, most = 0;
		for (size_t i = 0; i < 100; i++) {
			uint64_t amount = workload.items[hundred * 100 + i].bytes;
			sum += amount;
			most = amount > most ? amount : most;
		}
		assert_int_equal(sum, most / 100 * 199);
	}
	workload_close(&workload);
}

static void test_unknown_workload(void **state)
{
	(void)state;
	struct workload workload;
	struct error err;
	assert_false(workload_open_built_in(&workload, "tinny", 0, &err));
	assert_string_equal(err.text, "unknown workload 'tinny' (did you mean 'tiny'?)");
	workload_close(&workload);
}

static bool fake_open(const void *context, uint32_t number, void **worker, struct error *err)
{
	(void)number;
	if (context)
		return fail(err, ERROR_MEMORY, "no memory for this");
	*worker = NULL;
	return true;
}

static void fake_process(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	*outcome = outcome_of(item, item->ticket % 4 == 3 ? OUTCOME_FAILED : OUTCOME_MADE);
	outcome->pixels = 1000;
}

static void fake_die(void *worker, const struct item *item, struct outcome *outcome)
{
	if (item->ticket == ITEMS / 2)
		kill(getpid(), SIGKILL);
	fake_process(worker, item, outcome);
}

static void fake_hang(void *worker, const struct item *item, struct outcome *outcome)
{
	(void)worker;
	(void)item;
	(void)outcome;
	for (;;)
		pause();
}

static void fake_workload(struct workload *workload, size_t items)
{
	assert_true(workload_open_built_in(workload, "cpu", (uint32_t)items, NULL));
	workload->work.open = fake_open;
	workload->work.process = fake_process;
}

static struct measure_case fake_case(struct workload *workload, const struct plugin *plugin)
{
	return (struct measure_case){
		.workload = workload,
		.count = workload->count,
		.plugin = executor_of(plugin),
		.workers = option_find(plugin->options, "workers") ? 3 : 1,
	};
}

/* The settings that a config without any options gives. */
static void *fake_settings(struct arena *arena, const struct plugin *plugin)
{
	struct problems problems = { 0 };
	void *settings = arena_alloc(arena, plugin->settings_bytes + 1);
	struct place place = { "test", 0, 0 };
	assert_true(option_parse(plugin->options, NULL, place, settings, arena, &problems));
	problems_finish(&problems);
	return settings;
}

static void test_measures_every_executor(void **state)
{
	(void)state;
	struct workload workload;
	struct measure *measure;
	fake_workload(&workload, ITEMS);
	assert_true(measure_open(&measure, ITEMS, -1, NULL));
	for (size_t i = 0; executors[i]; i++) {
		struct measured measured;
		struct measure_case what = fake_case(&workload, executors[i]);
		what.settings = fake_settings(&workload.arena, executors[i]);
		assert_true(measure_run(measure, &what, &measured));
		assert_string_equal(measured.trouble, "");
		assert_true(measured.fine);
		assert_int_equal(measured.items, ITEMS);
		assert_int_equal(measured.outcomes[OUTCOME_FAILED], ITEMS / 4);
		assert_int_equal(measured.pixels, ITEMS * 1000);
		assert_true(measured.peak_bytes > 0);
		const struct measure_span *spans = measure_spans(measure);
		for (size_t j = 0; j < ITEMS; j++) {
			assert_true(spans[j].begun >= measured.started_micros);
			assert_true(spans[j].ended >= spans[j].begun);
			assert_true(spans[j].worker < what.workers);
			assert_int_equal(
				spans[j].status, j % 4 == 3 ? OUTCOME_FAILED : OUTCOME_MADE);
		}
	}
	measure_close(measure);
	workload_close(&workload);
}

/* Under an executor that isolates the item is lost, under the others the measurement. */
static void test_a_crash_costs_a_figure(void **state)
{
	(void)state;
	struct workload workload;
	struct measure *measure;
	fake_workload(&workload, ITEMS);
	workload.work.process = fake_die;
	assert_true(measure_open(&measure, ITEMS, -1, NULL));
	for (size_t i = 0; executors[i]; i++) {
		struct measured measured;
		struct measure_case what = fake_case(&workload, executors[i]);
		what.settings = fake_settings(&workload.arena, executors[i]);
		assert_true(measure_run(measure, &what, &measured));
		assert_int_equal(measured.fine, what.plugin->isolates);
		if (measured.fine)
			assert_int_equal(measured.outcomes[OUTCOME_FAILED], ITEMS / 4 + 1);
		else
			assert_string_equal(measured.trouble, "its process died: Killed");
	}
	measure_close(measure);
	workload_close(&workload);
}

static void test_a_worker_that_does_not_open(void **state)
{
	(void)state;
	struct workload workload;
	struct measure *measure;
	fake_workload(&workload, ITEMS);
	workload.work.context = &workload;
	assert_true(measure_open(&measure, ITEMS, -1, NULL));
	for (size_t i = 0; executors[i]; i++) {
		struct measured measured;
		struct measure_case what = fake_case(&workload, executors[i]);
		what.settings = fake_settings(&workload.arena, executors[i]);
		assert_true(measure_run(measure, &what, &measured));
		assert_false(measured.fine);
		assert_non_null(strstr(measured.trouble, "no memory for this"));
	}
	measure_close(measure);
	workload_close(&workload);
}

static void test_stops_when_woken(void **state)
{
	(void)state;
	struct workload workload;
	struct measure *measure;
	int wake = eventfd(1, EFD_CLOEXEC);
	fake_workload(&workload, ITEMS);
	workload.work.process = fake_hang;
	assert_true(measure_open(&measure, ITEMS, wake, NULL));
	for (size_t i = 0; executors[i]; i++) {
		struct measured measured;
		struct measure_case what = fake_case(&workload, executors[i]);
		what.settings = fake_settings(&workload.arena, executors[i]);
		assert_false(measure_run(measure, &what, &measured));
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
	}
	measure_close(measure);
	workload_close(&workload);
	close(wake);
}

enum { SAMPLE_OF = 1000, SAMPLE = 10 };

static bool numbers_open(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	(void)settings;
	(void)setup;
	(void)err;
	*source = memory_zeroed(1, sizeof(uint32_t));
	return true;
}

static bool numbers_step(void *source, struct batch *batch, struct error *err)
{
	(void)err;
	uint32_t *next = source;
	for (; *next < SAMPLE_OF && batch->count < ITEM_STEP; (*next)++)
		batch->items[batch->count++] = (struct item){
			.key = arena_copy(&batch->arena, next, sizeof(*next)),
			.key_length = sizeof(*next),
		};
	return true;
}

static bool before(const struct item *a, const struct item *b)
{
	return a->id.high != b->id.high ? a->id.high < b->id.high : a->id.low < b->id.low;
}

/* The least ids of all, in their order. */
static void test_sample(void **state)
{
	(void)state;
	const struct source_plugin numbers = {
		.open = numbers_open,
		.step = numbers_step,
		.close = free,
	};
	const struct config config = { .name = "test" };
	const struct plan plan = { .source = &numbers, .config = &config };
	struct item items[SAMPLE];
	struct arena arena = { 0 };
	struct sample sample = { .items = items, .room = SAMPLE, .arena = &arena };
	assert_true(sample_take(&sample, &plan, NULL));
	assert_int_equal(sample.seen, SAMPLE_OF);
	assert_int_equal(sample.count, SAMPLE);
	for (size_t i = 1; i < SAMPLE; i++)
		assert_true(before(&items[i - 1], &items[i]));
	size_t lower = 0;
	for (uint32_t i = 0; i < SAMPLE_OF; i++) {
		const struct item item = { .id = digest_of(&i, sizeof(i)) };
		lower += before(&item, &items[SAMPLE - 1]);
	}
	assert_int_equal(lower, SAMPLE - 1);
	arena_finish(&arena);
}

static void test_scratch(void **state)
{
	const char *folder = *state;
	struct scratch scratch, second;
	struct error err;
	char root[256], name[320];
	snprintf(root, sizeof(root), "%s/not/there", folder);
	assert_true(scratch_open(&scratch, root, "test", NULL));
	snprintf(name, sizeof(name), "%s/.nightmill-bench-test", folder);
	assert_string_equal(scratch.path.data, name);
	assert_false(scratch_open(&second, root, "test", &err));
	assert_int_equal(err.code, ERROR_LOCKED);
	scratch_close(&second);
	assert_int_equal(access(name, F_OK), 0);
	close(openat(scratch.folder, "left", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	scratch_close(&scratch);
	assert_int_equal(access(name, F_OK), -1);
	scratch_close(&scratch);
}

/* A killed measurement has left its folder. */
static void test_scratch_again(void **state)
{
	const char *folder = *state;
	struct scratch scratch;
	char name[320], file[400];
	snprintf(name, sizeof(name), "%s/.nightmill-bench-test", folder);
	snprintf(file, sizeof(file), "%s/left", name);
	assert_int_equal(mkdir(name, 0700), 0);
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_true(scratch_open(&scratch, folder, "test", NULL));
	assert_int_equal(access(file, F_OK), -1);
	scratch_close(&scratch);
	assert_int_equal(access(name, F_OK), -1);
}

/* A bench of executors without work, whose figures are given. */
struct fake_bench {
	struct executor_plugin plugins[4];
	struct bench_case cases[8];
	struct workload workload;
	struct bench bench;
};

static const struct option fake_options[] = { { .name = "workers", .type = OPTION_INTEGER },
	{ .name = NULL } };
static const struct option fake_none[] = { { .name = NULL } };

static void fake_bench_open(struct fake_bench *fake)
{
	static const char *const names[] = { "alone", "work-stealing", "other", "safe" };
	*fake = (struct fake_bench){ .workload = { .name = "config", .count = 100 } };
	for (size_t i = 0; i < 4; i++) {
		fake->plugins[i].plugin.name = names[i];
		fake->plugins[i].plugin.options = i ? fake_options : fake_none;
		fake->plugins[i].isolates = i == 3;
	}
	fake->bench = (struct bench){
		.name = "fake",
		.workload = &fake->workload,
		.cpus = 4,
		.rounds = 1,
		.done = 1,
		.distinct = 100,
		.cases = fake->cases,
	};
}

static struct bench_figures *fake_add(
	struct fake_bench *fake, size_t plugin, uint32_t workers, double rate)
{
	struct bench_case *added = &fake->cases[fake->bench.count++];
	*added = (struct bench_case){
		.plugin = &fake->plugins[plugin],
		.workers = workers,
		.fine = true,
		.trouble = "",
		.figures = { .items_per_second = { rate, rate, rate },
			.speed_up = { rate / 10, rate / 10, rate / 10 },
			.cpus_busy = workers,
			.workers_busy = 1,
			.item_cpu = 1,
			.stalled = 0 },
	};
	added->measured = arena_alloc(&fake->bench.arena, sizeof(*added->measured));
	return &added->figures;
}

/* A CPU that other work has is no disk. */
static void test_tells_waiting_from_queueing(void **state)
{
	(void)state;
	struct fake_bench fake;
	struct recommendation advice;
	fake_bench_open(&fake);
	struct bench_figures *base = fake_add(&fake, 0, 1, 10);
	base->cpus_busy = 0.28;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.bound, "I/O-bound");
	assert_null(strstr(advice.items, "other work"));
	base->queued = 0.7;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.bound, "CPU-bound");
	assert_non_null(strstr(advice.items,
		"28 % of the time is CPU time, 0 major faults, 0.0 MiB read from disk, 70 % "
		"waiting for a CPU that other work had"));
	base->queued = -1;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.bound, "I/O-bound");
	bench_close(&fake.bench);
}

static void test_takes_the_simplest(void **state)
{
	(void)state;
	struct fake_bench fake;
	struct recommendation advice;
	fake_bench_open(&fake);
	fake_add(&fake, 0, 1, 10);
	fake_add(&fake, 2, 2, 19.9);
	fake_add(&fake, 3, 2, 20);
	fake_add(&fake, 1, 2, 19.5);
	fake_add(&fake, 1, 4, 19.8);
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.yaml, "executor: { work-stealing: { workers: 2 } }");
	assert_non_null(strstr(advice.sentence, "safe with 2 workers, at 103 %"));
	fake.cases[1].figures.items_per_second.median = 30;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.yaml, "executor: { other: { workers: 2 } }");
	fake.cases[0].figures.items_per_second.median = 29.5;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.yaml, "executor: { alone: {} }");
	bench_close(&fake.bench);
}

static enum recommend_limit limit_of(struct bench_figures enough, struct bench_figures more)
{
	struct fake_bench fake;
	struct recommendation advice;
	fake_bench_open(&fake);
	fake_add(&fake, 0, 1, 10);
	*fake_add(&fake, 1, 4, 20) = enough;
	*fake_add(&fake, 1, 8, 20) = more;
	recommend(&fake.bench, &advice);
	bench_close(&fake.bench);
	assert_int_equal(advice.verdict_count, 1);
	assert_int_equal(advice.verdicts[0].enough->workers, 4);
	assert_true(*advice.verdicts[0].why);
	return advice.verdicts[0].limit;
}

static void test_says_when_disturbed(void **state)
{
	(void)state;
	struct fake_bench fake;
	struct recommendation advice;
	fake_bench_open(&fake);
	fake_add(&fake, 0, 1, 10);
	fake.cases[0].measured[0].wall_micros = 1000000;
	recommend(&fake.bench, &advice);
	assert_string_equal(advice.caution, "");
	fake.cases[0].measured[0].others_micros = 500000 * sysconf(_SC_NPROCESSORS_ONLN);
	recommend(&fake.bench, &advice);
	assert_non_null(strstr(advice.caution, "Other work took 50 %"));
	fake_add(&fake, 1, 4, 20)->cpus_busy = 2;
	recommend(&fake.bench, &advice);
	assert_string_equal(
		advice.verdicts[0].why, "the CPUs are busy (2.00 of 4, the rest with other work)");
	bench_close(&fake.bench);
}

static void test_says_why(void **state)
{
	(void)state;
	const struct bench_figures calm = {
		.items_per_second = { 20, 20, 20 },
		.cpus_busy = 2,
		.workers_busy = 0.4,
		.item_cpu = 1,
	};
	struct bench_figures enough = calm, more = calm;
	assert_int_equal(limit_of(enough, more), LIMIT_OVERHEAD);
	more.cpus_busy = 3.9;
	assert_int_equal(limit_of(enough, more), LIMIT_CPU);
	enough.item_cpu = 1.5;
	assert_int_equal(limit_of(enough, more), LIMIT_MEMORY);
	more = enough = calm;
	more.workers_busy = 0.95;
	assert_int_equal(limit_of(enough, more), LIMIT_WAITING);
	more.stalled = 0.5;
	more.read_bytes = 1;
	assert_int_equal(limit_of(enough, more), LIMIT_DISK);
	more.longest = 0.8;
	assert_int_equal(limit_of(enough, more), LIMIT_ITEM);
}

/* Nothing in a name ends the element that the data stands in, and a case that crashed has a row. */
static void test_page(void **state)
{
	(void)state;
	struct fake_bench fake;
	struct recommendation advice;
	struct text page = { 0 };
	fake_bench_open(&fake);
	fake.bench.name = "</script><b>";
	fake_add(&fake, 0, 1, 10);
	fake_add(&fake, 1, 2, 20);
	fake.cases[1].fine = false;
	fake.cases[1].trouble = "its process died: Killed";
	recommend(&fake.bench, &advice);
	report_page(&fake.bench, &advice, &page);
	assert_null(strstr(page.data, "</script><b>"));
	assert_non_null(strstr(page.data, "\"name\":\"\\u003c/script>\\u003cb>\""));
	assert_non_null(strstr(page.data, "its process died: Killed"));
	assert_non_null(strstr(page.data, "Chart.js Contributors"));
	assert_null(strstr(page.data, "@DATA@"));
	assert_null(strstr(page.data, "@LIBRARY@"));
	assert_string_equal(page.data + page.length - 8, "</html>\n");
	text_clear(&page);
	report_table(&fake.bench, &advice, &page);
	assert_non_null(strstr(page.data, "work-stealing       2  its process died: Killed\n"));
	text_finish(&page);
	bench_close(&fake.bench);
}

static void test_nothing_was_fine(void **state)
{
	(void)state;
	struct fake_bench fake;
	struct recommendation advice;
	struct text text = { 0 };
	fake_bench_open(&fake);
	fake_add(&fake, 0, 1, 10);
	fake.cases[0].fine = false;
	fake.cases[0].trouble = "its process died: Killed";
	recommend(&fake.bench, &advice);
	assert_null(advice.chosen);
	report_table(&fake.bench, &advice, &text);
	report_json(&fake.bench, &advice, true, &text);
	report_page(&fake.bench, &advice, &text);
	assert_true(text.length > 0);
	text_finish(&text);
	bench_close(&fake.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_request_refuses),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_skewed),
		cmocka_unit_test(test_unknown_workload),
		cmocka_unit_test(test_measures_every_executor),
		cmocka_unit_test(test_a_crash_costs_a_figure),
		cmocka_unit_test(test_a_worker_that_does_not_open),
		cmocka_unit_test(test_stops_when_woken),
		cmocka_unit_test(test_sample),
		cmocka_unit_test_setup_teardown(test_scratch, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_scratch_again, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_tells_waiting_from_queueing),
		cmocka_unit_test(test_takes_the_simplest),
		cmocka_unit_test(test_says_when_disturbed),
		cmocka_unit_test(test_says_why),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_nothing_was_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
