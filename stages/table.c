#include "pipeline/source.h"
#include "pipeline/stage.h"

#include "stages/files/files.h"
#include "stages/thumbnail/thumbnail.h"

const struct plugin *const sources[] = { &files_source.plugin, NULL };

const struct plugin *const stages[] = { &thumbnail_stage.plugin, NULL };
