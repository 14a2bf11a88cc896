#ifndef NIGHTMILL_TESTS_POST_H
#define NIGHTMILL_TESTS_POST_H

/* The other side of a mail transport: a server, a program or a folder of the test's own, in the
 * test's scratch folder. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Before a test enters its scratch folder: remembers where the project is. */
void post_begin(void);

/* An SMTP server (tests/fakes/smtp) that keeps mails in the folder "taken". Ends with post_close.
 */
struct post {
	FILE *input; /* closing it ends the server */
	int port;
};

/* `arguments` follow the folder on the command line; "" for none. */
struct post post_open(const char *arguments);
void post_close(struct post *post);

/* Makes a program "program" that keeps mails in "taken" and ends as the recipient says: later with
 * 75, never with 67, lost by a signal, hang not at all, usage with 64. */
void post_make_program(void);

/* Makes "cert.pem" for localhost, self-signed, with its key. */
void post_make_certificate(void);

/* How many mails for this recipient lie in "taken". */
size_t post_count(const char *recipient);

#endif
