#include "stages/files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"
#include "stages/files/names.h"
#include "tests/fakes/scratch.h"

/* One source, opened from what a user would write. */
struct reading {
	struct arena arena;
	struct problems problems;
	struct option_plugin self;
	struct source_setup setup;
	struct text complaints;
	size_t complaint_count;
	void *source;
	struct batch *batch;
	struct error err;
	struct text keys; /* each with a NUL behind it */
	size_t most;      /* largest batch */
	size_t bytes;     /* largest arena of a batch */
};

static void complain(void *context, const char *what, const struct error *err)
{
	struct reading *reading = context;
	text_addf(&reading->complaints, "%.80s: %s\n", what, err->text);
	reading->complaint_count++;
}

/* Parses and checks; false where there are problems. */
static bool reading_parse(struct reading *reading, const char *yaml)
{
	*reading = (struct reading){ .setup.complain = complain, .setup.context = reading };
	reading->batch = calloc(1, sizeof(*reading->batch));
	assert_non_null(reading->batch);
	struct yaml_node *node =
		yaml_parse(&reading->arena, "test", yaml, strlen(yaml), &reading->problems);
	assert_non_null(node);
	const struct plugin *plugin = &files_source.plugin;
	reading->self = (struct option_plugin){
		.plugin = plugin,
		.settings = arena_alloc(&reading->arena, plugin->settings_bytes),
		.node = node,
	};
	if (option_parse(plugin->options, node, node->place, reading->self.settings,
		    &reading->arena, &reading->problems))
		files_source.check(&reading->self, &reading->problems);
	return reading->problems.count == 0;
}

static bool reading_open(struct reading *reading)
{
	return files_source.open(
		reading->self.settings, &reading->setup, &reading->source, &reading->err);
}

static void reading_close(struct reading *reading)
{
	files_source.close(reading->source);
	arena_finish(&reading->batch->arena);
	free(reading->batch);
	problems_finish(&reading->problems);
	arena_finish(&reading->arena);
	text_finish(&reading->complaints);
	text_finish(&reading->keys);
}

static bool reading_step(struct reading *reading)
{
	struct batch *batch = reading->batch;
	arena_reset(&batch->arena);
	if (!files_source.step(reading->source, batch, &reading->err))
		return false;
	for (size_t i = 0; i < batch->count; i++) {
		text_add(&reading->keys, batch->items[i].key, batch->items[i].key_length);
		text_add(&reading->keys, "", 1);
	}
	if (batch->count > reading->most)
		reading->most = batch->count;
	if (arena_bytes(&batch->arena) > reading->bytes)
		reading->bytes = arena_bytes(&batch->arena);
	return true;
}

/* Opens and steps to the end. */
static bool reading_run(struct reading *reading)
{
	if (!reading_open(reading))
		return false;
	do {
		if (!reading_step(reading))
			return false;
	} while (reading->batch->count);
	return true;
}

static const struct source_counts *reading_counts(const struct reading *reading)
{
	return files_source.counts(reading->source);
}

static void reading_start(struct reading *reading, const char *yaml)
{
	if (!reading_parse(reading, yaml))
		fail_msg("%s", reading->problems.list[0].text);
}

/* The whole reading gives these keys in this order. */
static void assert_gives(const char *yaml, const char *const *keys)
{
	struct reading reading;
	reading_start(&reading, yaml);
	if (!reading_run(&reading))
		fail_msg("%s", reading.err.text);
	const char *next = reading.keys.data;
	const char *const end = next + reading.keys.length;
	for (; *keys; keys++, next += strlen(next) + 1) {
		if (next == end || strcmp(next, *keys))
			fail_msg("%s: '%s' where '%s' was due", yaml, next == end ? "" : next,
				*keys);
	}
	if (next != end)
		fail_msg("%s: '%s' is too many", yaml, next);
	reading_close(&reading);
}

#define GIVES(yaml, ...) assert_gives(yaml, (const char *const[]){ __VA_ARGS__, NULL })

static void make_photos(void)
{
	scratch_folder("in");
	scratch_folder("in/b");
	scratch_folder("in/b/deep");
	scratch_folder("in/a.jpg"); /* a folder all the same */
	scratch_folder("in/.dark");
	scratch_touch("in/z.jpg");
	scratch_touch("in/Z.jpg");
	scratch_touch("in/note.txt");
	scratch_touch("in/.hidden.jpg");
	scratch_touch("in/.dark/x.jpg");
	scratch_touch("in/a.jpg/1.jpg");
	scratch_touch("in/b/2.jpg");
	scratch_touch("in/b/deep/3.jpg");
}

