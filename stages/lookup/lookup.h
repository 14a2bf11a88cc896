#ifndef NIGHTMILL_STAGES_LOOKUP_LOOKUP_H
#define NIGHTMILL_STAGES_LOOKUP_LOOKUP_H

#include "pipeline/stage.h"

extern const struct stage_plugin lookup_stage;

#endif
