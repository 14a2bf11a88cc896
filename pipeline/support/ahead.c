#include "pipeline/support/ahead.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"

enum {
	AHEAD_FOLDERS = AHEAD_LEVELS * AHEAD_SIBLINGS,
	AHEAD_SHARE = 8, /* files that a thread takes at once, at most */
	AHEAD_STACK_BYTES = 256 * 1024,
	AHEAD_SPARE = 256, /* descriptors: for folders here and the caller's, and for others */
};

enum visit_state { VISIT_FREE, VISIT_QUEUED, VISIT_RUNNING, VISIT_DONE };

/* To a folder. */
struct visit {
	enum visit_state state; /* under the lock */
	struct ahead_key key;
	struct text path;
	int descriptor; /* -1: it could not be opened, or has been taken */
	struct stat status;
	char *listing;
	size_t length;
	bool whole;
};

struct ahead {
	int root;
	bool links;
	pthread_t threads[AHEAD_THREADS];
	size_t thread_count;
	struct ahead_file files[AHEAD_FILES]; /* a ring */
	uint64_t dropped;                     /* of the files */
	struct visit visits[AHEAD_FOLDERS];

	pthread_mutex_t lock;
	pthread_cond_t work, ready;
	/* under the lock: */
	uint64_t added, begun;               /* of the files; only the walk's thread adds */
	struct visit *queued[AHEAD_FOLDERS]; /* the next one last */
	size_t queued_count;
	size_t idle;         /* threads that wait for work */
	const void *awaited; /* the file or visit that the walk's thread waits for; NULL: none */
	bool stopped;        /* only the walk's thread stops */
};

/* The thread's side. */

static void ahead_look(const struct ahead *ahead, struct ahead_file *file)
{
	const char *path = file->path.data;
	if (!file->link) {
		file->known = !fstatat(
			file->folder, path + file->name, &file->status, AT_SYMLINK_NOFOLLOW);
		return;
	}
	const int target = files_open_below(ahead->root, path, O_PATH, 0, true);
	file->known = target >= 0 && !fstat(target, &file->status);
	if (target >= 0)
		close(target);
}

/* Where the file system does not tell types with names. */
static void visit_find_types(struct visit *visit, size_t start)
{
	for (size_t at = start; at < visit->length;) {
		struct dirent64 *entry = (void *)(visit->listing + at);
		struct stat status;
		if (entry->d_type == DT_UNKNOWN &&
			!fstatat(visit->descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
			entry->d_type = IFTODT(status.st_mode);
		at += entry->d_reclen;
	}
}

/* What does not fit, or fails, is left for the walk's thread, which goes on from here. */
static void visit_list(struct visit *visit)
{
	ssize_t got = 1;
	while (got > 0) {
		const size_t start = visit->length;
		got = getdents64(
			visit->descriptor, visit->listing + start, AHEAD_LISTING_BYTES - start);
		visit->length += got > 0 ? (size_t)got : 0;
		visit_find_types(visit, start);
	}
	visit->whole = got == 0;
}

static void visit_make(const struct ahead *ahead, struct visit *visit)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	visit->length = 0;
	visit->whole = false;
	visit->descriptor = files_open_below(ahead->root, visit->path.data, flags, 0, ahead->links);
	if (visit->descriptor < 0)
		return;
	if (!fstat(visit->descriptor, &visit->status)) {
		visit_list(visit);
		return;
	}
	close(visit->descriptor);
	visit->descriptor = -1;
}

/* With the lock held. */
static void ahead_tell(struct ahead *ahead, const void *ready)
{
	if (ahead->awaited == ready)
		pthread_cond_signal(&ahead->ready);
}

/* Called, and left, with the lock held. */
static void ahead_visit_one(struct ahead *ahead)
{
	struct visit *visit = ahead->queued[--ahead->queued_count];
	visit->state = VISIT_RUNNING;
	pthread_mutex_unlock(&ahead->lock);
	visit_make(ahead, visit);
	pthread_mutex_lock(&ahead->lock);
	visit->state = VISIT_DONE;
	ahead_tell(ahead, visit);
}

/* The same. Few at once where few are left, so that no thread keeps what others could do. */
static void ahead_look_at_some(struct ahead *ahead)
{
	const uint64_t first = ahead->begun;
	uint64_t count = (ahead->added - first) / AHEAD_THREADS;
	count = count < 1 ? 1 : count > AHEAD_SHARE ? AHEAD_SHARE : count;
	ahead->begun += count;
	pthread_mutex_unlock(&ahead->lock);
	for (uint64_t i = first; i < first + count; i++)
		ahead_look(ahead, &ahead->files[i % AHEAD_FILES]);
	pthread_mutex_lock(&ahead->lock);
	for (uint64_t i = first; i < first + count; i++) {
		ahead->files[i % AHEAD_FILES].done = true;
		ahead_tell(ahead, &ahead->files[i % AHEAD_FILES]);
	}
}

static void ahead_wait_for_work(struct ahead *ahead)
{
	ahead->idle++;
	pthread_cond_wait(&ahead->work, &ahead->lock);
	ahead->idle--;
}

/* Folders first: more files follow from them. */
static void *ahead_run(void *context)
{
	struct ahead *ahead = context;
	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stopped) {
		if (ahead->queued_count)
			ahead_visit_one(ahead);
		else if (ahead->begun < ahead->added)
			ahead_look_at_some(ahead);
		else
			ahead_wait_for_work(ahead);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* The walk's side. */

/* With all signals blocked: they are main's. */
static void ahead_start(struct ahead *ahead)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, AHEAD_STACK_BYTES);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (ahead->thread_count < AHEAD_THREADS &&
		!pthread_create(
			&ahead->threads[ahead->thread_count], &attributes, ahead_run, ahead))
		ahead->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
}

