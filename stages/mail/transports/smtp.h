#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_SMTP_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_SMTP_H

#include "stages/mail/transports/transport.h"

extern const struct transport_plugin smtp_transport;

#endif
