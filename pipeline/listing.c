#include "pipeline/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "pipeline/support/ahead.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "pipeline/support/latency.h"

enum {
	LISTING_ROOM_LEAST = 16,
	LISTING_LOOKS = 2, /* to open a folder, to list it */
	LISTING_BUFFER_BYTES = 32 * 1024,
	LISTING_EXPECTED = AHEAD_LEVELS * AHEAD_SIBLINGS,
};

/* A folder's names: an open-addressing set of hashes, 0 is a free place. */
struct listing {
	char *folder; /* NULL: not in use */
	uint64_t folder_hash;
	uint64_t used;        /* moment of the last question */
	struct listing *next; /* mostly asked for after this one; NULL: unknown, or this one */
	bool whole;           /* false: too many names, each file is asked for by itself */
	uint64_t *hashes;
	size_t count, room;
	size_t counted; /* of them, in all names of the listings */
};

struct listings {
	int root;
	size_t most;
	size_t names; /* in all */
	uint64_t moment;
	struct listing *last; /* asked for last; NULL: none */
	struct listing all[LISTING_FOLDERS];

	struct latency latency;
	struct ahead *ahead;                 /* NULL: nobody else reads */
	uint64_t expected[LISTING_EXPECTED]; /* hashes of folders, by `serial`; 0: none */
	uint64_t serial[LISTING_EXPECTED];
	uint64_t last_serial;
	char buffer[LISTING_BUFFER_BYTES] __attribute__((aligned(8)));
};

struct listings *listings_new(int root, size_t most)
{
	struct listings *listings = memory_zeroed(1, sizeof(*listings));
	listings->root = root;
	listings->most = most;
	return listings;
}

static uint64_t listing_hash(const char *name)
{
	const uint64_t hash = XXH3_64bits(name, strlen(name));
	return hash ? hash : 1;
}

static void listing_clear(struct listing *listing)
{
	free(listing->folder);
	free(listing->hashes);
	memset(listing, 0, sizeof(*listing));
}

void listings_free(struct listings *listings)
{
	if (!listings)
		return;
	for (size_t i = 0; i < LISTING_FOLDERS; i++)
		listing_clear(&listings->all[i]);
	if (listings->ahead)
		ahead_stop(listings->ahead);
	ahead_close(listings->ahead);
	free(listings);
}

/* The place of `hash`, or the free one where it belongs. Hashes stand nearly in their order, so
 * that a larger set is filled from a smaller one without jumping about. */
static uint64_t *listing_place(const struct listing *listing, uint64_t hash)
{
	size_t at = (size_t)(((unsigned __int128)hash * listing->room) >> 64);
	while (listing->hashes[at] && listing->hashes[at] != hash)
		at = at + 1 < listing->room ? at + 1 : 0;
	return &listing->hashes[at];
}

/* Half as much again: with sets at most 7/8 full, a name costs 9 to 14 bytes. */
static void listing_grow(struct listing *listing)
{
	const struct listing old = *listing;
	listing->room = old.room ? old.room + old.room / 2 : LISTING_ROOM_LEAST;
	listing->hashes = memory_zeroed(listing->room, sizeof(*listing->hashes));
	for (size_t i = 0; i < old.room; i++) {
		if (old.hashes[i])
			*listing_place(listing, old.hashes[i]) = old.hashes[i];
	}
	free(old.hashes);
}

static void listing_put(struct listing *listing, const char *name)
{
	const uint64_t hash = listing_hash(name);
	if ((listing->count + 1) * 8 > listing->room * 7)
		listing_grow(listing);
	uint64_t *place = listing_place(listing, hash);
	listing->count += *place == 0;
	*place = hash;
}

static void listing_give_up(struct listing *listing)
{
	free(listing->hashes);
	listing->hashes = NULL;
	listing->count = listing->room = 0;
	listing->whole = false;
}

