#include "pipeline/caches/redis_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pipeline/support/clock.h"
#include "pipeline/support/library.h"

enum { LINK_STEP = 65536, LINK_REPLY_MOST = 64 * 1024 * 1024 };

static struct {
	__typeof__(redisConnectNonBlock) *connect;
	__typeof__(redisConnectUnixNonBlock) *connect_unix;
	__typeof__(redisFree) *free;
	__typeof__(redisFormatCommandArgv) *format;
	__typeof__(redisFreeCommand) *free_command;
	__typeof__(redisReaderFeed) *feed;
	__typeof__(redisReaderGetReply) *get_reply;
	__typeof__(freeReplyObject) *free_reply;
} hiredis;

static const struct library_name hiredis_names[] = {
	LIBRARY_NAME(hiredis, connect, redisConnectNonBlock),
	LIBRARY_NAME(hiredis, connect_unix, redisConnectUnixNonBlock),
	LIBRARY_NAME(hiredis, free, redisFree),
	LIBRARY_NAME(hiredis, format, redisFormatCommandArgv),
	LIBRARY_NAME(hiredis, free_command, redisFreeCommand),
	LIBRARY_NAME(hiredis, feed, redisReaderFeed),
	LIBRARY_NAME(hiredis, get_reply, redisReaderGetReply),
	LIBRARY_NAME(hiredis, free_reply, freeReplyObject),
};

static struct library hiredis_library = LIBRARY("libhiredis.so.0.14", hiredis_names, hiredis);

bool redis_link_library(struct error *err)
{
	return library_need(&hiredis_library, err);
}

static bool link_fail_away(const struct redis_link *link, struct error *err)
{
	return fail(err, ERROR_READ, "redis at %s has closed the connection", link->url->shown);
}

static bool link_fail_errno(const struct redis_link *link, int number, struct error *err)
{
	return fail_errno(err, number, "redis at %s", link->url->shown);
}

/* Waits until something of `events` can be done. */
static bool link_wait(struct redis_link *link, short events, int64_t deadline, struct error *err)
{
	struct pollfd poll_for = { .fd = link->context->fd, .events = events };
	int ready = -1;
	errno = EINTR;
	while (ready < 0 && errno == EINTR) {
		int64_t left = deadline - clock_micros();
		if (left < 0)
			left = 0;
		ready = poll(&poll_for, 1, (int)((left + 999) / 1000));
	}
	if (ready < 0)
		return link_fail_errno(link, errno, err);
	return ready > 0 ||
	       fail(err, ERROR_TIMEOUT, "redis at %s did not answer within %.3g s (`timeout`)",
		       link->url->shown, (double)link->timeout_micros / 1e6);
}

