#include "pipeline/executor.h"

extern const struct executor_plugin executor_sequential;
extern const struct executor_plugin executor_threads;
extern const struct executor_plugin executor_forked;
extern const struct executor_plugin executor_work_stealing;

const struct plugin *const executors[] = {
	&executor_sequential.plugin,
	&executor_threads.plugin,
	&executor_forked.plugin,
	&executor_work_stealing.plugin,
	NULL,
};
