#include "pipeline/bench/request.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST_ROUNDS = 5 };

static const struct option request_words[] = {
	{ "executors", required_argument, NULL, 'e' },
	{ "workers", required_argument, NULL, 'w' },
	{ "rounds", required_argument, NULL, 'r' },
	{ "items", required_argument, NULL, 'i' },
	{ "workload", required_argument, NULL, 'l' },
	{ "set", required_argument, NULL, 's' },
	{ "html", required_argument, NULL, 'h' },
	{ "cold", no_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static bool request_usage(const struct command *command, const char *what, const char *word)
{
	fprintf(stderr, "nightmill %s: %s", command->name, what);
	if (word)
		fprintf(stderr, " '%s'", word);
	fprintf(stderr, "\nusage: nightmill %s\n", command->usage);
	return false;
}

/* `*next` is what stands behind the number. */
static bool request_digits(const char *text, uint32_t most, uint32_t *number, const char **next)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	*next = end;
	*number = (uint32_t)value;
	return *text >= '0' && *text <= '9' && errno == 0 && value >= 1 && value <= most;
}

static bool request_number(const char *name, const char *text, uint32_t most, uint32_t *number)
{
	const char *end;
	if (request_digits(text, most, number, &end) && *end == '\0')
		return true;
	fprintf(stderr, "nightmill bench: %s '%s': expected a number from 1 to %u\n", name, text,
		most);
	return false;
}

static void request_add_workers(struct bench_request *request, uint32_t workers)
{
	size_t at = 0;
	while (at < request->worker_count && request->workers[at] < workers)
		at++;
	if (at < request->worker_count && request->workers[at] == workers)
		return;
	for (size_t i = request->worker_count++; i > at; i--)
		request->workers[i] = request->workers[i - 1];
	request->workers[at] = workers;
}

static bool request_take_workers(struct bench_request *request, const char *text)
{
	const char *next = text;
	request->worker_count = 0;
	for (bool more = true; more; next++) {
		uint32_t workers = 0;
		if (!request_digits(next, REQUEST_MOST_WORKERS, &workers, &next) ||
			(*next != ',' && *next != '\0') ||
			request->worker_count == REQUEST_WORKERS) {
			fprintf(stderr,
				"nightmill bench: --workers '%s': expected numbers from 1 to %d "
				"with commas between them, %d at most\n",
				text, REQUEST_MOST_WORKERS, REQUEST_WORKERS);
			return false;
		}
		request_add_workers(request, workers);
		more = *next == ',';
	}
	return true;
}

static bool request_take_set(struct arguments *config, const char *text)
{
	if (config->set_count == ARGUMENTS_SETS) {
		fprintf(stderr, "nightmill bench: more than %d times --set\n", ARGUMENTS_SETS);
		return false;
	}
	config->sets[config->set_count++] = text;
	return true;
}

static bool request_enter(const char *path)
{
	if (chdir(path) == 0)
		return true;
	fprintf(stderr, "nightmill bench: -C '%s': %s\n", path, strerror(errno));
	return false;
}

static bool request_take(struct bench_request *request, int letter, const char *value)
{
	switch (letter) {
	case 'C':
		return request_enter(value);
	case 'e':
		request->executors = value;
		return true;
	case 'w':
		return request_take_workers(request, value);
	case 'r':
		return request_number("--rounds", value, REQUEST_MOST_ROUNDS, &request->rounds);
	case 'i':
		return request_number("--items", value, REQUEST_MOST_ITEMS, &request->items);
	case 'l':
		request->workload = value;
		return true;
	case 's':
		return request_take_set(&request->config, value);
	case 'h':
		request->html = value;
		return true;
	case 'c':
		return request->cold = true;
	default:
		return request->json = true;
	}
}

static bool request_operand(
	const struct command *command, int argc, char **argv, struct bench_request *request)
{
	bool own = strcmp(request->workload, "config") == 0;
	if (own && optind == argc)
		return request_usage(command, "which config, or which --workload?", NULL);
	if (argc - optind > (own ? 1 : 0))
		return request_usage(command, "unexpected word", argv[optind + (own ? 1 : 0)]);
	request->config.config = own ? argv[optind] : NULL;
	return true;
}

bool request_parse(
	const struct command *command, int argc, char **argv, struct bench_request *request)
{
	*request = (struct bench_request){ .workload = "config", .rounds = REQUEST_ROUNDS };
	opterr = 0;
	optind = 1;
	int letter;
	while ((letter = getopt_long(argc, argv, ":C:", request_words, NULL)) != -1) {
		if (letter == '?')
			return request_usage(command, "unknown option", argv[optind - 1]);
		if (letter == ':')
			return request_usage(
				command, "a value is missing behind", argv[optind - 1]);
		if (!request_take(request, letter, optarg))
			return false;
	}
	return request_operand(command, argc, argv, request);
}