static void order_and_filters(void **state)
{
	(void)state;
	make_photos();
	GIVES("{roots: [in]}", "in/Z.jpg", "in/note.txt", "in/z.jpg", "in/a.jpg/1.jpg",
		"in/b/2.jpg", "in/b/deep/3.jpg");
	GIVES("{roots: in/./, include: '*.jpg'}", "in/Z.jpg", "in/z.jpg");
	GIVES("{roots: [.//in//], include: ['**/*.jpg'], exclude: [b, z*]}", "in/Z.jpg",
		"in/a.jpg/1.jpg");
	GIVES("{roots: [in], include: ['b/*']}", "in/b/2.jpg");
	GIVES("{roots: [in], hidden: yes, include: ['**/*.jpg'], exclude: ['[!.]*']}",
		"in/.hidden.jpg", "in/.dark/x.jpg");
	GIVES("{roots: [in/b/deep, in/a.jpg]}", "in/b/deep/3.jpg", "in/a.jpg/1.jpg");
	assert_int_equal(chdir("in/b"), 0);
	GIVES("{roots: [.]}", "./2.jpg", "./deep/3.jpg");
	GIVES("{roots: [../a.jpg]}", "../a.jpg/1.jpg");
}

static void names_are_ordered_by_all_bytes(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_touch("in/IMG_2024_2.jpg");
	scratch_touch("in/IMG_2024_10.jpg");
	scratch_touch("in/IMG_2024_1.jpg");
	scratch_touch("in/IMG_2024");
	scratch_touch("in/IMG_2024\xff");
	scratch_touch("in/IMG_2023_9.jpg");
	GIVES("{roots: [in]}", "in/IMG_2023_9.jpg", "in/IMG_2024", "in/IMG_2024_1.jpg",
		"in/IMG_2024_10.jpg", "in/IMG_2024_2.jpg", "in/IMG_2024\xff");
}

static void names_are_a_stack(void **state)
{
	(void)state;
	struct names names = { 0 };
	names_add(&names, "bottom", 6, false);
	const size_t used = names.used;
	for (int i = 0; i < 1000; i++)
		names_add(&names, i % 2 ? "zzzzzzzz-later" : "zzzzzzzz-early", 14, i % 2);
	names_sort(&names, 1);
	assert_string_equal(names_text(&names, &names.list[0]), "bottom");
	assert_string_equal(names_text(&names, &names.list[1]), "zzzzzzzz-early");
	assert_string_equal(names_text(&names, &names.list[1000]), "zzzzzzzz-later");
	assert_true(names.list[1000].link && !names.list[1].link);
	names_cut(&names, 1);
	assert_int_equal(names.count, 1);
	assert_int_equal(names.used, used);
	names_finish(&names);
}

static const char *slot(const struct item *item, enum files_slot which)
{
	static char text[5000];
	const struct slot *slot = &item->slots[which];
	assert_true(slot->data && !slot->secret);
	memcpy(text, slot->data, slot->length);
	text[slot->length] = '\0';
	return text;
}

static void assert_record(const char *name, const char *stem, const char *ext)
{
	char path[300];
	struct reading reading;
	struct stat status;
	snprintf(path, sizeof(path), "in/%s", name);
	scratch_write(path, NULL, 3);
	reading_start(&reading, "{roots: [in], hidden: on}");
	assert_true(reading_open(&reading));
	assert_true(reading_step(&reading));
	assert_int_equal(reading.batch->count, 1);
	const struct item *item = &reading.batch->items[0];
	assert_int_equal(item->key_length, strlen(path));
	assert_memory_equal(item->key, path, strlen(path));
	assert_int_equal(item->slot_count, FILES_SLOTS);
	assert_string_equal(slot(item, FILES_ROOT), "in");
	assert_string_equal(slot(item, FILES_PATH), path);
	assert_string_equal(slot(item, FILES_DIR), "");
	assert_string_equal(slot(item, FILES_NAME), name);
	assert_string_equal(slot(item, FILES_STEM), stem);
	assert_string_equal(slot(item, FILES_EXT), ext);
	assert_int_equal(stat(path, &status), 0);
	assert_true(item->validator.mtime_nanos == clock_nanos(&status.st_mtim));
	assert_int_equal(item->validator.size, 3);
	assert_int_equal(item->validator.strict, 0);
	assert_int_equal(item->bytes, 3);
	reading_close(&reading);
	assert_int_equal(unlink(path), 0);
}

