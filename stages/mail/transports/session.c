#include "stages/mail/transports/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pipeline/support/clock.h"
#include "stages/mail/transports/curl.h"
#include "stages/mail/transports/reply.h"

enum {
	SESSION_PATIENCE = 3, /* mails in a row for which there was no server: then the run halts */
	SESSION_MAILBOX = 300,
	MICROS_PER_MILLI = 1000,
	MICROS_PER_SECOND = 1000000,
	REPLY_BYE = 221,
	REPLY_CLOSING = 421,
	REPLY_STARTTLS = 530, /* the server wants TLS or a password first, or the password in */
	REPLY_CIPHER = 538,   /* another way */
};

struct session {
	const struct session_setup *setup;
	const struct curl *curl; /* NULL: nothing was sent yet */
	CURL *handle;
	unsigned unreachable; /* mails in a row */
	char detail[CURL_ERROR_SIZE];

	/* The mail in hand. */
	const struct letter *letter;
	struct outcome *outcome;
	struct reply reply; /* the last */
	struct reply
		answer; /* the one that counts: the refusal, or the first about the whole mail */
	size_t given;   /* bytes of the letter */
	bool whole;     /* all was given: the server may have it from now on */
	bool silent;    /* the server said nothing for too long */
	int64_t heard_micros; /* when the server last said something, or was told */
};

struct session *session_open(const struct session_setup *setup)
{
	struct session *made = memory_zeroed(1, sizeof(*made));
	made->setup = setup;
	return made;
}

/* A connection whose last word is still to come must not be used for the next mail; cut, so that
 * libcurl does not wait for an answer to its goodbye. */
static void session_cut(struct session *self)
{
	curl_socket_t connection = CURL_SOCKET_BAD;
	self->curl->easy_getinfo(self->handle, CURLINFO_ACTIVESOCKET, &connection);
	if (connection != CURL_SOCKET_BAD)
		shutdown(connection, SHUT_RDWR);
	self->curl->easy_cleanup(self->handle);
	self->handle = NULL;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	if (session->handle)
		session->curl->easy_cleanup(session->handle);
	free(session);
}

/* libcurl asks for more of the mail; asked once more behind its end, it sends the final dot. */
static size_t session_read(char *buffer, size_t size, size_t count, void *context)
{
	struct session *self = context;
	size_t bytes = self->letter->length - self->given;
	if (bytes > size * count)
		bytes = size * count;
	self->heard_micros = clock_micros();
	memcpy(buffer, self->letter->bytes + self->given, bytes);
	self->given += bytes;
	if (bytes == 0) {
		self->whole = true;
		self->outcome->deed.verdict = DEED_DOUBT;
		reply_clear(&self->reply);
		reply_clear(&self->answer);
	}
	return bytes;
}

/* Goodbye follows on a refusal and says nothing about it. */
static void session_note_answer(struct session *self)
{
	const unsigned class = reply_class(&self->reply);
	if (self->whole) {
		if (class && !self->answer.code)
			self->answer = self->reply;
	} else if (class == 4 || class == 5) {
		self->answer = self->reply;
	} else if (class && self->reply.code != REPLY_BYE) {
		reply_clear(&self->answer);
	}
}

static size_t session_header(char *line, size_t size, size_t count, void *context)
{
	struct session *self = context;
	self->heard_micros = clock_micros();
	reply_take(&self->reply, line, size * count);
	session_note_answer(self);
	return size * count;
}

static size_t session_discard(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count;
}

/* Called every second at least. */
static int session_watch(
	void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct session *self = context;
	const int64_t most = self->whole ? self->setup->final_micros : self->setup->timeout_micros;
	(void)total;
	(void)now;
	(void)up_total;
	(void)up;
	self->silent = clock_micros() - self->heard_micros > most;
	return self->silent;
}

static void session_set_callbacks(struct session *self)
{
	const struct curl *curl = self->curl;
	CURL *handle = self->handle;
	curl->easy_setopt(handle, CURLOPT_ERRORBUFFER, self->detail);
	curl->easy_setopt(handle, CURLOPT_READFUNCTION, session_read);
	curl->easy_setopt(handle, CURLOPT_READDATA, self);
	curl->easy_setopt(handle, CURLOPT_HEADERFUNCTION, session_header);
	curl->easy_setopt(handle, CURLOPT_HEADERDATA, self);
	curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, session_discard);
	curl->easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, session_watch);
	curl->easy_setopt(handle, CURLOPT_XFERINFODATA, self);
	curl->easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

