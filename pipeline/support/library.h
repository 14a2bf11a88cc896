#ifndef NIGHTMILL_SUPPORT_LIBRARY_H
#define NIGHTMILL_SUPPORT_LIBRARY_H

/* Libraries that few runs need are loaded when the first of them is wanted, not with every start:
 * linking libvips alone would cost each start 20 ms and 23 MiB. Their headers are used as always; a
 * struct holds a pointer to each function that is called:
 *
 *     static struct { __typeof__(TIFFClose) *close; ... } tiff;
 *     static const struct library_name tiff_names[] = { LIBRARY_NAME(tiff, close, TIFFClose), ...
 * }; static struct library tiff_library = LIBRARY("libtiff.so.6", tiff_names, tiff); */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/error.h"

/* One function: what the library calls it, and where in the struct its pointer goes. */
struct library_name {
	const char *symbol;
	size_t offset;
};

/* The row for `table.field`, a pointer to functions of the type of `function`: does not compile
 * where it is another. */
#define LIBRARY_NAME(table, field, function)                   \
	{                                                      \
#function, _Generic((table).field, __typeof__(function) *    \
			     : offsetof(__typeof__(table), field)) \
	}

/* A library; of static storage. Written by library_need alone. */
struct library {
	const char *soname; /* "libtiff.so.6" */
	const struct library_name *names;
	size_t count; /* of names */
	void *table;  /* the struct that holds the pointers */
	/* What is called first, behind the filling in; NULL: nothing has to be. */
	bool (*start)(struct error *err);
	enum library_state { LIBRARY_UNTRIED, LIBRARY_READY, LIBRARY_FAILED } state;
	struct error failure;
};

#define LIBRARY(soname, names, table) LIBRARY_STARTED(soname, names, table, NULL)

#define LIBRARY_STARTED(soname, names, table, start)                                      \
	{                                                                                 \
		(soname), (names), sizeof(names) / sizeof((names)[0]), &(table), (start), \
			LIBRARY_UNTRIED,                                                  \
		{                                                                         \
			.code = ERROR_NONE                                                \
		}                                                                         \
	}

/* Loads the library, for the rest of the process's life, unless it was tried before, fills in the
 * pointers, and starts it. What went wrong is told each time: ERROR_UNSUPPORTED, with the name of
 * the library or of the function that it lacks, or what start() says. From any thread; what was
 * filled in is read-only from then on. */
bool library_need(struct library *library, struct error *err);

#endif
