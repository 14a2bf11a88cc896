#ifndef NIGHTMILL_STAGES_MAIL_ADDRESS_H
#define NIGHTMILL_STAGES_MAIL_ADDRESS_H

/* One address of a mail: "ann@example.org", "Ann Kessler <ann@example.org>" or "\"Kessler, Ann\"
 * <ann@example.org>". What is no plain address is refused, so that whatever was read here can stand
 * in a header and in an SMTP command. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

struct address {
	const char *mailbox; /* "ann@example.org"; ASCII, NUL-terminated. NULL: no address */
	const char *domain;  /* within mailbox, behind the @ */
	const char *name;    /* UTF-8 without control characters, NUL-terminated; "": none */
};

/* Reads the one address that `text` is; what it points to is in `arena`. An error quotes what is
 * wrong and blames the item. */
bool address_read(const char *text, size_t length, struct arena *arena, struct address *address,
	struct error *err);

/* True where `text` is UTF-8 without control characters (tabs included), and so can be the value of
 * a header. Else the item's error, which calls it `what`. */
bool address_header_fine(const char *text, size_t length, const char *what, struct error *err);

/* Its pace key, see act_about: the domain in lower case, in `arena`. */
const char *address_pace(const struct address *address, struct arena *arena);

#endif
