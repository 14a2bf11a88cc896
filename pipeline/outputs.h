#ifndef NIGHTMILL_OUTPUTS_H
#define NIGHTMILL_OUTPUTS_H

/* The output folder of a plan as main sees it: which files are there, temporary files that become
 * outputs whole or not at all, and what is swept after a crash. Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/error.h"

struct outputs;

/* Opens output root `root` (relative or absolute, made where it is missing unless `look_only`) and
 * its temporary folder
 * `.nightmill-NAME`. With `look_only` nothing is made or swept; a root that is missing counts as
 * empty. `root` and `name` are borrowed until close. */
bool outputs_open(const char *root, const char *name, bool look_only, struct outputs **outputs,
	struct error *err);

/* Removes everything in the temporary folder: left by a run that was killed. Only under the lock.
 */
bool outputs_sweep(struct outputs *outputs, struct error *err);

/* Path of the temporary folder, valid until close; workers open it by this name. */
const char *outputs_temporary_path(const struct outputs *outputs);

/* True where `path` (starting with the root) is a regular file. Answers from listings of folders,
 * read once each and kept, least recently used dropped first: at most 64 folders or 4 million
 * names, 8 to 16 bytes a name; a folder with more names than that is asked file by file. */
bool outputs_present(struct outputs *outputs, const char *path);

/* True where it is worth while to say which files will be asked for. */
bool outputs_are_slow(const struct outputs *outputs);

/* outputs_present will be asked for `path`: where folders take long to read, its own is read
 * meanwhile. False where enough are. */
bool outputs_expect(struct outputs *outputs, const char *path);

/* What was expected is not any more. */
void outputs_expect_none(struct outputs *outputs);

/* Renames the temporary file `name` to `path`, makes the folders that are missing, keeps the
 * listings right. Never through symbolic links below the root, never outside it. A folder in place
 * of the file is an error. */
bool outputs_place(struct outputs *outputs, const char *name, const char *path, struct error *err);

/* Removes a temporary file, if it is there. */
void outputs_discard(struct outputs *outputs, const char *name);

/* Removes an output (missing is fine) and the folders above it that became empty, below the root.
 */
bool outputs_remove(struct outputs *outputs, const char *path, struct error *err);

/* An open descriptor on the root, for syncfs; -1 with `look_only` and no root. */
int outputs_descriptor(const struct outputs *outputs);

/* Removes the temporary folder if it is empty, and frees. NULL is allowed. */
void outputs_close(struct outputs *outputs);

#endif
