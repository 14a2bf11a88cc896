#ifndef NIGHTMILL_STAGES_MAIL_COMPOSE_H
#define NIGHTMILL_STAGES_MAIL_COMPOSE_H

/* An item's mail: the stage's options filled in from the record. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/stage.h"
#include "pipeline/template.h"
#include "stages/mail/message.h"

/* What the YAML says, but for the way that the mail takes. */
struct compose_settings {
	const char *to, *from, *reply_to, *subject, *text, *html, *calendar, *date, *domain,
		*unsubscribe;
	struct option_list pictures, attachments;
	struct option_bytes pictures_most, most;
};

/* Prepared; read-only. */
struct compose {
	const struct compose_settings *settings;
	const struct fields *fields;
	struct template to, from, reply_to, subject, date, unsubscribe;
	size_t text, html, calendar; /* numbers of fields; SIZE_MAX: none */
	size_t *pictures;            /* numbers of fields */
	struct template *attachments;
	struct option_list roots; /* folders in front of the attachments' first slots */
	bool links;
	struct digest job; /* keeps mails of two jobs about the same item apart */
};

/* To whom an item's mail goes, and what it is called. */
struct identity {
	struct address to, from;
	char id[MESSAGE_ID_BYTES];
	bool secret; /* the recipient is not to be told */
};

/* What main has to know of a mail before it is made; texts in `arena`. */
bool compose_identify(const struct compose *compose, const struct item *item, struct arena *arena,
	struct identity *identity, struct error *err);

/* Of one worker. */
struct composer;

/* Resolves and checks; problems are added, false where there was one. */
bool compose_prepare(struct compose *compose, const struct compose_settings *settings,
	const struct stage_setup *setup);

/* `compose` is borrowed until close. */
bool composer_open(const struct compose *compose, struct composer **composer, struct error *err);

/* A mail; valid until the next. */
struct composed {
	const char *from, *to; /* of the envelope: mailboxes */
	const char *name;      /* hex digits, the same for the same item */
	bool dated;            /* it has a date */
	const char *bytes;
	size_t length;
};

/* Makes the mail of an item. */
bool composer_make(struct composer *composer, const struct item *item, struct composed *mail,
	struct error *err);

/* NULL is allowed. */
void composer_close(struct composer *composer);

#endif
