#ifndef NIGHTMILL_STAGES_MAIL_PAGE_H
#define NIGHTMILL_STAGES_MAIL_PAGE_H

/* index.html of an outbox: all its mails to look at, in one file that needs nothing else and runs
 * nothing. */

#include <stdbool.h>

#include "pipeline/support/error.h"

enum { PAGE_MAILS = 500 }; /* the newest, where there are more */

/* Writes index.html of the folder `root`, mode 0600; nothing where there is no such folder. */
bool page_write(const char *root, struct error *err);

#endif
