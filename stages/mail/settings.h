#ifndef NIGHTMILL_STAGES_MAIL_SETTINGS_H
#define NIGHTMILL_STAGES_MAIL_SETTINGS_H

/* What the YAML says of `mail`. */

#include "pipeline/options/option.h"
#include "pipeline/stage.h"
#include "stages/mail/compose.h"

struct mail_settings {
	struct compose_settings compose;
	struct option_plugin via;
	int most, usual_times, per_minute, per_domain;
	int on_doubt; /* a word of on_doubt */
};

/* Its rows. */
extern const struct option mail_options[];

/* What they ask of the engine where mails go out. */
void mail_settings_rules(const struct mail_settings *rows, struct act_rules *rules);

#endif
