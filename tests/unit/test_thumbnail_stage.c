/* The stage as the engine sees it: options and what is wrong with them, output paths, files read
 * and written. */

#include "stages/thumbnail/thumbnail.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "stages/thumbnail/encode.h"
#include "tests/fakes/scratch.h"

static const char *const names[] = { "root", "path", "dir", "name", "stem", "ext", "file" };
static const struct fields fields = { names, 7, NULL };

/* A stage with what it stands on. */
struct stand {
	struct arena arena;
	struct problems problems;
	struct option_plugin self;
	const char *root;
	void *prepared;
};

static bool stand_up(struct stand *stand, const char *yaml)
{
	const struct plugin *plugin = &thumbnail_stage.plugin;
	*stand = (struct stand){ .root = "in" };
	struct yaml_node *node =
		yaml_parse(&stand->arena, "test", yaml, strlen(yaml), &stand->problems);
	assert_non_null(node);
	stand->self = (struct option_plugin){
		.plugin = plugin,
		.settings = arena_alloc(&stand->arena, plugin->settings_bytes),
		.node = node,
	};
	if (!option_parse(plugin->options, node, node->place, stand->self.settings, &stand->arena,
		    &stand->problems))
		return false;
	struct stage_setup *setup = arena_alloc(&stand->arena, sizeof(*setup));
	*setup = (struct stage_setup){
		.fields = &fields,
		.roots = { &stand->root, 1 },
		.arena = &stand->arena,
		.self = &stand->self,
		.problems = &stand->problems,
	};
	return thumbnail_stage.prepare(stand->self.settings, setup, &stand->prepared);
}

static void stand_down(struct stand *stand)
{
	problems_finish(&stand->problems);
	arena_finish(&stand->arena);
}

static const char one_size[] = "sizes: [{name: small, width: 32, height: 32}]\n"
			       "to: 'out//thumbs/./{dir}/{name}-{size}.{ext}'\n";

static struct slot slot_of(const char *text)
{
	return (struct slot){ text, text ? (uint32_t)strlen(text) : 0, false };
}

/* An item of a file below `in`. */
static struct item item_of(const char *dir, const char *name, struct slot slots[7])
{
	static char path[1024];
	snprintf(path, sizeof(path), "in/%s%s%s", dir, *dir ? "/" : "", name);
	const struct slot made[7] = { slot_of("in"), slot_of(path), slot_of(dir), slot_of(name),
		slot_of("stem"), slot_of("jpeg"), slot_of(name) };
	memcpy(slots, made, sizeof(made));
	return (struct item){
		.id = digest_of(path, strlen(path)),
		.attempt = 1,
		.due = UINT64_MAX,
		.key = path,
		.key_length = strlen(path),
		.slots = slots,
		.slot_count = 7,
	};
}

