/* The transport `smtp`: mails go to a server, over connections that are kept. */

#include "stages/mail/transports/smtp.h"

#include <string.h>

#include "stages/mail/transports/secret.h"
#include "stages/mail/transports/session.h"

static const char *const smtp_tls[] = { "required", "optional", "off", NULL };

struct smtp_settings {
	const char *url, *ca, *user, *password, *password_file, *hello;
	int tls; /* enum session_tls */
	struct option_duration timeout, final_timeout;
};

#define SETTINGS struct smtp_settings
static const struct option smtp_options[] = {
	{ "url", TEXT(url),
		.help = "The server: smtp://mail.example.org:587, or smtps:// where it begins with "
			"TLS." },
	{ "tls", CHOICE(tls, smtp_tls), .fallback = "required",
		.help = "With smtp://: required sends nothing unless the server does STARTTLS and "
			"has a certificate for its name; optional goes without where it has no "
			"STARTTLS; off never asks." },
	{ "ca", FILE_PATH(ca), .fallback = "",
		.help = "File with the authorities (PEM) that are trusted instead of the "
			"system's." },
	{ "user", TEXT(user), .fallback = "", .help = "Whom to log in as." },
	{ "password", TEXT(password), .fallback = "",
		.help = "The password, from the environment: \"${SMTP_PASSWORD}\"." },
	{ "password_file", FILE_PATH(password_file), .fallback = "",
		.help = "File whose first line is the password, of mode 0600." },
	{ "hello", TEXT(hello), .fallback = "",
		.help = "The name that we greet with; without it this machine's." },
	{ "timeout", DURATION(timeout), RANGE(1, 3600), .fallback = "1m",
		.help = "How long to wait for a connection, and for each answer." },
	{ "final_timeout", DURATION(final_timeout), RANGE(1, 3600), .fallback = "10m",
		.help = "How long to wait for the answer to the end of a mail. Without it, the "
			"mail is in doubt." },
	{ .name = NULL },
};
#undef SETTINGS

static bool smtp_url_fine(const char *url)
{
	const char *rest = strncmp(url, "smtp://", 7) == 0    ? url + 7
			   : strncmp(url, "smtps://", 8) == 0 ? url + 8
							      : "";
	for (const char *at = rest; *at; at++)
		if (*at <= ' ' || *at >= 0x7f || strchr("/@?#\\%\"<>", *at))
			return false;
	return *rest && *rest != ':';
}

static bool smtp_name_fine(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
	       strlen(name);
}

static bool smtp_password(const struct option_plugin *self, const struct stage_setup *setup,
	struct session_setup *session)
{
	const struct smtp_settings *rows = self->settings;
	struct error err;
	session->password = rows->password;
	if (!secret_from_environment(self->node, "password")) {
		transport_complain(self, setup, "password",
			"a password does not stand in a config: take it from the environment, "
			"\"${SMTP_PASSWORD}\", or from password_file");
		return false;
	}
	if (*rows->password_file &&
		!secret_from_file(rows->password_file, setup->arena, &session->password, &err)) {
		transport_complain(self, setup, "password_file", "%s", err.text);
		return false;
	}
	if (!*rows->user == !*session->password)
		return true;
	transport_complain(self, setup, "user", "user and password go together");
	return false;
}

static bool smtp_prepare(
	const struct option_plugin *self, const struct stage_setup *setup, void **prepared)
{
	const struct smtp_settings *rows = self->settings;
	struct session_setup *session = arena_alloc(setup->arena, sizeof(*session));
	const bool url = smtp_url_fine(rows->url), name = smtp_name_fine(rows->hello);
	bool safe = true;
	*prepared = session;
	*session = (struct session_setup){
		.url = *rows->hello ? arena_printf(setup->arena, "%s/%s", rows->url, rows->hello)
				    : rows->url,
		.server = rows->url,
		.ca = rows->ca,
		.user = rows->user,
		.tls = (enum session_tls)rows->tls,
		.timeout_micros = rows->timeout.micros,
		.final_micros = rows->final_timeout.micros,
	};
	if (!url)
		transport_complain(self, setup, "url",
			"expected smtp://HOST:PORT or smtps://HOST:PORT, found '%s'", rows->url);
	if (!name)
		transport_complain(
			self, setup, "hello", "expected a host's name, found '%s'", rows->hello);
	if (*rows->user && rows->tls != SESSION_REQUIRED && strncmp(rows->url, "smtps", 5) != 0) {
		transport_complain(
			self, setup, "tls", "a password goes over TLS only: expected 'required'");
		safe = false;
	}
	return smtp_password(self, setup, session) && url && name && safe;
}

static void smtp_needs(const void *prepared, struct stage_needs *needs)
{
	const struct session_setup *session = prepared;
	needs->network = true;
	if (*session->ca)
		needs->read = (struct option_list){ (const char **)&session->ca, 1 };
}

static bool smtp_open(const void *prepared, void **state, struct error *err)
{
	(void)err;
	*state = session_open(prepared);
	return true;
}

static void smtp_close(void *state)
{
	session_close(state);
}

static void smtp_send(void *state, const struct letter *letter, struct outcome *outcome)
{
	session_send(state, letter, outcome);
}

const struct transport_plugin smtp_transport = {
	.plugin = { "smtp", "Hands mails to an SMTP server, which delivers them.", smtp_options,
		sizeof(struct smtp_settings) },
	.acts = true,
	.prepare = smtp_prepare,
	.needs = smtp_needs,
	.open = smtp_open,
	.close = smtp_close,
	.send = smtp_send,
};
