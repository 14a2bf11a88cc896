#ifndef NIGHTMILL_CACHES_REDIS_URL_H
#define NIGHTMILL_CACHES_REDIS_URL_H

#include <stdbool.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

/* Where a Redis is: redis://[[USER:]PASSWORD@]HOST[:PORT][/DATABASE] or unix:///PATH. */
struct redis_url {
	const char *path; /* of a socket; NULL: host and port count */
	const char *host;
	int port, database;
	const char *user, *password; /* NULL: none */
	const char *shown;           /* for messages: never has the password */
};

/* Takes a URL apart; `arena` owns the parts. Errors don't quote what may be a password. */
bool redis_url_parse(
	const char *text, struct arena *arena, struct redis_url *url, struct error *err);

#endif
