#include "pipeline/commands/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/days.h"

static const struct option_word {
	const char *name;
	int takes;
	char letter;
} arguments_words[] = {
	{ "set", required_argument, 's' },
	{ "executor", required_argument, 'e' },
	{ "workers", required_argument, 'w' },
	{ "dry-run", no_argument, 'd' },
	{ "limit", required_argument, 'l' },
	{ "force", no_argument, 'f' },
	{ "retry-failed", no_argument, 'r' },
	{ "strict", no_argument, 't' },
	{ "progress", required_argument, 'p' },
	{ "yes", no_argument, 'y' },
	{ "add", required_argument, 'A' },
	{ "remove", required_argument, 'R' },
	{ "now", required_argument, 'n' },
	{ "profile", required_argument, 'P' },
	{ "trace", required_argument, 'T' },
	{ "metrics", required_argument, 'M' },
	{ "as", required_argument, 'a' },
	{ "to", required_argument, 'o' },
};

enum { ARGUMENTS_WORDS = sizeof(arguments_words) / sizeof(*arguments_words) };

static bool arguments_number(const char *text, uint64_t *number)
{
	char *end;
	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	*number = value;
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static bool arguments_limit(struct arguments *arguments, const char *text)
{
	if (arguments_number(text, &arguments->limit) && arguments->limit > 0)
		return true;
	fprintf(stderr, "nightmill: --limit '%s': expected a number of items from 1\n", text);
	return false;
}

static bool arguments_now(struct arguments *arguments, const char *text)
{
	struct days_read read;
	if (days_read(text, strlen(text), &read) && read.has_time && read.has_offset) {
		arguments->now_seconds = read.seconds - read.offset;
		return arguments->has_now = true;
	}
	fprintf(stderr,
		"nightmill: --now '%s': expected a time with its offset, such as "
		"2026-03-28T03:30:00+01:00 or 2026-03-28T02:30:00Z\n",
		text);
	return false;
}

/* One more of an option that may be given several times. */
static bool arguments_gather(
	const char **list, size_t *count, size_t most, const char *option, const char *text)
{
	if (*count == most) {
		fprintf(stderr, "nightmill: more than %zu times %s\n", most, option);
		return false;
	}
	list[(*count)++] = text;
	return true;
}

static bool arguments_folder(const char *path)
{
	if (chdir(path) == 0)
		return true;
	fprintf(stderr, "nightmill: -C '%s': %s\n", path, strerror(errno));
	return false;
}

/* Options that are taken as they are typed; false: it is another one. */
static bool arguments_keep(struct arguments *arguments, int letter, const char *value)
{
	const char **const fields[] = {
		['p'] = &arguments->progress,
		['a'] = &arguments->as,
		['o'] = &arguments->to,
		['e'] = &arguments->executor,
		['w'] = &arguments->workers,
		['P'] = &arguments->profile,
		['T'] = &arguments->trace,
		['M'] = &arguments->metrics,
	};
	if ((size_t)letter >= sizeof(fields) / sizeof(*fields) || !fields[letter])
		return false;
	*fields[letter] = value;
	return true;
}

static bool arguments_take(struct arguments *arguments, int letter, const char *value)
{
	if (arguments_keep(arguments, letter, value))
		return true;
	switch (letter) {
	case 'C':
		return arguments_folder(value);
	case 's':
		return arguments_gather(
			arguments->sets, &arguments->set_count, ARGUMENTS_SETS, "--set", value);
	case 'A':
		return arguments_gather(
			arguments->add, &arguments->add_count, ARGUMENTS_KEYS, "--add", value);
	case 'R':
		return arguments_gather(arguments->remove, &arguments->remove_count, ARGUMENTS_KEYS,
			"--remove", value);
	case 'l':
		return arguments_limit(arguments, value);
	case 'n':
		return arguments_now(arguments, value);
	case 'd':
		return arguments->dry_run = true;
	case 'f':
		return arguments->force = true;
	case 'r':
		return arguments->retry_failed = true;
	case 't':
		return arguments->strict = true;
	default:
		return arguments->yes = true;
	}
}

static bool arguments_usage(const struct command *command, const char *what, const char *word)
{
	fprintf(stderr, "nightmill %s: %s", command->name, what);
	if (word)
		fprintf(stderr, " '%s'", word);
	fprintf(stderr, "\nusage: nightmill %s\n", command->usage);
	return false;
}

static bool arguments_operands(const struct command *command, const char *allowed, int argc,
	char **argv, struct arguments *arguments)
{
	int most = strchr(allowed, 'i') ? 2 : 1;
	if (optind == argc)
		return arguments_usage(command, "which config?", NULL);
	if (argc - optind > most)
		return arguments_usage(command, "unexpected word", argv[optind + most]);
	arguments->config = argv[optind];
	arguments->item = argc - optind > 1 ? argv[optind + 1] : NULL;
	return true;
}

bool arguments_parse(const struct command *command, const char *allowed, int argc, char **argv,
	struct arguments *arguments)
{
	struct option words[ARGUMENTS_WORDS + 1] = { 0 };
	size_t count = 0;
	for (size_t i = 0; i < ARGUMENTS_WORDS; i++)
		if (strchr(allowed, arguments_words[i].letter))
			words[count++] = (struct option){ arguments_words[i].name,
				arguments_words[i].takes, NULL, arguments_words[i].letter };
	*arguments = (struct arguments){ 0 };
	opterr = 0;
	optind = 1;
	int letter;
	while ((letter = getopt_long(argc, argv, ":C:", words, NULL)) != -1) {
		if (letter == '?')
			return arguments_usage(command, "unknown option", argv[optind - 1]);
		if (letter == ':')
			return arguments_usage(
				command, "a value is missing behind", argv[optind - 1]);
		if (!arguments_take(arguments, letter, optarg))
			return false;
	}
	return arguments_operands(command, allowed, argc, argv, arguments);
}
