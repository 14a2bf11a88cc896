#ifndef NIGHTMILL_STAGES_THUMBNAIL_THUMBNAIL_H
#define NIGHTMILL_STAGES_THUMBNAIL_THUMBNAIL_H

/* The stage `thumbnail`: small pictures out of large ones, several sizes from one decode. */

#include "pipeline/stage.h"

extern const struct stage_plugin thumbnail_stage;

#endif
