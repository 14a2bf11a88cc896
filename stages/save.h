#ifndef NIGHTMILL_STAGES_SAVE_H
#define NIGHTMILL_STAGES_SAVE_H

#include "pipeline/stage.h"

extern const struct stage_plugin save_stage;

#endif
