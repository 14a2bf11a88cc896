#ifndef NIGHTMILL_STAGES_CALENDAR_CALENDAR_H
#define NIGHTMILL_STAGES_CALENDAR_CALENDAR_H

#include "pipeline/source.h"

extern const struct source_plugin calendar_source;

#endif
