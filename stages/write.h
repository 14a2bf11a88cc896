#ifndef NIGHTMILL_STAGES_WRITE_H
#define NIGHTMILL_STAGES_WRITE_H

#include "pipeline/stage.h"

extern const struct stage_plugin write_stage;

#endif
