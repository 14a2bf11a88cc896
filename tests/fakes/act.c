#include "tests/fakes/act.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/deed_verbs.h"
#include "pipeline/template.h"

struct act_settings {
	const char *to, *how, *world;
	int most, usual_times, per_minute, key_per_minute;
	bool live, resend;
};

#define SETTINGS struct act_settings
static const struct option act_options[] = {
	{ "to", TEMPLATE(to), .fallback = "{to}", .help = "To whom." },
	{ "how", TEMPLATE(how), .fallback = "{how}", .help = "How the world answers." },
	{ "world", FILE_PATH(world), .fallback = "world", .help = "The file." },
	{ "most", INTEGER(most), .fallback = "0", RANGE(0, 1000000), .help = "Deeds a run." },
	{ "usual_times", INTEGER(usual_times), .fallback = "0", RANGE(0, 1000), .help = "Times." },
	{ "per_minute", INTEGER(per_minute), .fallback = "0", RANGE(0, 1000000), .help = "Pace." },
	{ "key_per_minute", INTEGER(key_per_minute), .fallback = "0", RANGE(0, 1000000),
		.help = "Pace of a key." },
	{ "live", BOOLEAN(live), .fallback = "true", .help = "It acts." },
	{ "resend", BOOLEAN(resend), .fallback = "false", .help = "What is in doubt again." },
	{ .name = NULL },
};
#undef SETTINGS

struct act {
	const struct act_settings *settings;
	struct template to, how;
};

void (*act_point)(void);
pid_t act_main;

static bool act_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	struct error err;
	struct act *act = arena_alloc(setup->arena, sizeof(*act));
	act->settings = settings;
	*prepared = act;
	if (template_compile(
		    act->settings->to, setup->fields, NULL, setup->arena, &act->to, &err) &&
		template_compile(
			act->settings->how, setup->fields, NULL, setup->arena, &act->how, &err))
		return true;
	stage_complain(setup, "to", "%s", err.text);
	return false;
}

static size_t act_parts(const void *prepared)
{
	(void)prepared;
	return 0;
}

static const char *act_output_root(const void *prepared)
{
	(void)prepared;
	return NULL;
}

/* The folder that the world is in. */
static void act_needs(const void *prepared, struct stage_needs *needs)
{
	static const char *here[] = { "." };
	(void)prepared;
	needs->write = (struct option_list){ .items = here, .count = 1 };
}

static bool act_open(
	const void *prepared, const struct workplace *place, void **worker, struct error *err)
{
	(void)place;
	(void)err;
	struct act *made = memory_alloc(sizeof(*made));
	*made = *(const struct act *)prepared;
	*worker = made;
	return true;
}

static void act_close(void *worker)
{
	free(worker);
}

static void act_visit(void)
{
	if (act_point)
		act_point();
}

