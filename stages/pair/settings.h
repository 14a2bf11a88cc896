#ifndef NIGHTMILL_STAGES_PAIR_SETTINGS_H
#define NIGHTMILL_STAGES_PAIR_SETTINGS_H

/* The stage's options, and what the plan made of them. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/options/option.h"
#include "pipeline/stage.h"
#include "pipeline/stores.h"
#include "stages/pair/rules.h"
#include "stages/pair/shape.h"

struct settings_list {
	const char *store;
	bool both_ways;
};

struct settings {
	const char *round, *as, *seed;
	struct option_list exclude, within, across;
	struct settings_list never, must;
	int history;
	bool soften;
	int cycle; /* enum shape_kind: ANY or SINGLE */
	struct option_number size;
	int tries;
};

extern const struct option settings_options[];

/* A list of pairs in a store. */
struct settings_pairs {
	const struct stores_entry *store; /* NULL: not given */
	size_t columns[2];                /* giver and receiver */
	bool both_ways;
	bool required; /* everyone that it names has to take part */
};

enum { SETTINGS_FIELDS = RULES_COLUMNS };

struct settings_fields {
	size_t list[SETTINGS_FIELDS];
	size_t count;
};

struct pair {
	const struct settings *settings;
	const struct fields *fields; /* of the records */
	struct settings_fields exclude, within, across;
	struct settings_pairs never, must;
	struct shape shape;
	bool has_seed;
	unsigned char seed[32]; /* valid where has_seed */
	size_t adds;            /* fields */
};

bool settings_prepare(const void *settings, const struct stage_setup *setup, void **prepared);

#endif
