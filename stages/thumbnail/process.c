#include "stages/thumbnail/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/input.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "pipeline/support/text.h"

enum process_spending {
	PROCESS_READ,
	PROCESS_DECODE,
	PROCESS_RESAMPLE,
	PROCESS_ENCODE,
	PROCESS_WRITE
};

const char *const process_spendings[] = { "read", "decode", "resample", "encode", "write", NULL };

struct process {
	const struct process_setup *setup;
	const struct workplace *place;
	struct input *input;
	struct maker *maker;
	struct text path, manifest;
	struct text *given;              /* of each size, where they become slots; else NULL */
	struct description *description; /* NULL: no manifest is wanted */
	struct arena arena;              /* paths in a manifest */
};

/* An item that is being worked on. */
struct process_job {
	struct process *process;
	const struct item *item;
	struct outcome *outcome;
};

bool process_open(const struct process_setup *setup, const struct workplace *place,
	struct process **process, struct error *err)
{
	struct process *made = memory_zeroed(1, sizeof(*made));
	made->setup = setup;
	made->place = place;
	if (!input_open(setup->roots, setup->links, &made->input, err)) {
		free(made);
		return false;
	}
	arena_init(&made->arena);
	made->maker = maker_open(&setup->maker);
	if (setup->gives)
		made->given = memory_zeroed(setup->maker.count, sizeof(*made->given));
	if (setup->paths)
		made->description = memory_zeroed(1, sizeof(*made->description));
	*process = made;
	return true;
}

static void process_name(
	const struct process_job *job, size_t size, char name[STAGE_TEMPORARY_BYTES])
{
	const uint32_t part = job->process->place->first_part + (uint32_t)size;
	stage_temporary(job->item->id, job->item->attempt, part, name);
}

static uint64_t process_bit(const struct process_job *job, size_t size)
{
	return UINT64_C(1) << (job->process->place->first_part + size);
}

static void process_discard(const struct process_job *job, size_t size)
{
	char name[STAGE_TEMPORARY_BYTES];
	process_name(job, size, name);
	unlinkat(job->process->place->temporary, name, 0);
	job->outcome->made &= ~process_bit(job, size);
}

static int64_t process_seconds(int64_t nanos)
{
	const int64_t second = 1000000000;
	return nanos / second - (nanos % second < 0);
}

/* Not worth a failure where the file system cannot. */
static void process_date(const struct process_job *job, int file)
{
	const int64_t nanos = job->outcome->seen.mtime_nanos, seconds = process_seconds(nanos);
	const struct timespec time = { (time_t)seconds, (long)(nanos - seconds * 1000000000) };
	if (job->process->setup->keep_mtime)
		futimens(file, (const struct timespec[2]){ { 0, UTIME_OMIT }, time });
}

static bool process_write(
	const struct process_job *job, int file, const struct text *bytes, struct error *err)
{
	bool done = files_write_all(file, bytes->data, bytes->length);
	int number = done ? 0 : errno;
	process_date(job, file);
	if (close(file) != 0 && done) {
		done = false;
		number = errno;
	}
	if (done)
		return true;
	return stage_fail_place(number, "writing a thumbnail", err);
}

static bool process_emit(void *context, size_t size, const struct text *bytes, struct error *err)
{
	const struct process_job *job = context;
	char name[STAGE_TEMPORARY_BYTES];
	stage_spend(job->process->place, PROCESS_WRITE);
	process_name(job, size, name);
	const int file = openat(job->process->place->temporary, name,
		O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, job->process->setup->tagged ? 0600 : 0666);
	if (file < 0)
		return stage_fail_place(errno, "making a temporary file", err);
	job->outcome->made |= process_bit(job, size);
	if (!process_write(job, file, bytes, err))
		return false;
	job->outcome->bytes_written += bytes->length;
	return true;
}