static bool link_connect(struct redis_link *link, int64_t deadline, struct error *err)
{
	const struct redis_url *url = link->url;
	link->context =
		url->path ? hiredis.connect_unix(url->path) : hiredis.connect(url->host, url->port);
	if (!link->context)
		return fail(err, ERROR_MEMORY, "no memory for a connection to redis");
	if (link->context->err)
		return fail(err, ERROR_READ, "redis at %s: %s", url->shown, link->context->errstr);
	int broken = 0;
	socklen_t length = sizeof(broken);
	if (fcntl(link->context->fd, F_SETFD, FD_CLOEXEC) != 0 ||
		fcntl(link->context->fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
		return link_fail_errno(link, errno, err);
	if (!link_wait(link, POLLOUT, deadline, err))
		return false;
	if (getsockopt(link->context->fd, SOL_SOCKET, SO_ERROR, &broken, &length) != 0)
		broken = errno;
	return broken == 0 || link_fail_errno(link, broken, err);
}

void redis_link_add(
	struct redis_link *link, int count, const char *const *words, const size_t *lengths)
{
	char *command = NULL;
	int length = hiredis.format(&command, count, (const char **)words, lengths);
	if (length < 0)
		abort(); /* only where there is no memory */
	text_add(&link->out, command, (size_t)length);
	hiredis.free_command(command);
	link->expected++;
}

static void link_forget(struct redis_link *link)
{
	for (size_t i = 0; i < link->in_count; i++)
		hiredis.free_reply(link->in[i]);
	link->in_count = 0;
}

static bool link_send(struct redis_link *link, size_t *sent, struct error *err)
{
	size_t left = link->out.length - *sent;
	ssize_t count = send(link->context->fd, link->out.data + *sent, left, MSG_NOSIGNAL);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR || link_fail_errno(link, errno, err);
	*sent += (size_t)count;
	return true;
}

/* Takes what replies there are in what has come so far. */
static bool link_take(struct redis_link *link, struct error *err)
{
	redisReader *reader = link->context->reader;
	void *reply = NULL;
	while (hiredis.get_reply(reader, &reply) == REDIS_OK && reply) {
		if (link->in_count == link->in_room) {
			link->in_room = link->in_room ? link->in_room * 2 : 64;
			link->in =
				memory_resize((void *)link->in, link->in_room * sizeof(*link->in));
		}
		link->in[link->in_count++] = reply;
		reply = NULL;
	}
	if (reader->err || link->in_count > link->expected)
		return fail(err, ERROR_DAMAGED, "what is at %s is no redis: %s", link->url->shown,
			reader->err ? reader->errstr : "more replies than commands");
	return true;
}

static bool link_receive(struct redis_link *link, size_t *received, struct error *err)
{
	char step[LINK_STEP];
	ssize_t count = recv(link->context->fd, step, sizeof(step), 0);
	if (count < 0)
		return errno == EAGAIN || errno == EINTR || link_fail_errno(link, errno, err);
	if (count == 0)
		return link_fail_away(link, err);
	*received += (size_t)count;
	if (*received > LINK_REPLY_MOST)
		return fail(err, ERROR_LIMIT, "redis at %s sends more than 64 MiB at once",
			link->url->shown);
	if (hiredis.feed(link->context->reader, step, (size_t)count) != REDIS_OK)
		return fail(err, ERROR_DAMAGED, "what is at %s is no redis", link->url->shown);
	return link_take(link, err);
}

static bool link_pass(struct redis_link *link, int64_t deadline, struct error *err)
{
	size_t sent = 0, received = 0;
	while (sent < link->out.length || link->in_count < link->expected) {
		bool sends = sent < link->out.length;
		if (!link_wait(link, (short)(POLLIN | (sends ? POLLOUT : 0)), deadline, err) ||
			(sends && !link_send(link, &sent, err)) ||
			!link_receive(link, &received, err))
			return false;
	}
	return true;
}

static void link_drop(struct redis_link *link)
{
	if (link->context)
		hiredis.free(link->context);
	link->context = NULL;
}

/* What a new connection says first, in front of what is there already. */
static void link_add_greeting(struct redis_link *link)
{
	const struct redis_url *url = link->url;
	struct text rest = link->out;
	char database[16];
	link->out = (struct text){ 0 };
	if (url->password) {
		const char *const words[] = { "AUTH", url->user ? url->user : url->password,
			url->password };
		const size_t lengths[] = { 4, strlen(words[1]), strlen(words[2]) };
		redis_link_add(link, url->user ? 3 : 2, words, lengths);
	}
	if (url->database) {
		int length = snprintf(database, sizeof(database), "%d", url->database);
		const char *const words[] = { "SELECT", database };
		const size_t lengths[] = { 6, (size_t)length };
		redis_link_add(link, 2, words, lengths);
	}
	text_add(&link->out, rest.data, rest.length);
	text_finish(&rest);
}

/* The greeting's replies are not the caller's. */
static bool link_check_greeting(struct redis_link *link, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (link->in[i]->type == REDIS_REPLY_ERROR)
			return fail(err, ERROR_DENIED, "redis at %s says '%.100s'",
				link->url->shown, link->in[i]->str);
	for (size_t i = 0; i < count; i++)
		hiredis.free_reply(link->in[i]);
	link->in_count -= count;
	memmove((void *)link->in, (void *)(link->in + count), link->in_count * sizeof(*link->in));
	return true;
}

bool redis_link_exchange(struct redis_link *link, struct error *err)
{
	int64_t deadline = clock_micros() + link->timeout_micros;
	size_t greeting = 0;
	bool fine = true;
	link_forget(link);
	if (!link->context) {
		size_t before = link->expected;
		link_add_greeting(link);
		greeting = link->expected - before;
		fine = link_connect(link, deadline, err);
	}
	fine = fine && link_pass(link, deadline, err) && link_check_greeting(link, greeting, err);
	text_clear(&link->out);
	link->expected = 0;
	if (!fine)
		link_drop(link);
	return fine;
}

void redis_link_close(struct redis_link *link)
{
	if (link->in)
		link_forget(link);
	link_drop(link);
	free((void *)link->in);
	text_finish(&link->out);
}
