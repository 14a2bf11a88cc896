#include "stages/mail/transports/curl.h"

#include <pthread.h>

#include "pipeline/support/library.h"

static struct curl curl_table;

static const struct library_name curl_names[] = {
	LIBRARY_NAME(curl_table, global_init, curl_global_init),
	LIBRARY_NAME(curl_table, easy_init, curl_easy_init),
	LIBRARY_NAME(curl_table, easy_setopt, curl_easy_setopt),
	LIBRARY_NAME(curl_table, easy_getinfo, curl_easy_getinfo),
	LIBRARY_NAME(curl_table, easy_perform, curl_easy_perform),
	LIBRARY_NAME(curl_table, easy_cleanup, curl_easy_cleanup),
	LIBRARY_NAME(curl_table, easy_strerror, curl_easy_strerror),
	LIBRARY_NAME(curl_table, slist_append, curl_slist_append),
	LIBRARY_NAME(curl_table, slist_free_all, curl_slist_free_all),
};

static struct library curl_library = LIBRARY("libcurl.so.4", curl_names, curl_table);
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_started;

static void curl_start(void)
{
	curl_started = curl_table.global_init(CURL_GLOBAL_DEFAULT);
}

const struct curl *curl_need(struct error *err)
{
	if (!library_need(&curl_library, err))
		return NULL;
	pthread_once(&curl_once, curl_start);
	if (curl_started == CURLE_OK)
		return &curl_table;
	fail(err, ERROR_INTERNAL, "libcurl does not start: %s",
		curl_table.easy_strerror(curl_started));
	return NULL;
}
