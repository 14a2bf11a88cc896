#ifndef NIGHTMILL_STAGE_ADDS_H
#define NIGHTMILL_STAGE_ADDS_H

/* The fields that a stage adds, gathered while it is prepared. For the plan and for stage.c. */

#include <stddef.h>

enum { STAGE_ADDS = 256 };

struct stage_adds {
	const char *names[STAGE_ADDS];
	size_t count;
};

#endif
