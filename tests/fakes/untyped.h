#ifndef NIGHTMILL_TESTS_UNTYPED_H
#define NIGHTMILL_TESTS_UNTYPED_H

/* A file system that does not tell what some names stand for. */

#include <sys/types.h>

/* Of a listing of `got` bytes, as getdents64 gave them (less than 0: none), takes the types of
 * names that have "untyped" in them. */
void untyped(void *listing, ssize_t got);

#endif
