#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours is error.h's */

#include "pipeline/progress_private.h"

enum { SECOND = 1000000 };

/* The clock that progress is given. */
static int64_t now_micros;

static int64_t test_clock(void)
{
	return now_micros;
}

struct told {
	FILE *file;
	char *data;
	size_t length, seen;
	struct state_run now;
	struct progress *progress;
	struct source_counts source;
};

static struct progress_setup test_setup(struct told *told)
{
	return (struct progress_setup){
		.command = "run",
		.failures = "failures",
		.name = "thumbnails",
		.config = "configs/thumbnails.yaml",
		.executor = "work-stealing",
		.why_workers = "2 workers: 2 cpus",
		.now = &told->now,
	};
}

static void told_open_with(struct told *told, enum progress_mode mode, unsigned columns,
	const struct progress_setup *setup)
{
	now_micros = 1000 * SECOND;
	told->file = open_memstream(&told->data, &told->length);
	const struct progress_outlet outlet = {
		.file = told->file,
		.terminal = columns > 0,
		.columns = columns,
		.clock = test_clock,
	};
	told->progress = progress_open_on(mode, setup, &outlet);
}

static void told_open(struct told *told, enum progress_mode mode, unsigned columns)
{
	const struct progress_setup setup = test_setup(told);
	told_open_with(told, mode, columns, &setup);
}

static void told_close(struct told *told)
{
	progress_close(told->progress, &told->source);
	fclose(told->file);
	told->file = NULL;
}

/* What was told so far is not looked at any more. */
static void told_forget(struct told *told)
{
	fflush(told->file);
	told->seen = told->length;
}

static const char *told_text(struct told *told)
{
	if (told->file)
		fflush(told->file);
	return told->data + told->seen;
}

static void told_item(struct told *told, const char *key, struct outcome outcome, bool again)
{
	const struct item item = {
		.key = key, .key_length = strlen(key), .bytes = 1000, .attempt = 1
	};
	outcome.attempt = 1;
	progress_outcome(told->progress, &item, &outcome, again);
}

static struct outcome test_failure(const char *text)
{
	struct outcome outcome = { .status = OUTCOME_FAILED, .micros = 5000 };
	fail(&outcome.error, ERROR_DAMAGED, "%s", text);
	return outcome;
}

static struct outcome test_made(int64_t micros)
{
	return (struct outcome){ .status = OUTCOME_MADE, .micros = micros };
}

static void told_made(struct told *told, size_t count, int64_t micros)
{
	for (size_t i = 0; i < count; i++) {
		told->now.made++;
		told_item(told, "data/photos/a.jpg", test_made(micros), false);
	}
}

static void assert_tells(struct told *told, const char *expected)
{
	assert_string_equal(told_text(told), expected);
}

static void assert_told(struct told *told, const char *part)
{
	if (strstr(told_text(told), part))
		return;
	print_error("'%s' is not in:\n%s", part, told_text(told));
	assert_true(false);
}

static void assert_not_told(struct told *told, const char *part)
{
	assert_null(strstr(told_text(told), part));
}

static void test_modes_have_words(void **unused)
{
	(void)unused;
	assert_string_equal(progress_modes[PROGRESS_AUTO], "auto");
	assert_string_equal(progress_modes[PROGRESS_PLAIN], "plain");
	assert_string_equal(progress_modes[PROGRESS_JSON], "json");
	assert_string_equal(progress_modes[PROGRESS_NONE], "none");
	assert_null(progress_modes[PROGRESS_NONE + 1]);
}

static void test_auto_is_silent_on_success(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 3 } };
	told_open(&told, PROGRESS_AUTO, 0);
	told_made(&told, 3, 100);
	now_micros += 60 * SECOND;
	progress_tick(told.progress);
	told_close(&told);
	assert_int_equal(told.length, 0);
	free(told.data);
}

static void test_auto_tells_new_failures_alone(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 4, .failed = 1, .known_failures = 1 } };
	told_open(&told, PROGRESS_AUTO, 0);
	told_made(&told, 2, 100);
	told_item(&told, "data/photos/x.jpg", test_failure("not yet"), true);
	told_item(&told, "data/photos/x.jpg", test_failure("jpeg: cut short"), false);
	now_micros += 80 * SECOND;
	told_close(&told);
	assert_tells(&told,
		"failed: data/photos/x.jpg: jpeg: cut short (damaged)\n"
		"thumbnails: 4 items in 1 min 20 s: 2 made, 1 failed, 1 known failure\n"
		"1 known failure (see: nightmill failures configs/thumbnails.yaml; try again: "
		"nightmill run configs/thumbnails.yaml --retry-failed)\n"
		"all failures: nightmill failures configs/thumbnails.yaml\n");
	free(told.data);
}

