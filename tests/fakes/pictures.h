#ifndef NIGHTMILL_TESTS_PICTURES_H
#define NIGHTMILL_TESTS_PICTURES_H

/* What is to be seen in the files that a test made. */

#include "pipeline/support/text.h"
#include "stages/thumbnail/surface.h"

/* The pixels of a file, in full; the caller finishes them. Fails the test where they are damaged.
 */
struct surface pictures_decoded(const struct text *file);

#endif
