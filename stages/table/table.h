#ifndef NIGHTMILL_STAGES_TABLE_TABLE_H
#define NIGHTMILL_STAGES_TABLE_TABLE_H

#include "pipeline/source.h"

extern const struct source_plugin table_source;

#endif
