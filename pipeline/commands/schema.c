#include "pipeline/commands/command.h"

#include <stdio.h>

#include "pipeline/config.h"

/* Puts what a schema's root has in front of the object of the config's rows. Keys with x- are the
 * user's own. */
static void schema_write_root(struct text *text)
{
	text_add_string(text, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
			      "\"title\":\"nightmill config\",\"patternProperties\":{\"^x-\":{}},");
	struct text rows = { 0 };
	option_schema(config_options, &rows);
	text_add(text, rows.data + 1, rows.length - 1);
	text_add_string(text, "\n");
	text_finish(&rows);
}

static int schema_run(int argc, char **argv)
{
	if (argc > 1) {
		fprintf(stderr, "nightmill schema: unexpected word '%s'\nusage: nightmill schema\n",
			argv[1]);
		return EXIT_USAGE;
	}
	struct text text = { 0 };
	schema_write_root(&text);
	fwrite(text.data, 1, text.length, stdout);
	text_finish(&text);
	return EXIT_FINE;
}

extern const struct command command_schema;

const struct command command_schema = {
	.name = "schema",
	.usage = "schema",
	.summary = "print the JSON Schema of a config, for editors",
	.run = schema_run,
};