/* Longer than session_watch waits, so that it alone decides. */
static void session_set_times(struct session *self)
{
	const struct session_setup *setup = self->setup;
	const int64_t longest = setup->timeout_micros > setup->final_micros ? setup->timeout_micros
									    : setup->final_micros;
	self->curl->easy_setopt(self->handle, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(setup->timeout_micros / MICROS_PER_MILLI));
	self->curl->easy_setopt(self->handle, CURLOPT_SERVER_RESPONSE_TIMEOUT,
		(long)(longest / MICROS_PER_SECOND) + 5);
}

static void session_set_server(struct session *self)
{
	static const long levels[] = {
		[SESSION_REQUIRED] = CURLUSESSL_ALL,
		[SESSION_OPTIONAL] = CURLUSESSL_TRY,
		[SESSION_OFF] = CURLUSESSL_NONE,
	};
	const struct session_setup *setup = self->setup;
	const struct curl *curl = self->curl;
	CURL *handle = self->handle;
	curl->easy_setopt(handle, CURLOPT_URL, setup->url);
	curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl->easy_setopt(handle, CURLOPT_PROXY, "");
	curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(handle, CURLOPT_UPLOAD, 1L);
	curl->easy_setopt(handle, CURLOPT_USE_SSL, levels[setup->tls]);
	if (*setup->ca) {
		curl->easy_setopt(handle, CURLOPT_CAINFO, setup->ca);
		curl->easy_setopt(handle, CURLOPT_CAPATH, NULL);
	}
	if (*setup->user) {
		curl->easy_setopt(handle, CURLOPT_USERNAME, setup->user);
		curl->easy_setopt(handle, CURLOPT_PASSWORD, setup->password);
	}
}

static bool session_start(struct session *self, struct outcome *outcome)
{
	struct error err;
	if (self->handle)
		return true;
	self->curl = curl_need(&err);
	if (!self->curl) {
		transport_fail_place(outcome, err.code, "%s", err.text);
		return false;
	}
	self->handle = self->curl->easy_init();
	if (!self->handle) {
		transport_fail_place(outcome, ERROR_MEMORY, "libcurl gives no handle");
		return false;
	}
	session_set_callbacks(self);
	session_set_times(self);
	session_set_server(self);
	return true;
}

static CURLcode session_perform(struct session *self)
{
	reply_clear(&self->reply);
	reply_clear(&self->answer);
	self->given = 0;
	self->whole = self->silent = false;
	self->detail[0] = '\0';
	self->heard_micros = clock_micros();
	return self->curl->easy_perform(self->handle);
}

/* A connection that was kept may have been closed by the server meanwhile: that says nothing about
 * this mail. */
static bool session_was_stale(struct session *self, CURLcode result)
{
	long connects = 1;
	self->curl->easy_getinfo(self->handle, CURLINFO_NUM_CONNECTS, &connects);
	const bool lost = result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR ||
			  result == CURLE_GOT_NOTHING;
	return lost && connects == 0 && !self->whole &&
	       (self->answer.code == 0 || self->answer.code == REPLY_CLOSING);
}

static CURLcode session_talk(struct session *self)
{
	char from[SESSION_MAILBOX], to[SESSION_MAILBOX];
	snprintf(from, sizeof(from), "<%s>", self->letter->from);
	snprintf(to, sizeof(to), "<%s>", self->letter->to);
	struct curl_slist *list = self->curl->slist_append(NULL, to);
	self->curl->easy_setopt(self->handle, CURLOPT_MAIL_FROM, from);
	self->curl->easy_setopt(self->handle, CURLOPT_MAIL_RCPT, list);
	self->curl->easy_setopt(self->handle, CURLOPT_FRESH_CONNECT, 0L);
	CURLcode result = session_perform(self);
	if (session_was_stale(self, result)) {
		self->curl->easy_setopt(self->handle, CURLOPT_FRESH_CONNECT, 1L);
		result = session_perform(self);
	}
	self->curl->easy_setopt(self->handle, CURLOPT_MAIL_RCPT, NULL);
	self->curl->slist_free_all(list);
	return result;
}

