#ifndef NIGHTMILL_SUPPORT_ERROR_H
#define NIGHTMILL_SUPPORT_ERROR_H

/* What went wrong, in a fixed size and without pointers, so that it crosses a process border as it
 * is.
 *
 *     if (!file_read(&bytes, path, err))
 *             return error_where(err, "while reading the list");
 *
 * Fallible functions return bool and take `err` last; it is untouched on success. The first cause
 * wins and callers only add where. The text is lower case, has no full stop, names the thing and
 * quotes the value. */

#include <stdbool.h>

/* A stable word per kind of failure: it stands in the state, in `failures` and in `--progress
 * json`. */
enum error_code {
	ERROR_NONE,
	ERROR_INTERNAL,    /* a fault of ours or of the system: exit status 1 */
	ERROR_USAGE,       /* command line or config: exit status 2 */
	ERROR_LOCKED,      /* another run holds the lock: exit status 11 */
	ERROR_MISSING,     /* a file or folder that should be there is not */
	ERROR_DENIED,      /* not permitted to read or write */
	ERROR_READ,        /* input or output error while reading */
	ERROR_WRITE,       /* input or output error while writing */
	ERROR_SPACE,       /* disk full, quota used up, file system read-only */
	ERROR_MEMORY,      /* the system's memory or file descriptors ran out */
	ERROR_CHANGED,     /* the source changed while it was read */
	ERROR_DAMAGED,     /* content cut short or corrupt */
	ERROR_UNSUPPORTED, /* well-formed, but of a kind that is not handled */
	ERROR_LIMIT,       /* over a limit that an option sets; the text names the option */
	ERROR_COLLISION,   /* two items want the same output path */
	ERROR_CRASHED,     /* the worker that held the item died */
	ERROR_TIMEOUT,     /* the item took longer than allowed */
	ERROR_NO_PAIRING,  /* the rules leave no way to pair everyone: exit status 6 */
	ERROR_DEFERRED,    /* the world said: later */
	ERROR_REFUSED,     /* the world said: never */
	ERROR_DOUBT,       /* something was begun, and nobody said how it ended */
	ERROR_CODES
};

/* Whose fault it is decides what is done about it. */
enum blame {
	BLAME_NONE,
	BLAME_ITEM,   /* remembered until source, recipe or limit changes */
	BLAME_MOMENT, /* tried again, now and in the next run */
	BLAME_PLACE,  /* the run halts, no item is marked */
};

struct error {
	enum error_code code;
	enum blame blame;
	char text[504];
};

/* The word for `code`, e.g. "damaged". Static text, never NULL. */
const char *error_word(enum error_code code);

/* Fills `err` (borrowed, may be NULL) and returns false. A text too long is cut at the end of a
 * character. The blame follows from the code: DAMAGED, UNSUPPORTED, LIMIT, COLLISION, CRASHED,
 * REFUSED and DOUBT blame the item, SPACE the place, the rest the moment. */
bool fail(struct error *err, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a failed system call: code and blame follow from `number` (an errno value), whose
 * words are added behind ": ". */
bool fail_errno(struct error *err, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "where: " in front of the text and returns false. */
bool error_where(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
