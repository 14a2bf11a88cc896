#ifndef NIGHTMILL_STAGES_RENDER_RENDER_H
#define NIGHTMILL_STAGES_RENDER_RENDER_H

#include "pipeline/stage.h"

extern const struct stage_plugin render_stage;

#endif