/* Why libcurl gave up, in its words or ours. */
static const char *session_why(const struct session *self, CURLcode result)
{
	if (self->silent)
		return "the server said nothing for too long";
	return self->detail[0] ? self->detail : self->curl->easy_strerror(result);
}

/* The server may have the mail: only what it has said about it counts. */
static void session_judge_whole(struct session *self, CURLcode result)
{
	static const enum deed_verdict verdicts[] = {
		[2] = DEED_ACCEPTED, [4] = DEED_DEFERRED, [5] = DEED_FAILED
	};
	const unsigned class = reply_class(&self->answer);
	if (class == 2 || class == 4 || class == 5) {
		outcome_deed(self->outcome, verdicts[class], self->answer.code, self->answer.words);
		return;
	}
	struct text words = { 0 };
	text_addf(&words, "no answer to the end of the mail: %s", session_why(self, result));
	outcome_deed(self->outcome, DEED_DOUBT, 0, words.data);
	text_finish(&words);
}

/* There was no conversation at all. */
static void session_judge_unreachable(struct session *self, CURLcode result)
{
	const bool said = self->answer.code != 0;
	const char *why = said ? self->answer.words : session_why(self, result);
	if (++self->unreachable >= SESSION_PATIENCE)
		transport_fail_place(
			self->outcome, ERROR_READ, "no way to %s: %s", self->setup->server, why);
	else
		outcome_deed(self->outcome, DEED_DEFERRED, self->answer.code, why);
}

static bool session_is_unsafe(CURLcode result)
{
	return result == CURLE_USE_SSL_FAILED || result == CURLE_PEER_FAILED_VERIFICATION ||
	       result == CURLE_SSL_CONNECT_ERROR || result == CURLE_SSL_CACERT_BADFILE ||
	       result == CURLE_SSL_ISSUER_ERROR || result == CURLE_SSL_CERTPROBLEM;
}

/* The server refuses us, not the mail. */
static bool session_is_refused(const struct session *self, CURLcode result)
{
	return result == CURLE_LOGIN_DENIED || self->answer.code == REPLY_STARTTLS ||
	       self->answer.code == REPLY_CIPHER;
}

static bool session_is_unreachable(const struct session *self, CURLcode result)
{
	long connects = 0;
	self->curl->easy_getinfo(self->handle, CURLINFO_NUM_CONNECTS, &connects);
	return self->silent || result == CURLE_COULDNT_RESOLVE_HOST ||
	       result == CURLE_COULDNT_CONNECT || result == CURLE_WEIRD_SERVER_REPLY ||
	       result == CURLE_REMOTE_ACCESS_DENIED ||
	       (connects > 0 && (result == CURLE_OPERATION_TIMEDOUT || result == CURLE_RECV_ERROR ||
					result == CURLE_GOT_NOTHING));
}

/* The mail has not gone out. */
static void session_judge_part(struct session *self, CURLcode result)
{
	const unsigned class = reply_class(&self->answer);
	const bool said = class == 4 || class == 5;
	const char *why = said ? self->answer.words : session_why(self, result);
	if (session_is_unsafe(result))
		transport_fail_place(self->outcome, ERROR_DENIED, "no safe connection to %s: %s",
			self->setup->server, why);
	else if (session_is_refused(self, result))
		transport_fail_place(self->outcome, ERROR_DENIED, "%s lets us send nothing: %s",
			self->setup->server, why);
	else if (session_is_unreachable(self, result))
		session_judge_unreachable(self, result);
	else {
		self->unreachable = 0;
		outcome_deed(self->outcome, class == 5 ? DEED_FAILED : DEED_DEFERRED,
			said ? self->answer.code : 0, why);
	}
}

void session_send(struct session *session, const struct letter *letter, struct outcome *outcome)
{
	session->letter = letter;
	session->outcome = outcome;
	if (!session_start(session, outcome))
		return;
	const CURLcode result = session_talk(session);
	if (session->whole)
		session_judge_whole(session, result);
	else
		session_judge_part(session, result);
	if (session->whole)
		session->unreachable = 0;
	if (result != CURLE_OK)
		session_cut(session);
	session->letter = NULL;
	session->outcome = NULL;
}