/* The slots of a picture that is secret are secret. */
static bool process_is_secret(const struct process_job *job)
{
	const struct item *item = job->item;
	for (size_t i = 0; i < item->slot_count; i++)
		if (item->slots[i].secret && template_uses(&job->process->setup->from, i))
			return true;
	return false;
}

static bool process_give(void *context, size_t size, const struct text *bytes, struct error *err)
{
	const struct process_job *job = context;
	struct text *given = &job->process->given[size];
	(void)err;
	text_clear(given);
	text_add(given, bytes->data, bytes->length);
	job->process->place->added[size] =
		(struct slot){ given->data, (uint32_t)given->length, process_is_secret(job) };
	return true;
}

static void process_begins(void *context, enum maker_doing doing)
{
	static const enum process_spending spendings[] = {
		[MAKER_DECODES] = PROCESS_DECODE,
		[MAKER_RESAMPLES] = PROCESS_RESAMPLE,
		[MAKER_ENCODES] = PROCESS_ENCODE,
	};
	const struct process_job *job = context;
	stage_spend(job->process->place, spendings[doing]);
}

/* An item has room for one extension that nobody knew before, whichever stage asked for it. */
static bool process_late(const struct process_job *job, const char *late, struct error *err)
{
	char *known = job->outcome->late;
	if (late[0] == '\0' || strcmp(known, late) == 0)
		return true;
	if (known[0] != '\0')
		return fail(err, ERROR_UNSUPPORTED,
			"`same` in one stage and `auto` in another come to two extensions here, "
			"%s and %s: use one of them",
			known, late);
	snprintf(known, sizeof(job->outcome->late), "%s", late);
	return true;
}

/* The path of a thumbnail below the output folder, all of it known by now. */
static bool process_path(
	const struct process_job *job, size_t size, struct text *path, struct error *err)
{
	const struct process_setup *setup = job->process->setup;
	struct text scratch = { .data = NULL };
	const struct paths_job paths = { job->item, &setup->maker.sizes[size], NULL, &scratch };
	const size_t root = strlen(setup->paths->root) + 1;
	struct part part = { .path = NULL };
	const bool made = paths_make(setup->paths, &paths, &part, &job->process->arena, err);
	text_finish(&scratch);
	if (!made)
		return false;
	const size_t late = part.late < part.length ? part.late : part.length;
	text_add(path, part.path + root, late - root);
	if (part.late != SIZE_MAX)
		text_add_string(path, job->outcome->late);
	text_add(path, part.path + late, part.length - late);
	return true;
}

static bool process_describe(
	const struct process_job *job, const struct input_file *file, struct error *err)
{
	const struct maker_setup *setup = &job->process->setup->maker;
	struct text paths[ITEM_PARTS] = { { .data = NULL } };
	bool done = true;
	for (size_t i = 0; done && i < setup->count; i++)
		done = process_path(job, i, &paths[i], err);
	const struct description_names names = {
		.source = &job->process->path,
		.paths = paths,
		.sizes = setup->sizes,
		.count = setup->count,
		.bytes = file->length,
		.digest = job->outcome->content,
	};
	if (done)
		description_write(job->process->description, &names, &job->process->manifest);
	for (size_t i = 0; i < setup->count; i++)
		text_finish(&paths[i]);
	arena_reset(&job->process->arena);
	return done &&
	       process_emit((void *)(uintptr_t)job, setup->count, &job->process->manifest, err);
}

/* The point that the item gives, if it gives any. */
static bool process_focus(
	const struct process_job *job, struct regions_point *point, bool *given, struct error *err)
{
	struct text text = { .data = NULL };
	template_expand(
		&job->process->setup->focus, job->item->slots, job->item->slot_count, NULL, &text);
	*given = text.length > 0;
	const bool done = !*given || regions_parse(text.data, text.length, point);
	if (!done)
		fail(err, ERROR_UNSUPPORTED,
			"its focus '%.40s' is no pair of shares such as 0.3,0.7 or 30%% 70%%",
			text.data);
	text_finish(&text);
	return done;
}

