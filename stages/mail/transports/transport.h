#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_TRANSPORT_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_TRANSPORT_H

/* The way that a finished mail takes. One that does not act puts it into a folder of outputs, where
 * it can be looked at; one that acts hands it to someone who delivers it, and cannot take it back.
 *
 * What became of a mail is one of the verdicts of item.h. Accepted, deferred and failed are what
 * the other side has said in so many words; in doubt is whatever ends between the moment at which
 * it may have the whole mail and its answer. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/stage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

/* A mail to be sent; borrowed. */
struct letter {
	const char *from, *to; /* mailboxes: ASCII, with an @, neither blank nor < > in them */
	const char *name;      /* of the mail, the same at every attempt: hex digits */
	const char *bytes;     /* all lines end in CRLF */
	size_t length;
};

struct transport_plugin;

/* One that is ready to be opened; NULL: none was chosen. */
struct transport_chosen {
	const struct transport_plugin *plugin;
	void *prepared;
};

struct transport_plugin {
	struct plugin plugin;
	bool acts;

	/* As of a stage. `self` is where the transport was chosen; `*prepared` lives in
	 * setup->arena. */
	bool (*prepare)(
		const struct option_plugin *self, const struct stage_setup *setup, void **prepared);

	/* Of one that does not act: the folder below which it puts mails, and where the mail of an
	 * item goes (output_path_make takes it from there). */
	const char *(*root)(const void *prepared);
	void (*path)(const void *prepared, const struct item *item, struct text *path);

	/* The key of the item whose mail is called `name` there, added to `key`. */
	void (*key)(const char *name, struct text *key);

	/* The way, of one that acts, that these mails take when they are released. */
	const struct transport_chosen *(*release)(const void *prepared);

	/* Of one that acts, in workers. `needs` may be NULL, and so may `close` of what open gave.
	 */
	void (*needs)(const void *prepared, struct stage_needs *needs);
	bool (*open)(const void *prepared, void **state, struct error *err);
	void (*close)(void *state);

	/* Ends in outcome_deed, or, where nothing can have gone out and it is not this mail's
	 * fault, as a failure of the place with outcome->deed as it was. From the moment at which
	 * the mail may be on its way, outcome->deed.verdict is DEED_DOUBT. */
	void (*send)(void *state, const struct letter *letter, struct outcome *outcome);
};

/* The transport whose head `plugin` is. */
static inline const struct transport_plugin *transport_of(const struct plugin *plugin)
{
	return (const struct transport_plugin *)(const void *)plugin;
}

/* Prepares the transport that was chosen at `self`. */
bool transport_prepare(const struct option_plugin *self, const struct stage_setup *setup,
	struct transport_chosen *chosen);

/* Adds a problem with one of the options at `self`. */
void transport_complain(const struct option_plugin *self, const struct stage_setup *setup,
	const char *option, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Fails as the place's fault: the run halts, the mail stays planned. */
void transport_fail_place(struct outcome *outcome, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds the letter with lines that end in LF, as programs and folders of this system have them. */
void transport_add_lines(const struct letter *letter, struct text *text);

/* stages/mail/transports/table.c, NULL-terminated. */
extern const struct plugin *const transports[];

/* Those that act. */
extern const struct plugin *const transports_acting[];

#endif
