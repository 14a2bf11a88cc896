#include "pipeline/source.h"
#include "pipeline/stage.h"

#include "stages/calendar/calendar.h"
#include "stages/due/due.h"
#include "stages/files/files.h"
#include "stages/lookup/lookup.h"
#include "stages/mail/mail.h"
#include "stages/pair/pair.h"
#include "stages/render/render.h"
#include "stages/save.h"
#include "stages/split.h"
#include "stages/table/table.h"
#include "stages/thumbnail/thumbnail.h"
#include "stages/write.h"

const struct plugin *const sources[] = { &files_source.plugin, &table_source.plugin,
	&calendar_source.plugin, NULL };

const struct plugin *const stages[] = {
	&due_stage.plugin,
	&split_stage.plugin,
	&lookup_stage.plugin,
	&pair_stage.plugin,
	&save_stage.plugin,
	&thumbnail_stage.plugin,
	&render_stage.plugin,
	&write_stage.plugin,
	&mail_stage.plugin,
	NULL,
};