static void test_names_cannot_harm_a_terminal(void **unused)
{
	(void)unused;
	struct told told = { 0 };
	told_open(&told, PROGRESS_PLAIN, 0);
	told_item(&told, "a\033[2J\n\xff.jpg", test_failure("not a \033picture"), false);
	told_close(&told);
	assert_told(&told, "failed: a\\x1b[2J\\n\\xff.jpg: not a \\x1bpicture (damaged)\n");
	assert_null(strchr(told.data, '\033'));
	free(told.data);
}

static void test_none_tells_notes_alone(void **unused)
{
	(void)unused;
	struct told told = { 0 };
	struct error err;
	told_open(&told, PROGRESS_NONE, 0);
	told_item(&told, "x", test_failure("cut short"), false);
	fail(&err, ERROR_DENIED, "permission denied");
	progress_note(told.progress, "data/photos/mine", &err);
	progress_note(told.progress, "stopped by SIGTERM", NULL);
	now_micros += 60 * SECOND;
	progress_tick(told.progress);
	told_close(&told);
	assert_tells(&told, "nightmill: data/photos/mine: permission denied\n"
			    "nightmill: stopped by SIGTERM\n");
	free(told.data);
}

static void test_notes_in_auto(void **unused)
{
	(void)unused;
	struct told told = { 0 };
	told_open(&told, PROGRESS_AUTO, 0);
	progress_note(told.progress, "halted", NULL);
	told_close(&told);
	assert_tells(&told, "nightmill: halted\n");
	free(told.data);
}

/* A cron job does not want to know; a log does, and the summary has the last word. */
static void test_workers_change(void **unused)
{
	(void)unused;
	static const char why[] = "1 worker instead of 2: all tasks waited for memory 9 % of 2.0 s";
	struct told told = { 0 };
	told_open(&told, PROGRESS_AUTO, 0);
	progress_workers(told.progress, why);
	assert_string_equal(told_text(&told), "");
	told_close(&told);
	free(told.data);

	told = (struct told){ 0 };
	told_open(&told, PROGRESS_PLAIN, 0);
	told_forget(&told);
	progress_workers(told.progress, "2 workers instead of 1: quiet");
	progress_workers(told.progress, why);
	assert_string_equal(told_text(&told),
		"thumbnails: 2 workers instead of 1: quiet\n"
		"thumbnails: 1 worker instead of 2: all tasks waited for memory 9 % of 2.0 s\n");
	told_forget(&told);
	told.now.cpu_micros = SECOND;
	told_made(&told, 1, 1000);
	told_close(&told);
	assert_non_null(strstr(told_text(&told),
		"  workers   1 worker instead of 2: all tasks waited for memory 9 % of 2.0 s; "
		"changed 2 times\n"));
	free(told.data);

	told = (struct told){ 0 };
	told_open(&told, PROGRESS_JSON, 0);
	told_forget(&told);
	progress_workers(told.progress, why);
	assert_string_equal(told_text(&told), "{\"event\":\"workers\",\"at_micros\":0,\"workers\":"
					      "1,\"why\":\"1 worker instead of 2: "
					      "all tasks waited for memory 9 % of 2.0 s\"}\n");
	told_close(&told);
	assert_non_null(strstr(told_text(&told), "\"worker_changes\":1"));
	free(told.data);
}

static void test_plain_tells_every_ten_seconds(void **unused)
{
	(void)unused;
	struct told told = { .source = { .items = 40, .bytes = 40000 } };
	told_open(&told, PROGRESS_PLAIN, 0);
	assert_tells(&told, "thumbnails: executor work-stealing, 2 workers: 2 cpus\n");
	told_forget(&told);
	progress_source(told.progress, &told.source, true);
	told_made(&told, 10, 0);
	now_micros += 10 * SECOND - 1;
	progress_tick(told.progress);
	assert_tells(&told, "");
	now_micros += 1;
	told.now.pixels = 4120 * 1000000ULL;
	progress_tick(told.progress);
	progress_tick(told.progress);
	assert_tells(&told, "thumbnails: 10/40, 1.0 items/s, 412 MP/s, ETA 30.0 s\n");
	told_close(&told);
	free(told.data);
}

