#ifndef NIGHTMILL_STAGES_MAIL_BOX_H
#define NIGHTMILL_STAGES_MAIL_BOX_H

/* The mails of an outbox: the .eml files of its folder, by name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct box_mail {
	char *name;
	int64_t mtime_nanos;
};

struct box {
	int folder;
	struct box_mail *mails;
	size_t count, room;
};

/* Lists the folder `root`; one that is missing has no mails. On failure there is nothing to close.
 */
bool box_open(struct box *box, const char *root, struct error *err);

/* The newest `most`, by name, at the front; the number of them. */
size_t box_newest(struct box *box, size_t most);

/* Replaces `bytes` by those of a mail; one over 64 MiB is an error. */
bool box_read(int folder, const char *name, struct text *bytes, struct error *err);

void box_close(struct box *box);

#endif
