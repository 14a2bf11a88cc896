#ifndef NIGHTMILL_STAGES_FILES_GLOB_PROGRAM_H
#define NIGHTMILL_STAGES_FILES_GLOB_PROGRAM_H

/* What a set of patterns is compiled to: between glob_compile.c and glob.c alone. */

#include <stddef.h>
#include <stdint.h>

#include "stages/files/glob.h"

/* A program for an automaton that is in many steps at once. Steps that take a byte go on to the
 * next one; the others are passed without one, and always lead to later steps, so that one sweep
 * upwards finds all that is reached. */
enum glob_kind {
	GLOB_BYTE,
	GLOB_ANY,   /* any byte but a slash */
	GLOB_CLASS, /* target: number of the class */
	GLOB_STAR,  /* stays here for any byte but a slash; passed */
	GLOB_DEEP,  /* stays here for any byte; passed */
	GLOB_SPLIT, /* passed, also to target */
	GLOB_JUMP,  /* passed to target alone */
	GLOB_MATCH,
};

struct glob_step {
	uint8_t kind;
	uint8_t byte;
	uint16_t target;
};

struct glob_class {
	uint64_t bits[4];
};

struct glob {
	struct glob_step steps[GLOB_STEPS];
	size_t count;
	size_t words; /* of a state that are in use */
	struct glob_class *classes;
	size_t class_count;
};

#endif
