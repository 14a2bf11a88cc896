#ifndef NIGHTMILL_STAGES_THUMBNAIL_FOLDERS_H
#define NIGHTMILL_STAGES_THUMBNAIL_FOLDERS_H

/* The folders (IFDs) of a block of EXIF, from data that may say anything. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From "II" or "MM" on. */
struct folders {
	unsigned char *data; /* borrowed; only what folders_set writes is changed */
	size_t length;
	bool little;
	size_t first; /* offset of the first folder */
};

/* An entry. */
struct folders_entry {
	size_t at; /* of the entry */
	uint32_t tag, type, count;
	size_t value, bytes; /* where the value stands, and how long it is */
};

enum {
	FOLDERS_ORIENTATION = 0x0112,
	FOLDERS_ARTIST = 0x013B,
	FOLDERS_PREVIEW_AT = 0x0201,
	FOLDERS_PREVIEW_BYTES = 0x0202,
	FOLDERS_COPYRIGHT = 0x8298,
	FOLDERS_EXIF = 0x8769,
	FOLDERS_GPS = 0x8825,
	FOLDERS_SUBJECT_AREA = 0x9214,
	FOLDERS_WIDTH = 0xA002,
	FOLDERS_HEIGHT = 0xA003,
	FOLDERS_INTEROP = 0xA005,
};

/* False: there is no folder. */
bool folders_open(struct folders *folders, unsigned char *data, size_t length);

/* The entry of the folder at `folder` that has this tag; false where there is none, or its value
 * lies outside. */
bool folders_find(
	const struct folders *folders, size_t folder, uint32_t tag, struct folders_entry *entry);

/* Number `index` of an entry whose type is SHORT or LONG; 0 where there is none. */
uint32_t folders_number(
	const struct folders *folders, const struct folders_entry *entry, uint32_t index);

/* The offset of the folder that an entry of this tag points to; 0: none. */
size_t folders_inside(const struct folders *folders, size_t folder, uint32_t tag);

/* The offset of the folder behind this one; 0: none. */
size_t folders_next(const struct folders *folders, size_t folder);

/* Replaces a value of type SHORT or LONG. */
void folders_set(const struct folders *folders, const struct folders_entry *entry, uint32_t value);

/* Ends the chain of folders behind this one. */
void folders_cut(const struct folders *folders, size_t folder);

/* Where the last byte ends that the folder at `folder` and those inside it use. */
size_t folders_extent(const struct folders *folders, size_t folder);

#endif
