#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_CURL_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_CURL_H

/* libcurl, loaded when the first mail goes out. */

#include <curl/curl.h>

#include "pipeline/support/error.h"

struct curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/* The loaded and started library, which lives as long as the process; NULL and an error where it
 * cannot be loaded. From any thread. */
const struct curl *curl_need(struct error *err);

#endif
