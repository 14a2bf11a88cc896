#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_SESSION_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_SESSION_H

/* A worker's conversation with an SMTP server, by libcurl: one connection, kept from mail to mail
 * and made anew where it was lost. */

#include <stdint.h>

#include "stages/mail/transports/transport.h"

enum session_tls { SESSION_REQUIRED, SESSION_OPTIONAL, SESSION_OFF };

struct session_setup {
	const char *url;    /* with the name to greet with as its path */
	const char *server; /* for messages */
	const char *ca;     /* "": the system's */
	const char *user, *password;
	enum session_tls tls;
	int64_t timeout_micros; /* of a connection, and of each answer */
	int64_t final_micros;   /* of the answer to the end of a mail */
};

struct session;

/* `setup` is borrowed until close. Nothing is connected yet. */
struct session *session_open(const struct session_setup *setup);

/* As transport.h's send. */
void session_send(struct session *session, const struct letter *letter, struct outcome *outcome);

/* Says goodbye. NULL is allowed. */
void session_close(struct session *session);

#endif
