#ifndef NIGHTMILL_LISTING_H
#define NIGHTMILL_LISTING_H

/* Which regular files there are in folders, from one reading of each folder instead of a look at
 * every file. Names are kept as 64-bit hashes, at most some folders and names at a time; the least
 * recently used folder is forgotten first. Where folders take long to read, threads read those that
 * are expected. For one thread. */

#include <stdbool.h>
#include <stddef.h>

struct listings;

enum { LISTING_FOLDERS = 64, LISTING_NAMES = 4 * 1000 * 1000 };

/* Of folders below `root` (an open folder, borrowed until free). `most` names are kept in all. */
struct listings *listings_new(int root, size_t most);

/* True where the folder (its path below the root, NUL-terminated; "." is the root) has a regular
 * file of that name. No symbolic link is followed. What cannot be read holds nothing. */
bool listings_have(struct listings *listings, const char *folder, const char *name);

/* True where it is worth while to say which folders are expected. */
bool listings_are_slow(const struct listings *listings);

/* listings_have will be asked for this folder. False where too many are expected already. What is
 * said by listings_add and listings_forget meanwhile counts. */
bool listings_expect(struct listings *listings, const char *folder);

/* What was expected is not any more. */
void listings_expect_none(struct listings *listings);

/* Keeps the folder's listing, if there is one, right: the file is there now. */
void listings_add(struct listings *listings, const char *folder, const char *name);

/* Forgets a folder's listing. */
void listings_forget(struct listings *listings, const char *folder);

/* Bytes held for names. */
size_t listings_bytes(const struct listings *listings);

/* NULL is allowed. */
void listings_free(struct listings *listings);

#endif
