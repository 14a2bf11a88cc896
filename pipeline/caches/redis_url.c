#include "pipeline/caches/redis_url.h"

#include <stdlib.h>
#include <string.h>

enum { REDIS_PORT = 6379, REDIS_PORT_MOST = 65535, REDIS_DATABASE_MOST = 1000000 };

static int url_hex(char digit)
{
	const char *digits = "0123456789abcdef", *found;
	char lower = digit >= 'A' && digit <= 'F' ? (char)(digit - 'A' + 'a') : digit;
	return lower && (found = strchr(digits, lower)) != NULL ? (int)(found - digits) : -1;
}

/* %41 becomes A, in place. */
static void url_decode(char *text)
{
	char *to = text;
	for (const char *from = text; *from; from++) {
		int high = *from == '%' ? url_hex(from[1]) : -1;
		int low = high >= 0 ? url_hex(from[2]) : -1;
		if (low < 0 || high * 16 + low == 0) {
			*to++ = *from;
			continue;
		}
		*to++ = (char)(high * 16 + low);
		from += 2;
	}
	*to = '\0';
}

static bool url_number(const char *text, long most, int *number)
{
	char *end = NULL;
	if (*text < '0' || *text > '9')
		return false;
	long value = strtol(text, &end, 10);
	*number = (int)value;
	return *end == '\0' && value <= most;
}

/* Cuts USER:PASSWORD@ off the front; what is left is the place. */
static char *url_take_password(char *text, struct redis_url *url)
{
	char *at = strrchr(text, '@');
	if (!at)
		return text;
	*at = '\0';
	char *colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	char *password = colon ? colon + 1 : text;
	url->user = colon && colon != text ? text : NULL;
	url->password = password;
	if (url->user)
		url_decode(text);
	url_decode(password);
	return at + 1;
}

/* HOST, HOST:PORT, [HOST]:PORT */
static bool url_take_host(char *place, struct redis_url *url)
{
	char *colon = strrchr(place, ':'), *bracket = strchr(place, ']');
	url->port = REDIS_PORT;
	if (*place == '[' && bracket) {
		*bracket++ = '\0';
		place++;
		if (*bracket && *bracket != ':')
			return false;
		colon = *bracket ? bracket : NULL;
	}
	url->host = place;
	if (colon)
		*colon++ = '\0';
	return *place && (!colon || url_number(colon, REDIS_PORT_MOST, &url->port));
}

bool redis_url_parse(
	const char *text, struct arena *arena, struct redis_url *url, struct error *err)
{
	*url = (struct redis_url){ .host = "" };
	if (strncmp(text, "unix:///", 8) == 0 && text[8]) {
		url->path = url->shown = arena_copy(arena, text + 7, strlen(text + 7));
		return true;
	}
	if (strncmp(text, "redis://", 8) != 0)
		return fail(err, ERROR_USAGE,
			"expected redis://[[USER:]PASSWORD@]HOST[:PORT][/DATABASE] or "
			"unix:///PATH");
	char *place = url_take_password(arena_copy(arena, text + 8, strlen(text + 8)), url);
	char *slash = strchr(place, '/');
	if (slash)
		*slash++ = '\0';
	if (slash && *slash && !url_number(slash, REDIS_DATABASE_MOST, &url->database))
		return fail(err, ERROR_USAGE, "'%s' is no number of a database", slash);
	if (!url_take_host(place, url))
		return fail(err, ERROR_USAGE, "expected a host, or HOST:PORT, in front of the '/'");
	url->shown = arena_printf(arena, "%s:%d", url->host, url->port);
	return true;
}
