#ifndef NIGHTMILL_STAGES_MAIL_MAIL_H
#define NIGHTMILL_STAGES_MAIL_MAIL_H

#include "pipeline/stage.h"

extern const struct stage_plugin mail_stage;

#endif