static void test_complains(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "sizes: []\nto: 'out/{name}'\n", "1 to 64 sizes" },
		{ "sizes: [{name: a}]\nto: 'out/{name}'\n", "needs a width" },
		{ "sizes: [{name: a, width: 1, fit: cover}]\nto: 'out/{name}'\n",
			"need a width and a height" },
		{ "sizes: [{name: 'a/b', width: 1}]\nto: 'out/{name}'\n", "letters, digits" },
		{ "sizes: [{name: a, width: 1}, {name: a, width: 2}]\nto: 'out/{name}-{size}'\n",
			"taken" },
		{ "sizes: [{name: a, width: 1, background: '#12'}]\nto: 'out/{name}'\n",
			"a colour is" },
		{ "sizes: [{name: a, width: 1}]\nto: '{dir}/{name}'\n", "folder in front" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out{dir}/{name}'\n", "folder in front" },
		{ "sizes: [{name: a, width: 1}]\nto: '/{name}'\n", "folder in front" },
		{ "sizes: [{name: a, width: 1}]\nto: './{name}'\n", "folder in front" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out/../{name}'\n", "'..'" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out/{size}.{ext}'\n", "tells items apart" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out/{nmae}'\n", "unknown slot" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out/{name}{ext}{ext}'\n", "more than once" },
		{ "sizes: [{name: a, width: 1}, {name: b, width: 2}]\nto: 'out/{name}.{ext}'\n",
			"'a' and 'b'" },
		{ "sizes: [{name: a, width: 1}]\nto: 'out/{name}'\nfrom: '{pth}'\n",
			"unknown slot" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stand stand;
		assert_false(stand_up(&stand, cases[i][0]));
		assert_true(stand.problems.count >= 1);
		if (!strstr(stand.problems.list[0].text, cases[i][1]))
			fail_msg(
				"'%s' does not say '%s'", stand.problems.list[0].text, cases[i][1]);
		stand_down(&stand);
	}
}

static void test_complains_of_everything_at_once(void **state)
{
	(void)state;
	struct stand stand;
	assert_false(stand_up(&stand, "sizes: [{name: a}, {name: a, width: 1, background: x}]\n"
				      "to: '{dir}'\nfrom: '{x}'\n"));
	assert_int_equal(stand.problems.count, 5);
	stand_down(&stand);
}

static void test_paths(void **state)
{
	(void)state;
	struct stand stand;
	assert_true(stand_up(&stand, one_size));
	assert_string_equal(thumbnail_stage.output_root(stand.prepared), "out/thumbs");
	assert_int_equal(thumbnail_stage.parts(stand.prepared), 1);
	static const char *const cases[][3] = {
		{ "a/b", "c.jpg", "out/thumbs/a/b/c.jpg-small.jpg" },
		{ "", "c.png", "out/thumbs/c.png-small.jpg" },
		{ "a//./b", "c", "out/thumbs/a/b/c-small.jpg" },
	};
	struct part part;
	struct error err;
	struct slot slots[7];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct item item = item_of(cases[i][0], cases[i][1], slots);
		assert_true(
			thumbnail_stage.outputs(stand.prepared, &item, &stand.arena, &part, &err));
		assert_string_equal(part.path, cases[i][2]);
		assert_int_equal(part.length, strlen(cases[i][2]));
		assert_string_equal(part.name, "small");
		assert_true(part.late == SIZE_MAX);
	}
	char long_name[251];
	memset(long_name, 'x', 250);
	long_name[250] = '\0';
	struct item item = item_of("", long_name, slots);
	assert_false(thumbnail_stage.outputs(stand.prepared, &item, &stand.arena, &part, &err));
	assert_non_null(strstr(err.text, "260 bytes, 255 are possible"));
	assert_int_equal(err.blame, BLAME_ITEM);
	item = item_of("../../etc", "passwd", slots);
	assert_false(thumbnail_stage.outputs(stand.prepared, &item, &stand.arena, &part, &err));
	stand_down(&stand);
}

static void test_the_late_extension(void **state)
{
	(void)state;
	struct stand stand;
	assert_true(stand_up(&stand, "sizes: [{name: a, width: 9, format: same}]\n"
				     "to: 'out/{dir}/{name}-{width}x{height}.{ext}'\n"));
	struct slot slots[7];
	const struct item item = item_of("p//q", "r", slots);
	struct part part;
	struct error err;
	assert_true(thumbnail_stage.outputs(stand.prepared, &item, &stand.arena, &part, &err));
	assert_string_equal(part.path, "out/p/q/r-9x.");
	assert_int_equal(part.late, strlen("out/p/q/r-9x."));
	stand_down(&stand);
}

static struct digest recipe_of(const char *yaml)
{
	struct stand stand;
	assert_true(stand_up(&stand, yaml));
	struct slot slots[7];
	const struct item item = item_of("", "a", slots);
	struct part part;
	struct error err;
	assert_true(thumbnail_stage.outputs(stand.prepared, &item, &stand.arena, &part, &err));
	stand_down(&stand);
	return part.recipe;
}

