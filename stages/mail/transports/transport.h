#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_TRANSPORT_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_TRANSPORT_H

/* The way that a finished mail takes. One that does not act puts it into a folder of outputs, where
 * it can be looked at; one that acts hands it to someone who delivers it, and cannot take it back.
 */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/stage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct transport_plugin {
	struct plugin plugin;
	bool acts;

	/* As of a stage. `*prepared` lives in setup->arena. Complaints are about "via.NAME.OPTION".
	 */
	bool (*prepare)(const void *settings, const struct stage_setup *setup, void **prepared);

	/* Does not act: the folder below which it puts mails, and where the mail of an item goes
	 * (output_path_make takes it from there). */
	const char *(*root)(const void *prepared);
	void (*path)(const void *prepared, const struct item *item, struct text *path);
};

/* The transport whose head `plugin` is. */
static inline const struct transport_plugin *transport_of(const struct plugin *plugin)
{
	return (const struct transport_plugin *)(const void *)plugin;
}

/* stages/mail/transports/table.c, NULL-terminated. */
extern const struct plugin *const transports[];

#endif
