#ifndef NIGHTMILL_SUPPORT_FILES_H
#define NIGHTMILL_SUPPORT_FILES_H

/* Files by descriptor: never through a link that leads out of a folder, never blocking on what is
 * no regular file, never half written. All functions may be called from any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pipeline/support/error.h"

/* Writes `path` to `normal` (room for strlen(path) + 2 bytes) without empty and "." components and
 * without a slash at the end; what is left of nothing is ".". ".." stays. Returns the length. */
size_t files_normal_path(const char *path, char *normal);

/* Opens a folder (O_RDONLY|O_DIRECTORY|O_CLOEXEC). -1 and `err` on failure. */
int files_open_folder(const char *path, struct error *err);

/* Opens `path` below `folder` with openat2: no "..", no absolute path, nothing that leads out;
 * unless `links`, no symbolic link at all on the way nor at the end. `flags` and `mode` as for
 * open(2); O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added. Where the kernel has no openat2 it walks
 * component by component with O_NOFOLLOW (links are then refused). Returns -1 and sets errno. */
int files_open_below(int folder, const char *path, int flags, mode_t mode, bool links);

/* Makes every missing folder of the relative `path` (all of its components) below `folder`, mode
 * 0777 less the umask. Never through links. */
bool files_make_folders(int folder, const char *path, struct error *err);

/* Writes all of it, whatever write(2) takes at a time. False and errno. */
bool files_write_all(int file, const void *data, size_t length);

/* Reads until `length` bytes or the end; the number read, or -1 and errno. */
ssize_t files_read_all(int file, void *data, size_t length);

/* Writes a whole file so that `path` is either as before or complete: temporary file beside it,
 * fsync, rename, fsync of the folder. What killed processes have left beside it is removed. Not for
 * outputs of items (see outputs.h). */
bool files_replace(
	const char *path, const void *data, size_t length, mode_t mode, struct error *err);

/* Removes temporary files beside `path` whose writers are dead. */
void files_sweep(const char *path);

/* True where the file system that holds `descriptor` is a network one (NFS, CIFS, SMB2, ...);
 * `*name` says which. */
bool files_on_network(int descriptor, const char **name);

#endif
