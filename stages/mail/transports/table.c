#include "stages/mail/transports/outbox.h"
#include "stages/mail/transports/transport.h"

const struct plugin *const transports[] = { &outbox_transport.plugin, NULL };
