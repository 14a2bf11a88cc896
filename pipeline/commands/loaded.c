#include "pipeline/commands/loaded.h"

bool loaded_open(struct loaded *loaded, const struct arguments *arguments)
{
	struct problems problems = { 0 };
	*loaded = (struct loaded){ 0 };
	bool fine = config_read(&loaded->arena, arguments->config, arguments->sets,
		arguments->set_count, &loaded->config, &problems);
	fine = fine && config_replace_executor(&loaded->config, arguments->executor,
			       arguments->workers, &loaded->arena, &problems);
	fine = fine && plan_make(&loaded->config, &loaded->arena, &loaded->plan, &problems);
	problems_print(&problems);
	problems_finish(&problems);
	if (!fine)
		loaded_close(loaded);
	return fine;
}

void loaded_close(struct loaded *loaded)
{
	arena_finish(&loaded->arena);
}
