#ifndef NIGHTMILL_STAGES_PAIR_PAIR_H
#define NIGHTMILL_STAGES_PAIR_PAIR_H

#include "pipeline/stage.h"

extern const struct stage_plugin pair_stage;

#endif