static void any_bytes_are_a_name(void **state)
{
	(void)state;
	char longest[256];
	memset(longest, 'n', 255);
	memcpy(longest + 251, ".jpg", 5);
	scratch_folder("in");
	assert_record("a.jpg", "a", "jpg");
	assert_record("a.tar.gz", "a.tar", "gz");
	assert_record("none", "none", "");
	assert_record(".jpg", ".jpg", "");
	assert_record(".a.jpg", ".a", "jpg");
	assert_record("...", "...", "");
	assert_record("..a", "..a", "");
	assert_record("dot.", "dot.", "");
	assert_record("a.b.", "a.b.", "");
	assert_record("space.jpg ", "space", "jpg ");
	assert_record("new\nline.jpg", "new\nline", "jpg");
	assert_record("\r.jpg", "\r", "jpg");
	assert_record("\xff\xfe.j\x80g", "\xff\xfe", "j\x80g");
	assert_record("-rf.jpg", "-rf", "jpg");
	assert_record("g.jpg[shrink=8]", "g", "jpg[shrink=8]");
	assert_record("\"'`$(x).jpg", "\"'`$(x)", "jpg");
	assert_record("%2f.jpg", "%2f", "jpg");
	assert_record("\033[31m.jpg", "\033[31m", "jpg");
	assert_record("{name}.jpg", "{name}", "jpg");
	longest[251] = '\0';
	char stem[256];
	memcpy(stem, longest, 252);
	longest[251] = '.';
	assert_record(longest, stem, "jpg");
}

static void slots_below_the_top(void **state)
{
	(void)state;
	struct reading reading;
	make_photos();
	reading_start(&reading, "{roots: [in], include: ['b/deep/*']}");
	reading.setup.strict = true;
	assert_true(reading_open(&reading));
	assert_true(reading_step(&reading));
	const struct item *item = &reading.batch->items[0];
	assert_string_equal(slot(item, FILES_DIR), "b/deep");
	assert_string_equal(slot(item, FILES_NAME), "3.jpg");
	const uint64_t strict = item->validator.strict;
	assert_true(strict != 0);
	reading_close(&reading);

	assert_int_equal(chmod("in/b/deep/3.jpg", 0600), 0);
	assert_int_equal(rename("in/b/deep/3.jpg", "in/b/deep/4.jpg"), 0);
	scratch_touch("in/b/deep/3.jpg");
	assert_int_equal(unlink("in/b/deep/4.jpg"), 0);
	assert_int_equal(chdir("in/b"), 0);
	reading_start(&reading, "{roots: [.], include: ['deep/*']}");
	reading.setup.strict = true;
	assert_true(reading_open(&reading));
	assert_true(reading_step(&reading));
	item = &reading.batch->items[0];
	assert_string_equal(slot(item, FILES_ROOT), "b");
	assert_string_equal(slot(item, FILES_PATH), "./deep/3.jpg");
	assert_string_equal(slot(item, FILES_DIR), "deep");
	assert_true(item->validator.strict != strict);
	reading_close(&reading);
}

static void assert_counts(const char *yaml, uint64_t items, uint64_t ignored, uint64_t filtered)
{
	struct reading reading;
	reading_start(&reading, yaml);
	if (!reading_run(&reading))
		fail_msg("%s", reading.err.text);
	const struct source_counts *counts = reading_counts(&reading);
	if (counts->items != items || counts->ignored != ignored || counts->filtered != filtered)
		fail_msg("%s: %d items, %d ignored, %d filtered", yaml, (int)counts->items,
			(int)counts->ignored, (int)counts->filtered);
	assert_int_equal(counts->unreadable, 0);
	assert_int_equal(reading.complaint_count, 0);
	reading_close(&reading);
}

