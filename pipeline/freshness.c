#include "pipeline/freshness.h"

#include <string.h>

const char *freshness_word(enum freshness freshness)
{
	static const char *const words[] = {
		[FRESHNESS_NEW] = "new",
		[FRESHNESS_CHANGED] = "changed source",
		[FRESHNESS_TOUCHED] = "changed times, content to be compared",
		[FRESHNESS_RECIPE] = "changed recipe",
		[FRESHNESS_OUTPUT_MISSING] = "output missing",
		[FRESHNESS_FAILED] = "failed before, to be tried again",
		[FRESHNESS_SOON] = "put off, to be tried again soon",
		[FRESHNESS_COLLIDED] = "another item had its output path",
		[FRESHNESS_FORCED] = "forced",
		[FRESHNESS_INVALID] = "no valid output path",
		[FRESHNESS_REFUSED] = "refused",
		[FRESHNESS_DUE_END] = "",
		[FRESHNESS_UP_TO_DATE] = "up to date",
		[FRESHNESS_SETTLED] = "up to date",
		[FRESHNESS_KNOWN_FAILURE] = "failed before, unchanged since",
		[FRESHNESS_KNOWN_IGNORED] = "ignored before, unchanged since",
		[FRESHNESS_DOUBT] = "in doubt",
		[FRESHNESS_WAITING] = "to be tried again later",
	};
	return words[freshness];
}

/* Under `check: times` the item has no strict part, whatever was remembered. */
static bool freshness_same_validator(const struct validator *found, const struct validator *now)
{
	return found->size == now->size && found->mtime_nanos == now->mtime_nanos &&
	       (now->strict == 0 || found->strict == now->strict);
}

static bool freshness_present(const struct freshness_case *judged, size_t part)
{
	const struct part *it = &judged->parts[part];
	if (it->late != SIZE_MAX && judged->found->late[0] == '\0')
		return false;
	const char *path = plan_path(it, judged->found->late, judged->arena);
	return judged->present(judged->context, part, path);
}

/* Made by this recipe, of what the source is now. */
static bool freshness_recorded(const struct part *part, struct digest content,
	const struct state_output *outputs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(outputs[i].path, part->path) == 0)
			return digest_equal(outputs[i].recipe, part->recipe) &&
			       digest_equal(outputs[i].content, content);
	return false;
}

/* Parts made by another recipe, at another path or of other content, by what the state has of each.
 * Asked only where the item's own row, `at_once`, does not say that there are none. */
static bool freshness_recipe_due(
	const struct freshness_case *judged, bool *at_once, uint64_t *due, struct error *err)
{
	*due = 0;
	*at_once = digest_equal(plan_recipe(judged->plan, judged->parts), judged->found->recipe);
	if (*at_once)
		return true;
	struct state_output *outputs;
	size_t count;
	if (!state_outputs(
		    judged->state, judged->found->number, judged->arena, &outputs, &count, err))
		return false;
	for (size_t i = 0; i < judged->plan->parts; i++)
		if (!freshness_recorded(&judged->parts[i], judged->found->content, outputs, count))
			*due |= UINT64_C(1) << i;
	return true;
}

static uint64_t freshness_missing(const struct freshness_case *judged)
{
	uint64_t due = 0;
	for (size_t i = 0; i < judged->plan->parts; i++)
		if (!freshness_present(judged, i))
			due |= UINT64_C(1) << i;
	return due;
}

static bool freshness_judge_outputs(const struct freshness_case *judged, struct item *item,
	enum freshness *verdict, struct error *err)
{
	const struct state_item *found = judged->found;
	bool same = freshness_same_validator(&found->validator, &item->validator);
	bool at_once;
	uint64_t recipe, missing = freshness_missing(judged);
	if (!freshness_recipe_due(judged, &at_once, &recipe, err))
		return false;
	item->due = recipe | missing;
	*verdict = recipe    ? FRESHNESS_RECIPE
		   : missing ? FRESHNESS_OUTPUT_MISSING
		   : at_once ? FRESHNESS_UP_TO_DATE
			     : FRESHNESS_SETTLED;
	if (same)
		return true;
	/* The content may be another: then all parts are due. Only where none is due anyway can the
	 * worker stop after comparing. */
	if (item->due == 0)
		item->known = found->content;
	item->due = plan_all_parts(judged->plan);
	*verdict = FRESHNESS_TOUCHED;
	return true;
}

/* Failures and ignored items whose source, recipe and limits are as they were stay as they are. */
static bool freshness_stands(const struct freshness_case *judged, const struct item *item)
{
	const struct state_item *found = judged->found;
	if (!freshness_same_validator(&found->validator, &item->validator) ||
		!digest_equal(
			found->verdict, plan_verdict(judged->plan, (enum error_code)found->code)))
		return false;
	if (found->status == OUTCOME_IGNORED)
		return true;
	return found->status == OUTCOME_FAILED && found->blame == BLAME_ITEM &&
	       !judged->retry_failed;
}

bool freshness_judge(const struct freshness_case *judged, struct item *item,
	enum freshness *verdict, struct error *err)
{
	const struct state_item *found = judged->found;
	item->due = plan_all_parts(judged->plan);
	item->known = (struct digest){ 0 };
	*verdict = FRESHNESS_NEW;
	if (found->number == 0 || found->status == OUTCOME_CANCELLED)
		return true;
	*verdict = FRESHNESS_FORCED;
	if (judged->force)
		return true;
	bool failed = found->status == OUTCOME_FAILED;
	if (failed && found->code == ERROR_COLLISION && !judged->retry_failed) {
		*verdict = FRESHNESS_COLLIDED;
		return true;
	}
	if (freshness_stands(judged, item)) {
		*verdict = failed ? FRESHNESS_KNOWN_FAILURE : FRESHNESS_KNOWN_IGNORED;
		item->due = 0;
		return true;
	}
	*verdict = FRESHNESS_CHANGED;
	if (failed || found->status == OUTCOME_IGNORED || digest_none(found->content)) {
		if (failed && found->validator.size == item->validator.size)
			*verdict = judged->retry_failed ? FRESHNESS_FORCED : FRESHNESS_FAILED;
		return true;
	}
	if (found->validator.size != item->validator.size)
		return true;
	return freshness_judge_outputs(judged, item, verdict, err);
}

enum { FINE_MARGIN_NANOS = 50000000, NANOS_PER_SECOND = 1000000000 };

static bool freshness_too_new(int64_t mtime_nanos, int64_t opened_nanos)
{
	int64_t margin = mtime_nanos % NANOS_PER_SECOND == 0 ? INT64_C(2) * NANOS_PER_SECOND
							     : FINE_MARGIN_NANOS;
	return mtime_nanos > opened_nanos - margin && mtime_nanos < opened_nanos + margin;
}

struct validator freshness_validator(const struct item *item, const struct outcome *outcome)
{
	if (outcome->opened_nanos == 0)
		return item->validator;
	struct validator seen = outcome->seen;
	bool as_listed = seen.size == item->validator.size &&
			 seen.mtime_nanos == item->validator.mtime_nanos;
	seen.strict = as_listed ? item->validator.strict : 0;
	if (freshness_too_new(seen.mtime_nanos, outcome->opened_nanos))
		seen.mtime_nanos = VALIDATOR_UNTRUSTED;
	return seen;
}
