#include "pipeline/recorder_failures.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "pipeline/support/files.h"
#include "pipeline/support/text.h"

static const char failures_name[] = "failure";

static bool failures_write(const char *path, const struct text *bytes)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return false;
	const bool written = files_write_all(file, bytes->data, bytes->length);
	return close(file) == 0 && written;
}

static void failures_place(struct outputs *outputs, const char *path, const struct text *bytes)
{
	char temporary[PATH_MAX];
	struct error err;
	const int length = snprintf(temporary, sizeof(temporary), "%s/%s",
		outputs_temporary_path(outputs), failures_name);
	if (length > 0 && length < PATH_MAX && failures_write(temporary, bytes))
		outputs_place(outputs, failures_name, path, &err);
	outputs_discard(outputs, failures_name);
}

/* Of one stage of the tail. */
static void failures_of_stage(struct recorder *recorder, size_t number, const struct item *item,
	const struct outcome *outcome)
{
	const struct plan_stage *stage = &recorder->survey->plan->tail[number];
	struct outputs *outputs = recorder->survey->outputs[number];
	struct text bytes = { .data = NULL };
	struct error err;
	char *path = NULL;
	if (!stage->plugin->failure || !outputs ||
		!stage->plugin->failure(stage->prepared, item, &recorder->scratch, &path, &bytes))
		return;
	if (outcome->status != OUTCOME_FAILED)
		outputs_remove(outputs, path, &err);
	else if (outcome->stage == number)
		failures_place(outputs, path, &bytes);
	text_finish(&bytes);
}

void recorder_failures(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, bool failed_before)
{
	const bool failed = outcome->status == OUTCOME_FAILED && outcome->error.blame == BLAME_ITEM;
	if (!failed && !(outcome->status == OUTCOME_MADE && failed_before))
		return;
	for (size_t i = 0; i < recorder->survey->plan->tail_count; i++)
		failures_of_stage(recorder, i, item, outcome);
}