static bool act_line(const struct act *act, const struct item *item)
{
	struct text line = { 0 };
	char hex[DIGEST_HEX_BYTES];
	digest_hex(item->id, hex);
	text_addf(&line, "%s ", hex);
	template_expand(&act->to, item->slots, item->slot_count, NULL, &line);
	text_add_string(&line, "\n");
	const int file =
		open(act->settings->world, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	act_visit();
	const bool fine = file >= 0 && write(file, line.data, line.length) == (ssize_t)line.length;
	act_visit();
	if (file >= 0)
		close(file);
	text_finish(&line);
	return fine;
}

/* The word for this attempt. */
static void act_word(const struct act *act, const struct item *item, char word[32])
{
	struct text how = { 0 };
	template_expand(&act->how, item->slots, item->slot_count, NULL, &how);
	char *rest = NULL, *found = strtok_r(how.data, " ", &rest);
	for (uint32_t i = 1; i < item->attempt; i++) {
		char *next = strtok_r(NULL, " ", &rest);
		found = next ? next : found;
	}
	strncpy(word, found ? found : "ok", 31);
	word[31] = '\0';
	text_finish(&how);
}

/* Main hears of two that come while it is away as of one, so that no number of them would do. */
static _Noreturn void act_signal_until_killed(void)
{
	for (;;) {
		kill(act_main, SIGTERM);
		sched_yield();
	}
}

static void act_end(
	const struct act *act, const char *word, const struct item *item, struct outcome *outcome)
{
	if (strcmp(word, "never") == 0) {
		outcome_deed(outcome, DEED_FAILED, 550, "no such mailbox");
		return;
	}
	if (strncmp(word, "later", 5) == 0) {
		outcome_deed(outcome, DEED_DEFERRED, 451, "try again later");
		outcome->deed.wait_micros =
			word[5] ? strtol(word + 6, NULL, 10) * INT64_C(1000000) : 0;
		return;
	}
	if (strcmp(word, "unsure") == 0) {
		outcome_deed(outcome, DEED_DOUBT, 0, "the connection was lost");
		return;
	}
	if (!act_line(act, item)) {
		outcome_deed(outcome, DEED_DEFERRED, 0, "the world cannot be written");
		return;
	}
	if (strcmp(word, "crash") == 0)
		raise(SIGKILL);
	if (strcmp(word, "hang") == 0)
		act_signal_until_killed();
	if (strcmp(word, "stop") == 0)
		kill(act_main, SIGTERM);
	if (strcmp(word, "lost") == 0)
		outcome_deed(outcome, DEED_DOUBT, 0, "the connection was lost");
	else
		outcome_deed(outcome, DEED_ACCEPTED, 250, "ok");
}

static void act_process(void *worker, const struct item *item, struct outcome *outcome)
{
	const struct act *act = worker;
	char word[32];
	act_word(act, item, word);
	if (strcmp(word, "broken") == 0) {
		outcome->status = OUTCOME_FAILED;
		fail(&outcome->error, ERROR_UNSUPPORTED, "it cannot be put into words");
		return;
	}
	outcome->deed.verdict = DEED_DOUBT;
	act_visit();
	act_end(act, word, item, outcome);
	act_visit();
}

static bool act_live(const void *prepared)
{
	return ((const struct act *)prepared)->settings->live;
}

static void act_rules(const void *prepared, struct act_rules *rules)
{
	const struct act_settings *settings = ((const struct act *)prepared)->settings;
	*rules = (struct act_rules){
		.noun = "letter",
		.plural = "letters",
		.most = (uint64_t)settings->most,
		.usual_times = (uint32_t)settings->usual_times,
		.per_minute = (uint32_t)settings->per_minute,
		.key_per_minute = (uint32_t)settings->key_per_minute,
		.resend = settings->resend,
		.doubts = "doubts",
	};
}

static bool act_about(const void *prepared, const struct item *item, struct arena *arena,
	struct act_about *about, struct error *err)
{
	const struct act *act = prepared;
	struct text to = { 0 };
	template_expand(&act->to, item->slots, item->slot_count, NULL, &to);
	const char *label = arena_copy(arena, to.data, to.length);
	text_finish(&to);
	const char *at = strchr(label, '@');
	*about = (struct act_about){ .label = label, .name = label, .pace = at ? at + 1 : NULL };
	return at || fail(err, ERROR_UNSUPPORTED, "'%s' is no address", label);
}

static const struct stage_act act_acts = {
	.live = act_live,
	.rules = act_rules,
	.about = act_about,
};

static bool act_all(const struct stage_desk *desk, const struct head_words *words, int *status,
	struct error *err)
{
	(void)status;
	return deed_verbs_list(desk, words, 0, err);
}

static const struct stage_verb act_verbs[] = {
	{ "doubts", "doubts CONFIG", "what is in doubt", false, deed_verbs_doubts, NULL },
	{ "all", "all CONFIG [WHICH]", "everything", false, act_all, NULL },
	{ "resolve", "resolve CONFIG [WHICH] --as HOW", "settle it", true, deed_verbs_resolve,
		NULL },
	{ .name = NULL },
};

const struct stage_plugin act_stage = {
	.plugin = { "act", "Does something to a world of the tests.", act_options,
		sizeof(struct act_settings) },
	.version = 1,
	.prepare = act_prepare,
	.parts = act_parts,
	.output_root = act_output_root,
	.needs = act_needs,
	.open = act_open,
	.process = act_process,
	.close = act_close,
	.act = &act_acts,
	.verbs = act_verbs,
};