static bool listing_is(const struct listing *listing, const char *folder)
{
	return listing && listing->folder && !strcmp(listing->folder, folder);
}

/* An item's outputs may lie in several folders, which are asked for in turn. */
static struct listing *listings_find(struct listings *listings, const char *folder)
{
	struct listing *last = listings->last;
	if (listing_is(last, folder))
		return last;
	if (last && listing_is(last->next, folder))
		return last->next;
	const uint64_t hash = listing_hash(folder);
	for (size_t i = 0; i < LISTING_FOLDERS; i++) {
		struct listing *listing = &listings->all[i];
		if (listing->folder_hash == hash && listing_is(listing, folder))
			return listing;
	}
	return NULL;
}

/* Of those that were asked for at the moment `since` or later; places not in use were at 0. */
static struct listing *listings_oldest(
	struct listings *listings, uint64_t since, const struct listing *spared)
{
	struct listing *oldest = NULL;
	for (size_t i = 0; i < LISTING_FOLDERS; i++) {
		struct listing *listing = &listings->all[i];
		if (listing != spared && listing->used >= since &&
			(!oldest || listing->used < oldest->used))
			oldest = listing;
	}
	return oldest;
}

static void listings_drop(struct listings *listings, struct listing *listing)
{
	if (listings->last == listing)
		listings->last = NULL;
	listings->names -= listing->counted;
	listing_clear(listing);
}

/* Forgets others, then gives up the listing itself, until all names together are few enough. */
static void listings_trim(struct listings *listings, struct listing *listing)
{
	if (listing->count > listings->most)
		listing_give_up(listing);
	listings->names += listing->count - listing->counted;
	listing->counted = listing->count;
	while (listings->names > listings->most) {
		struct listing *oldest = listings_oldest(listings, 1, listing);
		if (!oldest)
			break;
		listings_drop(listings, oldest);
	}
}

static bool listing_is_file(int folder, const struct dirent64 *entry)
{
	struct stat status;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_REG;
	return !fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(status.st_mode);
}

static void listings_take(const struct listings *listings, struct listing *listing, int folder,
	const char *records, size_t length)
{
	for (size_t at = 0; at < length && listing->whole;) {
		const struct dirent64 *entry = (const void *)(records + at);
		if (listing_is_file(folder, entry))
			listing_put(listing, entry->d_name);
		if (listing->count > listings->most)
			listing_give_up(listing);
		at += entry->d_reclen;
	}
}

static void listings_read_rest(struct listings *listings, struct listing *listing, int folder)
{
	ssize_t got = 1;
	while (listing->whole && got > 0) {
		got = getdents64(folder, listings->buffer, sizeof(listings->buffer));
		if (got > 0)
			listings_take(listings, listing, folder, listings->buffer, (size_t)got);
	}
}

static void listings_read(struct listings *listings, struct listing *listing)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	latency_resume(&listings->latency);
	const int folder = files_open_below(listings->root, listing->folder, flags, 0, false);
	if (folder >= 0) {
		listings_read_rest(listings, listing, folder);
		close(folder);
	}
	latency_pause(&listings->latency, LISTING_LOOKS);
	if (latency_is_high(&listings->latency) && !listings->ahead)
		listings->ahead = ahead_open(listings->root, false);
}

/* Where a folder stands among those that are expected; LISTING_EXPECTED: nowhere. */
static size_t listings_place(const struct listings *listings, uint64_t hash)
{
	size_t place = 0;
	while (place < LISTING_EXPECTED && listings->expected[place] != hash)
		place++;
	return place;
}

static void listings_unexpect(struct listings *listings, uint64_t hash)
{
	const size_t place = listings->ahead ? listings_place(listings, hash) : LISTING_EXPECTED;
	if (place < LISTING_EXPECTED)
		listings->expected[place] = 0;
}

static struct ahead_key listings_key(uint64_t serial)
{
	return (struct ahead_key){ serial, serial / AHEAD_SIBLINGS, serial % AHEAD_SIBLINGS };
}

