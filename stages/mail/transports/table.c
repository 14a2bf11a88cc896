#include "stages/mail/transports/maildir.h"
#include "stages/mail/transports/outbox.h"
#include "stages/mail/transports/sendmail.h"
#include "stages/mail/transports/smtp.h"
#include "stages/mail/transports/transport.h"

const struct plugin *const transports[] = {
	&outbox_transport.plugin,
	&smtp_transport.plugin,
	&sendmail_transport.plugin,
	&maildir_transport.plugin,
	NULL,
};

const struct plugin *const transports_acting[] = {
	&smtp_transport.plugin,
	&sendmail_transport.plugin,
	&maildir_transport.plugin,
	NULL,
};
