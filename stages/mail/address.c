#include "stages/mail/address.h"

#include <string.h>

#include "pipeline/support/text.h"

enum { ADDRESS_LOCAL = 64, ADDRESS_LABEL = 63, ADDRESS_MOST = 254, ADDRESS_QUOTED = 80 };

/* Complains about `text`, quoted so that a terminal is safe from it. */
static bool address_fail(struct error *err, const char *why, const char *text, size_t length)
{
	struct text quoted = { 0 };
	text_add_safe(&quoted, text, length < ADDRESS_QUOTED ? length : ADDRESS_QUOTED);
	fail(err, ERROR_UNSUPPORTED, "'%s' is no mail address: %s", quoted.data, why);
	text_finish(&quoted);
	return false;
}

bool address_header_fine(const char *text, size_t length, const char *what, struct error *err)
{
	for (size_t at = 0; at < length;) {
		const unsigned char *byte = (const unsigned char *)text + at;
		const size_t bytes = text_utf8(byte, length - at);
		if (bytes == 0)
			return fail(err, ERROR_UNSUPPORTED, "the %s is no valid UTF-8 at byte %zu",
				what, at + 1);
		if (*byte < ' ' || *byte == 0x7f)
			return fail(err, ERROR_UNSUPPORTED,
				"the %s has a control character (0x%02x) at byte %zu", what, *byte,
				at + 1);
		at += bytes;
	}
	return true;
}

static bool address_is_letter(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9');
}

/* What RFC 5322 calls atext. */
static bool address_is_atom(unsigned char byte)
{
	return address_is_letter(byte) || (byte && strchr("!#$%&'*+-/=?^_`{|}~", byte));
}

/* What is wrong with the part in front of the @; NULL: nothing. */
static const char *address_local_wrong(const char *local, size_t length)
{
	if (length == 0)
		return "nothing stands in front of the @";
	if (length > ADDRESS_LOCAL)
		return "more than 64 characters in front of the @";
	for (size_t i = 0; i < length; i++) {
		const bool dot = local[i] == '.';
		if (dot && (i == 0 || i + 1 == length || local[i - 1] == '.'))
			return "a dot at the wrong place";
		if (!dot && !address_is_atom((unsigned char)local[i]))
			return "a character that cannot stand in front of the @";
	}
	return NULL;
}

static const char *address_domain_wrong(const char *domain, size_t length)
{
	size_t label = 0;
	for (size_t i = 0; i <= length; i++) {
		const char byte = i < length ? domain[i] : '.';
		if (byte == '.') {
			if (label == 0 || label > ADDRESS_LABEL || domain[i - 1] == '-')
				return "the part behind the @ is no domain";
			label = 0;
			continue;
		}
		if (!address_is_letter((unsigned char)byte) && (byte != '-' || label == 0))
			return "the part behind the @ is no domain";
		label++;
	}
	return NULL;
}

static bool address_read_mailbox(const char *text, size_t length, struct arena *arena,
	struct address *address, struct error *err)
{
	const char *at = memrchr(text, '@', length);
	if (!at)
		return address_fail(err, "it has no @", text, length);
	if (length > ADDRESS_MOST)
		return address_fail(err, "it has more than 254 characters", text, length);
	const size_t local = (size_t)(at - text);
	const char *wrong = address_local_wrong(text, local);
	if (!wrong)
		wrong = address_domain_wrong(at + 1, length - local - 1);
	if (wrong)
		return address_fail(err, wrong, text, length);
	address->mailbox = arena_copy(arena, text, length);
	address->domain = address->mailbox + local + 1;
	return true;
}

static void address_trim(const char **text, size_t *length)
{
	while (*length > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		(*length)--;
}

/* The name in front of <...>, without quotation marks around it. */
static bool address_read_name(const char *text, size_t length, struct arena *arena,
	struct address *address, struct error *err)
{
	address_trim(&text, &length);
	const bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
	if (quoted) {
		text++;
		length -= 2;
	}
	if (!address_header_fine(text, length, "name in front of the address", err))
		return false;
	if (memchr(text, '<', length) || memchr(text, '>', length))
		return address_fail(err, "more than one address", text, length);
	char *name = arena_alloc(arena, length + 1);
	size_t kept = 0;
	for (size_t i = 0; i < length; i++) {
		if (quoted && text[i] == '\\' && i + 1 < length)
			i++;
		name[kept++] = text[i];
	}
	address->name = name;
	return true;
}

bool address_read(const char *text, size_t length, struct arena *arena, struct address *address,
	struct error *err)
{
	const char *open = length ? memrchr(text, '<', length) : NULL;
	address_trim(&text, &length);
	address->name = "";
	if (length == 0)
		return fail(err, ERROR_UNSUPPORTED, "there is no mail address");
	if (!open)
		return address_read_mailbox(text, length, arena, address, err);
	if (text[length - 1] != '>')
		return address_fail(err, "nothing may stand behind the >", text, length);
	const size_t name = (size_t)(open - text);
	return address_read_name(text, name, arena, address, err) &&
	       address_read_mailbox(open + 1, length - name - 2, arena, address, err);
}

const char *address_pace(const struct address *address, struct arena *arena)
{
	const size_t length = strlen(address->domain);
	char *pace = arena_copy(arena, address->domain, length);
	text_lower(pace, length);
	return pace;
}
