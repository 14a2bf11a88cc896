#ifndef NIGHTMILL_STAGES_MAIL_TRANSPORTS_MAILDIR_H
#define NIGHTMILL_STAGES_MAIL_TRANSPORTS_MAILDIR_H

#include "stages/mail/transports/transport.h"

extern const struct transport_plugin maildir_transport;

#endif