/* The lowest free descriptor tells about how many are taken. */
static bool ahead_has_room(int root)
{
	struct rlimit limit;
	const int lowest = fcntl(root, F_DUPFD_CLOEXEC, 0);
	if (lowest < 0)
		return false;
	close(lowest);
	return !getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur >= (rlim_t)lowest + AHEAD_SPARE;
}

struct ahead *ahead_open(int root, bool links)
{
	if (!ahead_has_room(root))
		return NULL;
	struct ahead *ahead = memory_zeroed(1, sizeof(*ahead));
	ahead->root = root;
	ahead->links = links;
	for (size_t i = 0; i < AHEAD_FOLDERS; i++)
		ahead->visits[i].descriptor = -1;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->work, NULL);
	pthread_cond_init(&ahead->ready, NULL);
	ahead_start(ahead);
	if (ahead->thread_count)
		return ahead;
	ahead_close(ahead);
	return NULL;
}

void ahead_stop(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->stopped = true;
	pthread_cond_broadcast(&ahead->work);
	pthread_mutex_unlock(&ahead->lock);
	for (size_t i = 0; i < ahead->thread_count; i++)
		pthread_join(ahead->threads[i], NULL);
}

void ahead_close(struct ahead *ahead)
{
	if (!ahead)
		return;
	for (size_t i = 0; i < AHEAD_FILES; i++)
		text_finish(&ahead->files[i].path);
	for (size_t i = 0; i < AHEAD_FOLDERS; i++) {
		if (ahead->visits[i].descriptor >= 0)
			close(ahead->visits[i].descriptor);
		text_finish(&ahead->visits[i].path);
		free(ahead->visits[i].listing);
	}
	pthread_cond_destroy(&ahead->ready);
	pthread_cond_destroy(&ahead->work);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

/* With the lock held. */
static void ahead_wake(struct ahead *ahead)
{
	if (ahead->idle)
		pthread_cond_signal(&ahead->work);
}

static void ahead_wait(struct ahead *ahead, const void *awaited)
{
	ahead->awaited = awaited;
	pthread_cond_wait(&ahead->ready, &ahead->lock);
	ahead->awaited = NULL;
}

/* `added` is this thread's to change: it may read it without the lock. */
bool ahead_is_full(const struct ahead *ahead)
{
	return ahead->added - ahead->dropped == AHEAD_FILES;
}

struct ahead_file *ahead_place(struct ahead *ahead)
{
	struct ahead_file *file = &ahead->files[ahead->added % AHEAD_FILES];
	text_clear(&file->path);
	return file;
}

void ahead_add(struct ahead *ahead)
{
	struct ahead_file *file = &ahead->files[ahead->added % AHEAD_FILES];
	file->known = file->done = false;
	pthread_mutex_lock(&ahead->lock);
	ahead->added++;
	ahead_wake(ahead);
	pthread_mutex_unlock(&ahead->lock);
}

struct ahead_file *ahead_first(struct ahead *ahead)
{
	struct ahead_file *file = &ahead->files[ahead->dropped % AHEAD_FILES];
	if (ahead->dropped == ahead->added)
		return NULL;
	pthread_mutex_lock(&ahead->lock);
	while (!file->done && !ahead->stopped)
		ahead_wait(ahead, file);
	pthread_mutex_unlock(&ahead->lock);
	return file;
}

void ahead_drop(struct ahead *ahead)
{
	ahead->dropped++;
}

static struct visit *ahead_visit_of(struct ahead *ahead, const struct ahead_key *key)
{
	return &ahead->visits[key->level % AHEAD_LEVELS * AHEAD_SIBLINGS +
			      key->index % AHEAD_SIBLINGS];
}

/* A key is this thread's to change. */
static bool visit_is_of(const struct visit *visit, const struct ahead_key *key)
{
	return visit->key.parent == key->parent && visit->key.index == key->index;
}

/* Takes a visit away from the threads. False where one is at it. */
static bool ahead_recall(struct ahead *ahead, struct visit *visit)
{
	pthread_mutex_lock(&ahead->lock);
	const bool free_now = visit->state != VISIT_RUNNING;
	if (visit->state == VISIT_QUEUED) {
		size_t kept = 0;
		for (size_t i = 0; i < ahead->queued_count; i++)
			if (ahead->queued[i] != visit)
				ahead->queued[kept++] = ahead->queued[i];
		ahead->queued_count = kept;
	}
	if (free_now)
		visit->state = VISIT_FREE;
	pthread_mutex_unlock(&ahead->lock);
	return free_now;
}

struct text *ahead_expect(struct ahead *ahead, const struct ahead_key *key)
{
	struct visit *visit = ahead_visit_of(ahead, key);
	if (visit_is_of(visit, key) || !ahead_recall(ahead, visit))
		return NULL;
	if (visit->descriptor >= 0)
		close(visit->descriptor);
	visit->descriptor = -1;
	if (!visit->listing)
		visit->listing = memory_alloc(AHEAD_LISTING_BYTES);
	visit->key = (struct ahead_key){ 0 };
	text_clear(&visit->path);
	return &visit->path;
}

void ahead_announce(struct ahead *ahead, const struct ahead_key *key)
{
	struct visit *visit = ahead_visit_of(ahead, key);
	visit->key = *key;
	pthread_mutex_lock(&ahead->lock);
	visit->state = VISIT_QUEUED;
	ahead->queued[ahead->queued_count++] = visit;
	ahead_wake(ahead);
	pthread_mutex_unlock(&ahead->lock);
}

bool ahead_is_ready(struct ahead *ahead, const struct ahead_key *key)
{
	const struct visit *visit = ahead_visit_of(ahead, key);
	if (!visit_is_of(visit, key))
		return false;
	pthread_mutex_lock(&ahead->lock);
	const bool done = visit->state == VISIT_DONE;
	pthread_mutex_unlock(&ahead->lock);
	return done;
}

bool ahead_enter(struct ahead *ahead, const struct ahead_key *key, struct ahead_folder *folder)
{
	struct visit *visit = ahead_visit_of(ahead, key);
	if (!visit_is_of(visit, key))
		return false;
	pthread_mutex_lock(&ahead->lock);
	while (visit->state != VISIT_DONE)
		ahead_wait(ahead, visit);
	pthread_mutex_unlock(&ahead->lock);
	*folder = (struct ahead_folder){
		.descriptor = visit->descriptor,
		.status = visit->status,
		.listing = visit->listing,
		.length = visit->length,
		.whole = visit->whole,
	};
	visit->descriptor = -1;
	return folder->descriptor >= 0;
}