static void test_time_left_goes_by_bytes(void **unused)
{
	(void)unused;
	struct told told = { .source = { .items = 40, .bytes = 100000 } };
	told_open(&told, PROGRESS_PLAIN, 0);
	told.now.up_to_date = 20;
	progress_source(told.progress, &told.source, true);
	told_made(&told, 10, 0); /* of 1000 bytes each */
	now_micros += 10 * SECOND;
	told_forget(&told);
	progress_tick(told.progress);
	assert_tells(&told, "thumbnails: 30/40, 1.0 items/s, ETA 40.0 s\n");
	told_close(&told);
	free(told.data);
}

static void test_time_left_before_the_walk_ends(void **unused)
{
	(void)unused;
	for (int known = 0; known < 2; known++) {
		struct told told = { .source = { .items = 20, .bytes = 20000 } };
		struct progress_setup setup = test_setup(&told);
		setup.last = (struct state_run){ .number = known, .items = 100 };
		told_open_with(&told, PROGRESS_PLAIN, 0, &setup);
		progress_source(told.progress, &told.source, false);
		told_made(&told, 10, 0);
		now_micros += 10 * SECOND;
		told_forget(&told);
		progress_tick(told.progress);
		assert_tells(&told, known ? "thumbnails: 10/100+, 1.0 items/s, ETA 1 min 30 s\n"
					  : "thumbnails: 10/20+, 1.0 items/s\n");
		told_close(&told);
		free(told.data);
	}
}

static void test_bar_is_drawn_over(void **unused)
{
	(void)unused;
	struct told told = { .source = { .items = 40, .bytes = 40000 } };
	told_open(&told, PROGRESS_AUTO, 80);
	progress_source(told.progress, &told.source, true);
	progress_tick(told.progress);
	told_made(&told, 10, 0);
	assert_tells(&told, "");
	now_micros += SECOND;
	progress_tick(told.progress);
	assert_tells(&told, "\r[##########..............................] 10/40  10.0 items/s  "
			    "ETA 3.00 s\033[K");
	told_forget(&told);
	now_micros += SECOND / 10 - 1;
	progress_tick(told.progress);
	assert_tells(&told, "");
	told_item(&told, "x", test_failure("cut short"), false);
	assert_tells(&told, "\r\033[Kfailed: x: cut short (damaged)\n");
	told_close(&told);
	free(told.data);
}

static void test_bar_fits_its_terminal(void **unused)
{
	(void)unused;
	for (unsigned columns = 1; columns < 120; columns++) {
		struct told told = { .source = { .items = 4000, .bytes = 4000000 } };
		told_open(&told, PROGRESS_AUTO, columns);
		progress_source(told.progress, &told.source, true);
		told_made(&told, 10, 0);
		told.now.pixels = 4000 * 1000000ULL;
		now_micros += 10 * SECOND;
		progress_tick(told.progress);
		fflush(told.file);
		assert_in_range(told.length, strlen("\r\033[K"), columns - 1 + strlen("\r\033[K"));
		told_close(&told);
		free(told.data);
	}
}

static void test_bar_is_cleared_at_the_end(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 12, .up_to_date = 12 } };
	told_open(&told, PROGRESS_AUTO, 60);
	now_micros += SECOND;
	progress_tick(told.progress);
	told_forget(&told);
	told_close(&told);
	assert_tells(&told, "\r\033[Kthumbnails: nothing to do: 12 items up to date\n");
	free(told.data);
}

