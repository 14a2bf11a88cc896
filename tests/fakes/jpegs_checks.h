#ifndef NIGHTMILL_TESTS_JPEGS_CHECKS_H
#define NIGHTMILL_TESTS_JPEGS_CHECKS_H

/* What every JPEG that our own decoder takes, or leaves, has to stand. */

#include "tests/fakes/jpegs.h"

enum { JPEGS_EXCESSES = 7 };

/* 1, 2 and 4 samples for a block of the largest component, and means alone; then with half the
 * sides of the others. */
extern const struct scaled_excess jpegs_excesses[JPEGS_EXCESSES];

/* A decoder as the state of a group of tests. */
int jpegs_setup(void **state);
int jpegs_setup_ahead(void **state); /* one that reads ahead in the smallest of scans */
int jpegs_teardown(void **state);

/* Every sampling in every width and height that comes out differently. */
enum { JPEGS_SAMPLINGS = 11 * 11 * 11 };
struct jpegs_spec jpegs_sampling(size_t number);

/* The verdict at each of them. */
void jpegs_check_bytes(
	struct scaled *scaled, const unsigned char *bytes, size_t length, enum jpegs_verdict is);

/* The verdict at each of them, and at full size, where progressive ones are always left. */
void jpegs_check(struct scaled *scaled, const struct jpegs_spec *spec, enum jpegs_verdict is);

/* Left, wherever its data end. At full size too. */
void jpegs_check_cut(struct scaled *scaled, const struct jpegs_spec *spec);

/* With any byte changed: it shows, or libjpeg-turbo sees the same picture and nothing wrong with
 * it. At full size too. */
void jpegs_check_changed(struct scaled *scaled, const struct jpegs_spec *spec);

#endif
