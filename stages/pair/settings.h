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

/* The columns of a store of pairs: "giver", "receiver"; of one of earlier rounds "round", too. */
extern const char *const settings_pair[];

struct settings {
	const char *round, *as, *seed;
	struct option_list exclude, within, across;
	struct settings_list never, must, past;
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
	bool both_ways;
	bool required; /* everyone that it names has to take part */
	bool rounds;   /* it has a column "round" */
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
	struct settings_pairs never, must, past;
	struct shape shape;
	bool has_seed;
	unsigned char seed[32]; /* valid where has_seed */
	size_t adds;            /* fields */
};

bool settings_prepare(const void *settings, const struct stage_setup *setup, void **prepared);

#endif
