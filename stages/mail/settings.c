#include "stages/mail/settings.h"

#include "stages/mail/transports/transport.h"

enum mail_doubt { MAIL_HOLD, MAIL_RESEND };

static const char *const mail_doubts[] = { "hold", "resend", NULL };

#define SETTINGS struct mail_settings
const struct option mail_options[] = {
	{ "to", TEMPLATE(compose.to), .affects = AFFECTS_BYTES,
		.help = "The one who gets it: \"{email}\" or \"{name} <{email}>\"." },
	{ "from", TEMPLATE(compose.from), .fallback = "nightmill <nightmill@localhost>",
		.affects = AFFECTS_BYTES,
		.help = "Whom it is from; also the sender for the server." },
	{ "reply_to", TEMPLATE(compose.reply_to), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Who gets answers, where that is someone else." },
	{ "subject", TEMPLATE(compose.subject), .affects = AFFECTS_BYTES,
		.help = "The subject, one line." },
	{ "text", FIELD_NAME(compose.text), .affects = AFFECTS_BYTES,
		.help = "The field with the text, such as one that `render` adds." },
	{ "html", FIELD_NAME(compose.html), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "The field with the same as HTML, for readers that show it." },
	{ "calendar", FIELD_NAME(compose.calendar), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "The field with the meeting as iCalendar, attached as meeting.ics." },
	{ "inline", LIST(compose.pictures), .fallback = "[]", .affects = AFFECTS_BYTES,
		.help = "Fields with pictures, which the HTML shows as \"cid:FIELD\"." },
	{ "inline_limit", BYTES(compose.pictures_most), RANGE(0, 1 << 30), .fallback = "256KiB",
		.affects = AFFECTS_LIMIT, .help = "Bytes that these may have together." },
	{ "attach", LIST(compose.attachments), .fallback = "[]", .affects = AFFECTS_BYTES,
		.help = "Files that go along, as in \"data/agendas/{id}.pdf\"; each lies below the "
			"folder in front of the first slot." },
	{ "max_bytes", BYTES(compose.most), RANGE(1024, 1 << 30), .fallback = "20MiB",
		.affects = AFFECTS_LIMIT, .help = "Bytes of a whole mail." },
	{ "date", TEMPLATE(compose.date), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Its date, like 2026-03-28T18:30:00+01:00. Without it, the time at which "
			"it is sent." },
	{ "domain", TEXT(compose.domain), .fallback = "", .affects = AFFECTS_BYTES,
		.help = "Domain of the Message-ID; without it that of `from`." },
	{ "list_unsubscribe", TEMPLATE(compose.unsubscribe), .fallback = "",
		.affects = AFFECTS_BYTES,
		.help = "An https: or mailto: URL at which one gets no more of these." },
	{ "via", PLUGIN(via, transports), .help = "The way that mails take." },
	{ "max_mails", INTEGER(most), RANGE(0, 1000000000), .fallback = "1000",
		.help = "A run that would send more halts before the first; 0: any number." },
	{ "usual_times", INTEGER(usual_times), RANGE(0, 1000), .fallback = "3",
		.help = "So does one that would send more than so many times what is usual; 0: "
			"never." },
	{ "per_minute", INTEGER(per_minute), RANGE(0, 1000000), .fallback = "0",
		.help = "Mails that are sent within any minute at most; 0: any number." },
	{ "per_domain", INTEGER(per_domain), RANGE(0, 1000000), .fallback = "0",
		.help = "The same for those that go to one domain." },
	{ "on_doubt", CHOICE(on_doubt, mail_doubts), .fallback = "hold",
		.help = "What becomes of a mail that may have gone out or not: hold sends it no "
			"more until `nightmill mail settle` says what is true, "
			"resend sends it "
			"again, with the same Message-ID." },
	{ .name = NULL },
};
#undef SETTINGS

void mail_settings_rules(const struct mail_settings *rows, struct act_rules *rules)
{
	*rules = (struct act_rules){
		.noun = "mail",
		.plural = "mails",
		.most = (uint64_t)rows->most,
		.usual_times = (uint32_t)rows->usual_times,
		.per_minute = (uint32_t)rows->per_minute,
		.key_per_minute = (uint32_t)rows->per_domain,
		.resend = rows->on_doubt == MAIL_RESEND,
		.doubts = "doubt",
	};
}
