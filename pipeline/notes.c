#include "pipeline/notes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"

/* More than any run has in hand: 1024 workers, and as many suspects of the run before. */
enum { NOTES_MOST = 2048 };

struct notes {
	struct arena arena;
	const char *path;
	struct digest *places; /* mapped: one for each worker, then the suspects */
	uint32_t workers;
	size_t suspects;
};

static size_t notes_bytes(const struct notes *notes)
{
	return (notes->workers + notes->suspects) * sizeof(struct digest);
}

/* Reads what the run before left. A file that is cut short or too long says less, never something
 * wrong. */
static size_t notes_read(int file, struct digest *found)
{
	ssize_t length = files_read_all(file, found, NOTES_MOST * sizeof(*found));
	size_t count = length > 0 ? (size_t)length / sizeof(*found) : 0, kept = 0;
	for (size_t i = 0; i < count; i++)
		if (!digest_none(found[i]))
			found[kept++] = found[i];
	return kept;
}

static bool notes_map(struct notes *notes, int file, const struct digest *found, struct error *err)
{
	size_t bytes = notes_bytes(notes);
	/* Reserved now: a full disk would be a SIGBUS later. */
	int number = ftruncate(file, 0) == 0 ? posix_fallocate(file, 0, (off_t)bytes) : errno;
	if (number)
		return fail_errno(err, number, "'%s'", notes->path);
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		return fail_errno(err, errno, "'%s'", notes->path);
	notes->places = map;
	for (size_t i = 0; i < notes->suspects; i++)
		notes->places[notes->workers + i] = found[i];
	return true;
}

bool notes_open(const char *state, uint32_t workers, struct notes **notes, struct error *err)
{
	struct notes *made = memory_zeroed(1, sizeof(*made));
	made->path = arena_printf(&made->arena, "%s.hand", state);
	made->workers = workers;
	struct digest *found = arena_alloc(&made->arena, NOTES_MOST * sizeof(*found));
	int file = open(made->path,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	bool fine = file >= 0;
	if (fine) {
		made->suspects = notes_read(file, found);
		fine = notes_map(made, file, found, err);
		close(file);
	} else
		fail_errno(err, errno, "'%s'", made->path);
	if (fine)
		*notes = made;
	else
		notes_close(made);
	return fine;
}

size_t notes_suspects(const struct notes *notes)
{
	return notes->suspects;
}

static struct digest *notes_find(const struct notes *notes, struct digest id)
{
	for (size_t i = 0; i < notes->suspects; i++)
		if (digest_equal(notes->places[notes->workers + i], id))
			return &notes->places[notes->workers + i];
	return NULL;
}

bool notes_suspected(const struct notes *notes, struct digest id)
{
	return notes->suspects && notes_find(notes, id);
}

void notes_clear(struct notes *notes, struct digest id)
{
	struct digest *place = notes_find(notes, id);
	if (place)
		*place = (struct digest){ 0 };
}

void notes_clear_all(struct notes *notes)
{
	for (size_t i = 0; i < notes->suspects; i++)
		notes->places[notes->workers + i] = (struct digest){ 0 };
}

void notes_set(struct notes *notes, uint32_t worker, struct digest id)
{
	if (!notes || worker >= notes->workers)
		return;
	/* Volatile: the store must be in memory before the item is worked on, for the crash that
	 * nobody returns from. */
	volatile struct digest *place = &notes->places[worker];
	place->low = id.low;
	place->high = id.high;
}

static bool notes_empty(const struct notes *notes)
{
	for (size_t i = 0; i < notes->workers + notes->suspects; i++)
		if (!digest_none(notes->places[i]))
			return false;
	return true;
}

void notes_close(struct notes *notes)
{
	if (!notes)
		return;
	if (notes->places) {
		if (notes_empty(notes))
			unlink(notes->path);
		munmap(notes->places, notes_bytes(notes));
	}
	arena_finish(&notes->arena);
	free(notes);
}