static bool process_make(
	const struct process_job *job, const struct input_file *file, struct error *err)
{
	const bool gives = job->process->setup->gives;
	const uint64_t due = gives ? UINT64_MAX : job->item->due >> job->process->place->first_part;
	struct description *description = job->process->description;
	if (description && !(due >> job->process->setup->maker.count & 1))
		description = NULL;
	struct regions_point point;
	bool given;
	if (!process_focus(job, &point, &given, err))
		return false;
	struct freedesktop_tags tags = {
		.mtime = process_seconds(job->outcome->seen.mtime_nanos),
		.bytes = file->length,
	};
	const struct paths *tagged = job->process->setup->tagged;
	if (tagged)
		paths_uri(tagged, job->item, &tags.uri);
	const struct maker_job making = {
		.tags = tagged ? &tags : NULL,
		.focus = given ? &point : NULL,
		.data = file->data,
		.length = file->length,
		.due = due,
		.describe = description,
		.emit = gives ? process_give : process_emit,
		.begins = process_begins,
		.context = (void *)(uintptr_t)job,
	};
	struct maker_result result;
	bool done = maker_run(job->process->maker, &making, &result, err);
	text_finish(&tags.uri);
	job->outcome->pixels = result.pixels;
	if (done && result.ignored && gives)
		return fail(
			err, ERROR_UNSUPPORTED, "'%s': %s", job->process->path.data, result.why);
	if (done && result.ignored) {
		job->outcome->status = OUTCOME_IGNORED;
		fail(err, ERROR_UNSUPPORTED, "%s", result.why);
		return true;
	}
	done = done && (gives || process_late(job, result.late, err));
	return done && (!description || process_describe(job, file, err));
}

void process_reads(const struct process_setup *setup, const struct item *item, struct text *path)
{
	template_expand(&setup->from, item->slots, item->slot_count, NULL, path);
}

static bool process_read(struct process *process, const struct process_job *job,
	struct input_file *file, struct error *err)
{
	const struct process_setup *setup = process->setup;
	if (!input_read(process->input, process->path.data, process->path.length,
		    setup->maker.limits.bytes, file, err))
		return false;
	struct outcome *outcome = job->outcome;
	outcome->opened_nanos = file->opened_nanos;
	outcome->seen = file->seen;
	outcome->bytes_read += file->length;
	outcome->content = digest_of(file->data, file->length);
	return true;
}

/* A blank field in a path: what has no picture gets none. */
static bool process_has_none(const struct process *process)
{
	return process->path.length == 0 || process->path.data[process->path.length - 1] == '/';
}

void process_item(struct process *process, const struct item *item, struct outcome *outcome)
{
	const struct process_job job = { process, item, outcome };
	struct input_file file;
	stage_spend(process->place, PROCESS_READ);
	text_clear(&process->path);
	process_reads(process->setup, item, &process->path);
	if (process->setup->gives && process_has_none(process))
		return;
	bool done = process_read(process, &job, &file, &outcome->error);
	/* What says when its source was changed is made again with it. */
	const bool comparable =
		!process->setup->tagged && !process->setup->gives && !digest_none(item->known);
	if (done && comparable && digest_equal(item->known, outcome->content))
		outcome->status = OUTCOME_UNCHANGED;
	else if (done)
		done = process_make(&job, &file, &outcome->error);
	if (done)
		return;
	outcome->status = OUTCOME_FAILED;
	for (size_t i = 0; i <= process->setup->maker.count; i++)
		if (i < ITEM_PARTS && outcome->made & process_bit(&job, i))
			process_discard(&job, i);
}

void process_close(struct process *process)
{
	if (!process)
		return;
	maker_close(process->maker);
	input_close(process->input);
	text_finish(&process->path);
	text_finish(&process->manifest);
	for (size_t i = 0; process->given && i < process->setup->maker.count; i++)
		text_finish(&process->given[i]);
	free(process->given);
	arena_finish(&process->arena);
	free(process->description);
	free(process);
}
