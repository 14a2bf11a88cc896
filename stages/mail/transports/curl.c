#include "stages/mail/transports/curl.h"

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

static bool curl_start(struct error *err)
{
	const CURLcode code = curl_table.global_init(CURL_GLOBAL_DEFAULT);
	return code == CURLE_OK || fail(err, ERROR_INTERNAL, "libcurl does not start: %s",
					   curl_table.easy_strerror(code));
}

static struct library curl_library =
	LIBRARY_STARTED("libcurl.so.4", curl_names, curl_table, curl_start);

const struct curl *curl_need(struct error *err)
{
	return library_need(&curl_library, err) ? &curl_table : NULL;
}
