#ifndef NIGHTMILL_STAGES_FILES_GLOB_H
#define NIGHTMILL_STAGES_FILES_GLOB_H

/* Sets of patterns for paths. A pattern matches a whole path, byte by byte, case-sensitive:
 *
 *     *  any bytes but a slash        ?  one byte but a slash
 *     [a-z] [!x]  one byte in, or not in, a class (never a slash)
 *     **  any bytes, standing alone between slashes; "**" and a slash may stand for nothing
 *     {a,b}  alternatives, also with slashes and braces inside
 *     \x  x itself
 *
 * All patterns of a set run side by side over each byte once, so time is the length of the path
 * times the patterns' at worst. A walk carries the state of a folder and goes on from there for
 * each name in it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"

/* A compiled set of patterns; read-only, any threads. */
struct glob;

enum {
	GLOB_STEPS = 4096, /* of all patterns of a set together: about a step a byte */
	GLOB_WORDS = GLOB_STEPS / 64,
};

/* Where the patterns of one set stand after some bytes. */
struct glob_state {
	uint64_t words[GLOB_WORDS];
};

/* Compiles the patterns (read only now); a path matches the set where it matches one of them, so
 * none matches nothing. `*glob` is the caller's to free. */
bool glob_compile(const char *const *patterns, size_t count, struct glob **glob, struct error *err);

/* NULL is allowed. */
void glob_free(struct glob *glob);

/* In front of the first byte. */
void glob_start(const struct glob *glob, struct glob_state *state);

/* Goes on from `from` over `length` bytes to `to`, which may be the same. */
void glob_feed(const struct glob *glob, const struct glob_state *from, const char *bytes,
	size_t length, struct glob_state *to);

/* True where the bytes so far match. */
bool glob_matches(const struct glob *glob, const struct glob_state *state);

/* True where no further bytes can lead to a match. */
bool glob_dead(const struct glob *glob, const struct glob_state *state);

/* True where any further bytes lead to a match; may be false where that is hard to see. */
bool glob_everything(const struct glob *glob, const struct glob_state *state);

#endif