static void test_recipes(void **state)
{
	(void)state;
	const struct digest plain = recipe_of("sizes: [{name: a, width: 9}]\nto: 'o/{name}'\n");
	static const char *const same[] = {
		"sizes: [{name: b, width: 9}]\nto: 'p/{name}'\n",
		"sizes: [{name: a, width: 9, height: auto}]\nto: 'o/{name}'\nmax_pixels: 7\n",
	};
	static const char *const others[] = {
		"sizes: [{name: a, width: 8}]\nto: 'o/{name}'\n",
		"sizes: [{name: a, width: 9, quality: 81}]\nto: 'o/{name}'\n",
		"sizes: [{name: a, width: 9}]\nto: 'o/{name}'\non_damage: keep\n",
	};
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_true(digest_equal(plain, recipe_of(same[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(digest_equal(plain, recipe_of(others[i])));
}

static void write_jpeg(const char *path, size_t part)
{
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL };
	struct error err;
	assert_true(surface_shape(&surface, 300, 200, 3, &err));
	memset(surface.pixels, 99, surface.stride * 200);
	const struct size size = { .quality = 90 };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = FORMAT_JPEG };
	assert_true(encode_surface(&job, &file, &err));
	scratch_write(path, file.data, file.length / part);
	text_finish(&file);
	surface_finish(&surface);
}

/* One item through open, process and close, temporary files in `temporary`. */
static struct outcome processed(const char *yaml, struct item *item)
{
	struct stand stand;
	struct outcome outcome = outcome_of(item, OUTCOME_MADE);
	struct error err = { .text = "" };
	assert_true(stand_up(&stand, yaml));
	const struct workplace place = {
		.temporary = open("temporary", O_RDONLY | O_DIRECTORY),
		.first_part = 3,
	};
	void *worker;
	if (!thumbnail_stage.open(stand.prepared, &place, &worker, &err))
		fail_msg("%s", err.text);
	thumbnail_stage.process(worker, item, &outcome);
	thumbnail_stage.close(worker);
	close(place.temporary);
	stand_down(&stand);
	return outcome;
}

static bool is_there(const struct item *item, uint32_t part)
{
	char name[STAGE_TEMPORARY_BYTES], path[STAGE_TEMPORARY_BYTES + 16];
	stage_temporary(item->id, item->attempt, part, name);
	snprintf(path, sizeof(path), "temporary/%s", name);
	struct stat status;
	return stat(path, &status) == 0 && status.st_size > 100;
}

static void folders(void)
{
	scratch_folder("in");
	scratch_folder("temporary");
}

static const char two_sizes[] = "sizes: [{name: a, width: 32}, {name: b, width: 16}]\n"
				"to: 'out/{name}-{size}.{ext}'\n";

static void test_makes_what_is_due(void **state)
{
	(void)state;
	folders();
	write_jpeg("in/a.jpg", 1);
	struct slot slots[7];
	struct item item = item_of("", "a.jpg", slots);
	item.due = 2U << 3;
	const struct outcome outcome = processed(two_sizes, &item);
	assert_int_equal(outcome.status, OUTCOME_MADE);
	assert_int_equal(outcome.made, 2U << 3);
	assert_true(is_there(&item, 4) && !is_there(&item, 3));
	assert_int_equal(outcome.pixels, 60000);
	assert_true(outcome.opened_nanos > 0 && !digest_none(outcome.content));
	assert_true(outcome.bytes_read > 100 && outcome.bytes_written > 100);
}

static void test_unchanged_is_not_even_looked_at(void **state)
{
	(void)state;
	folders();
	scratch_write("in/a.jpg", "no picture", 10);
	struct slot slots[7];
	struct item item = item_of("", "a.jpg", slots);
	item.known = digest_of("no picture", 10);
	assert_int_equal(processed(two_sizes, &item).status, OUTCOME_UNCHANGED);
	item.known = digest_of("another", 7);
	const struct outcome outcome = processed(two_sizes, &item);
	assert_int_equal(outcome.status, OUTCOME_IGNORED);
	assert_string_equal(outcome.error.text, "no picture");
}

static void test_a_failure_leaves_nothing(void **state)
{
	(void)state;
	folders();
	write_jpeg("in/a.jpg", 2);
	struct slot slots[7];
	struct item item = item_of("", "a.jpg", slots);
	struct outcome outcome = processed(two_sizes, &item);
	assert_int_equal(outcome.status, OUTCOME_FAILED);
	assert_int_equal(outcome.error.code, ERROR_DAMAGED);
	assert_int_equal(outcome.made, 0);
	assert_int_equal(rmdir("temporary"), 0);
	scratch_folder("temporary");
	write_jpeg("in/a.jpg", 1);
	char name[STAGE_TEMPORARY_BYTES], path[STAGE_TEMPORARY_BYTES + 16];
	stage_temporary(item.id, 1, 4, name);
	snprintf(path, sizeof(path), "temporary/%s", name);
	scratch_folder(path);
	outcome = processed(two_sizes, &item);
	assert_int_equal(outcome.status, OUTCOME_FAILED);
	assert_int_equal(outcome.made, 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir("temporary"), 0);
}

static void test_files_over_the_limit(void **state)
{
	(void)state;
	folders();
	write_jpeg("in/a.jpg", 1);
	struct slot slots[7];
	struct item item = item_of("", "a.jpg", slots);
	char yaml[256];
	snprintf(yaml, sizeof(yaml), "%smax_bytes: 100\n", two_sizes);
	const struct outcome outcome = processed(yaml, &item);
	assert_int_equal(outcome.error.code, ERROR_LIMIT);
	assert_non_null(strstr(outcome.error.text, "max_bytes"));
}

#define SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complains),
		cmocka_unit_test(test_complains_of_everything_at_once),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_the_late_extension),
		cmocka_unit_test(test_recipes),
		SCRATCH(test_makes_what_is_due),
		SCRATCH(test_unchanged_is_not_even_looked_at),
		SCRATCH(test_a_failure_leaves_nothing),
		SCRATCH(test_files_over_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
