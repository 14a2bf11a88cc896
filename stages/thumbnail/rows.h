#ifndef NIGHTMILL_STAGES_THUMBNAIL_ROWS_H
#define NIGHTMILL_STAGES_THUMBNAIL_ROWS_H

/* The options of the stage as a user writes them, and what they come to. */

#include <stdbool.h>

#include "pipeline/options/option.h"
#include "pipeline/stage.h"
#include "stages/thumbnail/size.h"

struct rows_size {
	const char *name;
	struct option_number width, height;
	int fit; /* enum size_fit */
	bool enlarge;
	const char *background;
	struct option_number quality;
	int format; /* enum size_format */
	int colour; /* enum size_colour */
	int crop;   /* enum size_crop */
	double sharpen;
	struct option_list keep;
	bool linear, animated;
	bool progressive, lossless;
	int chroma; /* enum size_chroma */
	struct option_number effort;
	struct option_bytes budget;
};

enum rows_layout { LAYOUT_TEMPLATE, LAYOUT_FREEDESKTOP };
enum rows_preview { PREVIEW_IGNORE, PREVIEW_USE };
enum rows_mtime { MTIME_NOW, MTIME_KEEP };
enum rows_on_damage { DAMAGE_FAIL, DAMAGE_KEEP };

struct rows_settings {
	struct option_groups sizes; /* of struct rows_size */
	const char *from, *to, *as, *manifest, *focus;
	int layout; /* enum rows_layout */
	struct option_list formats;
	int frame;   /* from 1 */
	int preview; /* enum rows_preview */
	int intent;  /* enum size_intent */
	bool black_point;
	int on_damage;  /* enum rows_on_damage */
	int mtime;      /* enum rows_mtime */
	int max_pixels; /* megapixels */
	struct option_bytes max_memory, max_bytes;
};

extern const struct option rows_options[];
extern const struct option rows_size_options[]; /* of each of `sizes` */

/* Resolves one size each and checks what rows cannot, complaining of everything. `version` goes
 * into the recipes. False where a problem was added. */
bool rows_resolve(const struct rows_settings *settings, const struct stage_setup *setup,
	uint32_t version, struct size *sizes);

/* The recipe of a manifest for these sizes. */
struct digest rows_manifest_recipe(
	const struct rows_settings *settings, const struct size *sizes, uint32_t version);

/* How sources are read. False where a problem was added. */
bool rows_reading(const struct rows_settings *settings, const struct stage_setup *setup,
	struct reading *reading);

/* "#rgb", "#rrggbb", "#rrggbbaa", white, black or transparent. */
bool rows_colour(const char *text, struct colour *colour);

#endif