static void test_summary(void **unused)
{
	(void)unused;
	struct told told = { .source = { .items = 20, .filtered = 3, .unreadable = 1 } };
	told_open(&told, PROGRESS_PLAIN, 0);
	told_made(&told, 7, 30000);
	told_item(&told, "data/photos/huge.tif", test_made(12300000), false);
	told_item(&told, "data/photos/x.jpg", test_failure("jpeg: cut short"), false);
	told_item(&told, "data/photos/y.jpg", test_failure("png: cut short"), false);
	told.now = (struct state_run){ .items = 20,
		.made = 8,
		.failed = 2,
		.up_to_date = 9,
		.known_failures = 1,
		.parts = 16,
		.bytes_read = 3 << 20,
		.bytes_written = 1 << 20,
		.pixels = 200000000,
		.micros = 10 * SECOND,
		.cpu_micros = 15 * SECOND,
		.peak_bytes = 100 << 20 };
	told_forget(&told);
	told_close(&told);
	assert_tells(&told,
		"thumbnails: 20 items in 10.0 s: 8 made, 9 up to date, 2 failed, 1 known failure\n"
		"  outputs   16, 1.0 MiB written, 3.0 MiB read\n"
		"  speed     1.0 items/s, 20.0 MP/s\n"
		"  used      15.0 s of CPU, 100.0 MiB of memory at most\n"
		"  workers   2 workers: 2 cpus\n"
		"  source    3 left out by the config, 1 not readable\n"
		"  slowest   12.3 s  data/photos/huge.tif\n"
		"            0.03 s  data/photos/a.jpg\n"
		"            0.03 s  data/photos/a.jpg\n"
		"            0.03 s  data/photos/a.jpg\n"
		"            0.03 s  data/photos/a.jpg\n"
		"  failed    2 damaged, e.g. data/photos/x.jpg: jpeg: cut short\n"
		"1 known failure (see: nightmill failures configs/thumbnails.yaml; try again: "
		"nightmill run configs/thumbnails.yaml --retry-failed)\n"
		"all failures: nightmill failures configs/thumbnails.yaml\n");
	free(told.data);
}

static void test_summary_of_a_dry_run(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 3, .made = 2, .up_to_date = 1, .micros = 1 } };
	struct progress_setup setup = test_setup(&told);
	setup.dry_run = true;
	setup.config = "it's mine.yaml";
	told_open_with(&told, PROGRESS_PLAIN, 0, &setup);
	told_close(&told);
	assert_told(&told, "2 cpus, dry run\n");
	assert_told(&told, ": 2 would be made, 1 up to date\n");
	assert_told(&told, "to make them: nightmill run 'it'\\''s mine.yaml'\n");
	free(told.data);
}

static void test_summary_when_stopped(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 3, .made = 2, .cancelled = 1, .micros = 1 } };
	told_open(&told, PROGRESS_PLAIN, 0);
	told_close(&told);
	assert_told(&told, ": 2 made, 1 not started\n");
	assert_told(&told, "to go on: nightmill run configs/thumbnails.yaml\n");
	free(told.data);
}

static void test_nothing_to_do(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 12, .up_to_date = 10, .known_failures = 2 } };
	told_open(&told, PROGRESS_PLAIN, 0);
	told_close(&told);
	assert_told(&told,
		"thumbnails: nothing to do: 12 items: 10 up to date, 2 known failures\n2 known");
	free(told.data);
	struct told empty = { 0 };
	told_open(&empty, PROGRESS_PLAIN, 0);
	told_close(&empty);
	assert_told(&empty, "thumbnails: nothing to do: 0 items\n");
	free(empty.data);
}

static void test_slowest_are_sorted_and_cut(void **unused)
{
	(void)unused;
	struct told told = { 0 };
	char key[1000];
	told_open(&told, PROGRESS_PLAIN, 0);
	for (int i = 1; i <= 9; i++) {
		memset(key, 'a' + i, sizeof(key));
		memcpy(key + PROGRESS_CUT_BYTES - 1, "\xc3\xa9", 2);
		key[sizeof(key) - 1] = '\0';
		told_item(&told, key, test_made(i * 7 % 10 * SECOND), false);
	}
	told_close(&told);
	const char *at = told.data;
	static const char *const order[] = { "  9.00 s  hhhh", "  8.00 s  eeee", "  7.00 s  bbbb",
		"  6.00 s  iiii", "  5.00 s  ffff" };
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	assert_not_told(&told, "4.00 s");
	assert_told(&told, "hhhh...\n");
	assert_not_told(&told, "\\x");
	free(told.data);
}

