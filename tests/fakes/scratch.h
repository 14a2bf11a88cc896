#ifndef NIGHTMILL_TESTS_SCRATCH_H
#define NIGHTMILL_TESTS_SCRATCH_H

/* A folder for one test: made below $TMPDIR or /tmp, entered, and removed with all that is in it.
 */

#include <stddef.h>

/* For cmocka_unit_test_setup_teardown; `state` holds the path. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Makes a folder; those above it must be there. */
void scratch_folder(const char *path);

/* Makes a file of `length` bytes ("x" where `data` is NULL). */
void scratch_write(const char *path, const void *data, size_t length);

/* Makes an empty file. */
void scratch_touch(const char *path);

#endif