/* False where it was not expected, or could not be read. */
static bool listings_read_ahead(struct listings *listings, struct listing *listing)
{
	const size_t place = listings_place(listings, listing->folder_hash);
	struct ahead_folder found;
	if (place == LISTING_EXPECTED)
		return false;
	const struct ahead_key key = listings_key(listings->serial[place]);
	listings->expected[place] = 0;
	if (!ahead_enter(listings->ahead, &key, &found))
		return false;
	listings_take(listings, listing, found.descriptor, found.listing, found.length);
	if (!found.whole)
		listings_read_rest(listings, listing, found.descriptor);
	close(found.descriptor);
	return true;
}

bool listings_are_slow(const struct listings *listings)
{
	return listings->ahead != NULL;
}

static struct listing *listings_start(struct listings *listings, const char *folder)
{
	struct listing *listing = listings_oldest(listings, 0, NULL);
	listings_drop(listings, listing);
	const size_t bytes = strlen(folder) + 1;
	listing->folder = memcpy(memory_alloc(bytes), folder, bytes);
	listing->folder_hash = listing_hash(folder);
	listing->whole = true;
	if (!listings->ahead || !listings_read_ahead(listings, listing))
		listings_read(listings, listing);
	listings_trim(listings, listing);
	return listing;
}

static bool listings_look(const struct listings *listings, const char *folder, const char *name)
{
	const int flags = O_PATH | O_DIRECTORY;
	const int opened = files_open_below(listings->root, folder, flags, 0, false);
	struct stat status;
	if (opened < 0)
		return false;
	const bool there =
		!fstatat(opened, name, &status, AT_SYMLINK_NOFOLLOW) && S_ISREG(status.st_mode);
	close(opened);
	return there;
}

bool listings_expect(struct listings *listings, const char *folder)
{
	const uint64_t hash = listing_hash(folder);
	if (!listings->ahead || listings_find(listings, folder) ||
		listings_place(listings, hash) < LISTING_EXPECTED)
		return true;
	const uint64_t serial = listings->last_serial + 1;
	const size_t place = serial % LISTING_EXPECTED;
	const struct ahead_key key = listings_key(serial);
	if (listings->expected[place])
		return false;
	listings->last_serial = serial;
	struct text *path = ahead_expect(listings->ahead, &key);
	if (!path)
		return true;
	text_add_string(path, folder);
	ahead_announce(listings->ahead, &key);
	listings->expected[place] = hash;
	listings->serial[place] = serial;
	return true;
}

void listings_expect_none(struct listings *listings)
{
	memset(listings->expected, 0, sizeof(listings->expected));
}

bool listings_have(struct listings *listings, const char *folder, const char *name)
{
	struct listing *listing = listings_find(listings, folder);
	if (!listing)
		listing = listings_start(listings, folder);
	listing->used = ++listings->moment;
	if (listings->last && listings->last != listing)
		listings->last->next = listing;
	listings->last = listing;
	if (!listing->whole)
		return listings_look(listings, folder, name);
	return listing->room && *listing_place(listing, listing_hash(name));
}

void listings_add(struct listings *listings, const char *folder, const char *name)
{
	struct listing *listing = listings_find(listings, folder);
	listings_unexpect(listings, listing_hash(folder));
	if (!listing || !listing->whole)
		return;
	listing_put(listing, name);
	listings_trim(listings, listing);
}

void listings_forget(struct listings *listings, const char *folder)
{
	struct listing *listing = listings_find(listings, folder);
	listings_unexpect(listings, listing_hash(folder));
	if (listing)
		listings_drop(listings, listing);
}

size_t listings_bytes(const struct listings *listings)
{
	size_t bytes = 0;
	for (size_t i = 0; i < LISTING_FOLDERS; i++)
		bytes += listings->all[i].room * sizeof(uint64_t);
	return bytes;
}