static void test_json_events(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 1, .number = 7, .started_nanos = 42 },
		.source = { .items = 1, .bytes = 1000 } };
	struct error err;
	told_open(&told, PROGRESS_JSON, 0);
	assert_tells(&told, "{\"event\":\"start\",\"at_micros\":0,\"name\":\"thumbnails\","
			    "\"config\":\"configs/thumbnails.yaml\","
			    "\"executor\":\"work-stealing\",\"workers\":\"2 workers: 2 cpus\","
			    "\"dry_run\":false,\"run\":7,\"started_nanos\":42}\n");
	told_forget(&told);
	progress_source(told.progress, &told.source, true);
	progress_source(told.progress, &told.source, true);
	assert_tells(&told,
		"{\"event\":\"walk\",\"at_micros\":0,\"found\":1,\"found_bytes\":1000,"
		"\"special\":0,\"filtered\":0,\"young\":0,\"unreadable\":0,\"duplicates\":0}\n");
	told_forget(&told);
	now_micros += 5;
	told_item(&told, "a\xff\"b", test_failure("cut"), true);
	assert_tells(&told, "{\"event\":\"item\",\"at_micros\":5,\"status\":\"failed\","
			    "\"key\":\"a\xef\xbf\xbd\\\"b\",\"key_hex\":\"61ff2262\",\"attempt\":1,"
			    "\"again\":true,\"worker\":0,\"stage\":0,\"micros\":5000,"
			    "\"bytes_read\":0,\"bytes_written\":0,\"pixels\":0,\"error\":{"
			    "\"code\":\"damaged\",\"blame\":\"item\",\"text\":\"cut\"}}\n");
	told_forget(&told);
	fail(&err, ERROR_SPACE, "disk full");
	progress_note(told.progress, "halted", &err);
	assert_tells(&told, "{\"event\":\"note\",\"at_micros\":5,\"what\":\"halted\",\"error\":{"
			    "\"code\":\"space\",\"blame\":\"place\",\"text\":\"disk full\"}}\n");
	told_close(&told);
	free(told.data);
}

static void test_json_progress_and_end(void **unused)
{
	(void)unused;
	struct told told = { .now = { .items = 2, .exit_status = 3 }, .source = { .items = 2 } };
	told_open(&told, PROGRESS_JSON, 0);
	told_forget(&told);
	now_micros += SECOND;
	progress_tick(told.progress);
	progress_tick(told.progress);
	assert_tells(&told,
		"{\"event\":\"progress\",\"at_micros\":1000000,\"items\":2,\"made\":0,"
		"\"unchanged\":0,\"up_to_date\":0,\"ignored\":0,\"failed\":0,\"known_failures\":0,"
		"\"cancelled\":0,\"outputs\":0,\"bytes_read\":0,\"bytes_written\":0,\"pixels\":0,"
		"\"found\":0,\"found_bytes\":0,\"special\":0,\"filtered\":0,\"young\":0,"
		"\"unreadable\":0,"
		"\"duplicates\":0,\"walked\":false,\"done\":0,\"expected\":0,"
		"\"left_micros\":null}\n");
	told_item(&told, "ok", test_made(9), false);
	told_item(&told, "x", test_failure("cut"), false);
	told_forget(&told);
	told_close(&told);
	assert_told(&told, "{\"event\":\"end\",\"at_micros\":1000000,\"items\":2,");
	assert_told(&told, ",\"exit_status\":3,\"micros\":0,");
	assert_told(&told, ",\"slowest\":[{\"micros\":5000,\"key\":\"x\"},"
			   "{\"micros\":9,\"key\":\"ok\"}],\"failures\":[{\"code\":\"damaged\","
			   "\"count\":1,\"key\":\"x\",\"text\":\"cut\"}]}\n");
	free(told.data);
}

static void test_close_accepts_null(void **unused)
{
	(void)unused;
	const struct source_counts none = { 0 };
	progress_close(NULL, &none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes_have_words),
		cmocka_unit_test(test_auto_is_silent_on_success),
		cmocka_unit_test(test_auto_tells_new_failures_alone),
		cmocka_unit_test(test_names_cannot_harm_a_terminal),
		cmocka_unit_test(test_none_tells_notes_alone),
		cmocka_unit_test(test_notes_in_auto),
		cmocka_unit_test(test_workers_change),
		cmocka_unit_test(test_plain_tells_every_ten_seconds),
		cmocka_unit_test(test_time_left_goes_by_bytes),
		cmocka_unit_test(test_time_left_before_the_walk_ends),
		cmocka_unit_test(test_bar_is_drawn_over),
		cmocka_unit_test(test_bar_fits_its_terminal),
		cmocka_unit_test(test_bar_is_cleared_at_the_end),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_summary_of_a_dry_run),
		cmocka_unit_test(test_summary_when_stopped),
		cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_slowest_are_sorted_and_cut),
		cmocka_unit_test(test_json_events),
		cmocka_unit_test(test_json_progress_and_end),
		cmocka_unit_test(test_close_accepts_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
