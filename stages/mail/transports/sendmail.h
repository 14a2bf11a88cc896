#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_SENDMAIL_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_SENDMAIL_H

#include "stages/mail/transports/transport.h"

extern const struct transport_plugin sendmail_transport;

#endif