static void what_is_no_file_is_ignored(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_folder("in/folder.jpg");
	scratch_touch("in/file");
	scratch_touch("outside");
	assert_int_equal(mkfifo("in/fifo.jpg", 0666), 0);
	const int heard = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct sockaddr_un address = { AF_UNIX, "in/socket.jpg" };
	assert_int_equal(bind(heard, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(symlink("none", "in/dangling"), 0);
	assert_int_equal(symlink("loop", "in/loop"), 0);
	assert_int_equal(symlink(".", "in/folder.jpg/self"), 0);
	assert_int_equal(symlink("..", "in/folder.jpg/up"), 0);
	assert_int_equal(symlink("../outside", "in/out"), 0);
	assert_int_equal(symlink("file", "in/again"), 0);
	const bool device = !mknod("in/zero", S_IFCHR | 0666, makedev(1, 5));
	assert_counts("{roots: [in]}", 1, 8 + device, 0);
	assert_counts("{roots: [in], links: follow}", 2, 7 + device, 0);
	assert_counts("{roots: [in], links: follow, exclude: [again]}", 1, 7 + device, 1);
	GIVES("{roots: [in], links: follow}", "in/again", "in/file");
	close(heard);
}

static void links_are_followed_below_the_root(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_folder("in/real");
	scratch_folder("in/real/deep");
	scratch_touch("in/real/deep/a");
	assert_int_equal(symlink("real", "in/alias"), 0);
	assert_int_equal(symlink("../../real", "in/real/deep/loop"), 0);
	assert_int_equal(symlink("in", "root"), 0);
	GIVES("{roots: [in]}", "in/real/deep/a");
	GIVES("{roots: [root]}", "root/real/deep/a");
	GIVES("{roots: [root], links: follow}", "root/alias/deep/a", "root/real/deep/a");
}

static void sizes_and_ages(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_write("in/small", NULL, 10);
	scratch_write("in/middle", NULL, 2000);
	scratch_touch("in/tera");
	if (truncate("in/tera", INT64_C(1) << 40))
		skip();
	GIVES("{roots: [in], max_size: 2000B}", "in/middle", "in/small");
	GIVES("{roots: [in], min_size: 11B, max_size: 1GiB}", "in/middle");
	GIVES("{roots: [in], min_size: 1TiB}", "in/tera");
	const struct timespec times[] = { { 1000000000, 0 }, { 1000000000, 5 } };
	assert_int_equal(utimensat(AT_FDCWD, "in/small", times, 0), 0);
	GIVES("{roots: [in], min_age: 1h}", "in/small");
	GIVES("{roots: [in], max_age: 1h}", "in/middle", "in/tera");
	assert_counts("{roots: [in], max_age: 1h}", 2, 0, 1);
}

static void output_folders_are_skipped(void **state)
{
	(void)state;
	struct reading reading;
	make_photos();
	scratch_folder("in/out");
	scratch_touch("in/out/thumb.jpg");
	scratch_folder("in/.nightmill-x");
	scratch_touch("in/.nightmill-x/t");
	scratch_touch("in/.nightmill-file");
	assert_int_equal(symlink("in", "alias"), 0);
	/* Another name for it, and one that is made only after the start. */
	const char *const skip[] = { "alias/b/../out", "in/later" };
	reading_start(&reading, "{roots: [in], hidden: yes}");
	reading.setup.skip = skip;
	reading.setup.skip_count = 2;
	assert_true(reading_open(&reading));
	scratch_folder("in/later");
	scratch_touch("in/later/thumb.jpg");
	do
		assert_true(reading_step(&reading));
	while (reading.batch->count);
	assert_int_equal(reading_counts(&reading)->items, 9);
	assert_int_equal(reading_counts(&reading)->filtered, 3);
	reading_close(&reading);

	reading_start(&reading, "{roots: [in/out]}");
	reading.setup.skip = skip;
	reading.setup.skip_count = 1;
	assert_false(reading_open(&reading));
	assert_non_null(strstr(reading.err.text, "'in/out'"));
	reading_close(&reading);
}

static void assert_no_start(const char *yaml, enum error_code code, const char *word)
{
	struct reading reading;
	reading_start(&reading, yaml);
	assert_false(reading_run(&reading));
	if (reading.err.code != code || !strstr(reading.err.text, word))
		fail_msg("%s: %s: %s", yaml, error_word(reading.err.code), reading.err.text);
	reading_close(&reading);
}

static void nothing_to_read_is_an_error(void **state)
{
	(void)state;
	make_photos();
	scratch_folder("empty");
	assert_int_equal(symlink("in", "alias"), 0);
	assert_no_start("{roots: [none]}", ERROR_MISSING, "'none'");
	assert_no_start("{roots: [none], empty: ok}", ERROR_MISSING, "'none'");
	assert_no_start("{roots: [in/z.jpg]}", ERROR_MISSING, "'in/z.jpg'");
	assert_no_start("{roots: [in, empty]}", ERROR_MISSING, "'empty'");
	assert_no_start("{roots: [in, alias]}", ERROR_USAGE, "same folder");
	assert_no_start("{roots: [in], include: ['*.png']}", ERROR_MISSING, "'*.png'");
	assert_no_start("{roots: [in], min_size: 1B}", ERROR_MISSING, "'in'");
	assert_counts("{roots: [in, empty], empty: ok}", 6, 0, 2);
	assert_counts("{roots: [empty], empty: ok}", 0, 0, 0);
	assert_counts("{roots: [in], include: ['*.png'], empty: ok}", 0, 0, 7);
}

static void assert_problems(const char *yaml, size_t count, const char *word)
{
	struct reading reading;
	if (reading_parse(&reading, yaml))
		fail_msg("%s", yaml);
	assert_int_equal(reading.problems.count, count);
	if (!strstr(reading.problems.list[0].text, word))
		fail_msg("%s: %s", yaml, reading.problems.list[0].text);
	reading_close(&reading);
}

static void settings_are_checked(void **state)
{
	(void)state;
	assert_problems("{}", 1, "roots");
	assert_problems("{roots: []}", 1, "root");
	assert_problems("{roots: ['']}", 1, "name");
	assert_problems("{roots: [a, ./a/b]}", 1, "lies in");
	assert_problems("{roots: [a/b, a]}", 1, "contains");
	assert_problems("{roots: [., a]}", 1, "lies in");
	assert_problems("{roots: [a, b, a//]}", 1, "same");
	assert_problems("{roots: [a], include: []}", 1, "pattern");
	assert_problems("{roots: [a], include: ['[a', 'b', '{x'], exclude: ['**y']}", 3, "']'");
	assert_problems("{roots: [a], min_size: 2B, max_size: 1B, min_age: 2s, max_age: 1s}", 2,
		"max_size");
	struct reading reading;
	reading_start(&reading, "{roots: [a, ab, ../a, /a]}");
	reading_close(&reading);
}

/* Below names of 100 bytes, 200 levels deep, where no path reaches. */
static void deep_trees_end_where_paths_do(void **state)
{
	(void)state;
	enum { LEVELS = 200, SHORT_LEVELS = 1500 };
	struct reading reading;
	char name[101];
	memset(name, 'd', 100);
	name[100] = '\0';
	scratch_folder("in");
	int at = open("in", O_PATH | O_DIRECTORY);
	for (int i = 0; i < LEVELS; i++) {
		assert_int_equal(mkdirat(at, name, 0777), 0);
		const int next = openat(at, name, O_PATH | O_DIRECTORY);
		assert_int_equal(mknodat(at, "file", S_IFREG | 0666, 0), 0);
		close(at);
		at = next;
	}
	close(at);
	reading_start(&reading, "{roots: [in]}");
	assert_true(reading_run(&reading));
	/* 40 folders of 101 bytes each, and one file in each and in the root. */
	assert_int_equal(reading_counts(&reading)->items, 41);
	assert_int_equal(reading_counts(&reading)->ignored, 1);
	assert_int_equal(reading.complaint_count, 1);
	reading_close(&reading);

	scratch_folder("low");
	at = open("low", O_PATH | O_DIRECTORY);
	for (int i = 0; i < SHORT_LEVELS; i++) {
		assert_int_equal(mkdirat(at, "d", 0777), 0);
		const int next = openat(at, "d", O_PATH | O_DIRECTORY);
		close(at);
		at = next;
	}
	assert_int_equal(mknodat(at, "file", S_IFREG | 0666, 0), 0);
	close(at);
	reading_start(&reading, "{roots: [low]}");
	assert_true(reading_run(&reading));
	assert_int_equal(reading_counts(&reading)->items, 1);
	assert_int_equal(reading.complaint_count, 0);
	reading_close(&reading);
}

static void unreadable_folders_are_told(void **state)
{
	(void)state;
	struct reading reading;
	make_photos();
	scratch_touch("in/a.jpg/2.jpg");
	assert_int_equal(chmod("in/b", 0), 0);
	assert_int_equal(chmod("in/a.jpg", 0744), 0); /* can be listed, but not searched */
	assert_int_equal(chmod(".", 0755), 0);
	/* Root may read everything; nobody may not. */
	const bool root = geteuid() == 0;
	if (root)
		assert_int_equal(seteuid(65534), 0);
	reading_start(&reading, "{roots: [in]}");
	const bool run = reading_run(&reading);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_true(run);
	assert_int_equal(reading_counts(&reading)->unreadable, root ? 2 : 1);
	assert_int_equal(reading_counts(&reading)->items, root ? 3 : 5);
	assert_non_null(strstr(
		reading.complaints.data, "in/b: cannot list the folder: Permission denied\n"));
	reading_close(&reading);
	assert_int_equal(chmod("in/b", 0700), 0);
}

static void what_vanishes_is_no_error(void **state)
{
	(void)state;
	enum { FILES = ITEM_STEP + 10 };
	struct reading reading;
	char path[64];
	scratch_folder("in");
	scratch_folder("in/gone");
	scratch_folder("in/link");
	scratch_touch("in/gone/x");
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "in/%03d", i);
		scratch_touch(path);
	}
	reading_start(&reading, "{roots: [in]}");
	assert_true(reading_open(&reading));
	assert_true(reading_step(&reading));
	assert_int_equal(reading.batch->count, ITEM_STEP);
	assert_int_equal(unlink("in/260"), 0);
	assert_int_equal(unlink("in/261"), 0);
	assert_int_equal(mkfifo("in/261", 0666), 0);
	assert_int_equal(unlink("in/gone/x"), 0);
	assert_int_equal(rmdir("in/gone"), 0);
	assert_int_equal(rmdir("in/link"), 0);
	assert_int_equal(symlink("/", "in/link"), 0);
	assert_true(reading_step(&reading));
	assert_int_equal(reading.batch->count, 8);
	assert_true(reading_step(&reading));
	assert_int_equal(reading.batch->count, 0);
	assert_int_equal(reading_counts(&reading)->unreadable, 0);
	assert_int_equal(reading_counts(&reading)->ignored, 1);
	assert_int_equal(reading.complaint_count, 0);
	reading_close(&reading);
}

