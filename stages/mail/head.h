#ifndef NIGHTMILL_STAGES_MAIL_HEAD_H
#define NIGHTMILL_STAGES_MAIL_HEAD_H

/* The head of a mail that was written, looked at once more before anyone else sees it. */

#include <stdbool.h>
#include <stddef.h>

/* True where every line up to the blank one goes on with the line before (it begins with a blank)
 * or begins a header that message.c writes, each of them once at most. */
bool head_is_whole(const char *bytes, size_t length);

#endif
