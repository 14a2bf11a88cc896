#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_OUTBOX_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_OUTBOX_H

#include "stages/mail/transports/transport.h"

extern const struct transport_plugin outbox_transport;

#endif
