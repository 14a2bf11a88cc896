#ifndef NIGHTMILL_STAGES_SPLIT_H
#define NIGHTMILL_STAGES_SPLIT_H

#include "pipeline/stage.h"

extern const struct stage_plugin split_stage;

#endif
