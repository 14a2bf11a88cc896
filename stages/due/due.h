#ifndef NIGHTMILL_STAGES_DUE_DUE_H
#define NIGHTMILL_STAGES_DUE_DUE_H

#include "pipeline/stage.h"

extern const struct stage_plugin due_stage;

#endif