static size_t descriptors(void)
{
	size_t open = 0;
	for (int i = 0; i < 256; i++)
		open += fcntl(i, F_GETFD) >= 0;
	return open;
}

/* A hard link to "origin", which is made anew where it has as many as the file system allows. */
static void make_link(const char *path)
{
	if (!link("origin", path))
		return;
	assert_int_equal(errno, EMLINK);
	assert_int_equal(unlink("origin"), 0);
	scratch_touch("origin");
	assert_int_equal(link("origin", path), 0);
}

static void steps_are_small_and_runs_alike(void **state)
{
	(void)state;
	enum { FOLDERS = 10, LINKS = 10000 };
	struct reading first, second;
	char path[64];
	scratch_folder("in");
	scratch_touch("origin");
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "in/%d", i);
		scratch_folder(path);
		for (int j = 0; j < LINKS; j++) {
			snprintf(path, sizeof(path), "in/%d/%08x.jpg", i, j * 2654435761U);
			make_link(path);
		}
	}
	const size_t before = descriptors();
	reading_start(&first, "{roots: [in], exclude: ['**/[!0-9a-f]*.jpg']}");
	assert_true(reading_run(&first));
	reading_start(&second, "{roots: [in], exclude: ['**/[!0-9a-f]*.jpg']}");
	assert_true(reading_open(&second));
	assert_true(descriptors() <= before + 3);
	while (reading_step(&second) && second.batch->count)
		;
	assert_int_equal(reading_counts(&first)->items, FOLDERS * LINKS);
	assert_int_equal(first.keys.length, second.keys.length);
	assert_memory_equal(first.keys.data, second.keys.data, first.keys.length);
	assert_int_equal(first.most, ITEM_STEP);
	/* Path, slots and their rounding: what a step takes does not grow with the tree. */
	assert_true(first.bytes <= 128 * 1024);
	reading_close(&first);
	reading_close(&second);
	assert_int_equal(descriptors(), before);
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(order_and_filters),
		IN_SCRATCH(names_are_ordered_by_all_bytes),
		cmocka_unit_test(names_are_a_stack),
		IN_SCRATCH(any_bytes_are_a_name),
		IN_SCRATCH(slots_below_the_top),
		IN_SCRATCH(what_is_no_file_is_ignored),
		IN_SCRATCH(links_are_followed_below_the_root),
		IN_SCRATCH(sizes_and_ages),
		IN_SCRATCH(output_folders_are_skipped),
		IN_SCRATCH(nothing_to_read_is_an_error),
		IN_SCRATCH(settings_are_checked),
		IN_SCRATCH(deep_trees_end_where_paths_do),
		IN_SCRATCH(unreadable_folders_are_told),
		IN_SCRATCH(what_vanishes_is_no_error),
		IN_SCRATCH(steps_are_small_and_runs_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
