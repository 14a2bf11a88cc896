#include "stages/mail/message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stages/mail/gmime.h"
#include "stages/mail/head.h"

enum { MESSAGE_LINE = 76, MESSAGE_MOST_URL = 900 };

/* A message in the making. */
struct making {
	const struct gmime *gmime;
	const struct message *message;
	struct arena *scratch;
	char hex[DIGEST_HEX_BYTES];
	unsigned boundaries; /* so far */
};

void message_id(const struct message *message, char id[MESSAGE_ID_BYTES])
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(message->id, hex);
	snprintf(id, MESSAGE_ID_BYTES, "%s@%s", hex, message->domain);
}

const char *message_type(const char *name)
{
	static const char *const types[][2] = {
		{ "pdf", "application/pdf" },
		{ "txt", "text/plain" },
		{ "csv", "text/csv" },
		{ "html", "text/html" },
		{ "ics", "text/calendar" },
		{ "vcf", "text/vcard" },
		{ "jpg", "image/jpeg" },
		{ "jpeg", "image/jpeg" },
		{ "png", "image/png" },
		{ "webp", "image/webp" },
		{ "gif", "image/gif" },
		{ "zip", "application/zip" },
		{ "odt", "application/vnd.oasis.opendocument.text" },
		{ "docx", "application/"
			  "vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

/* What is to be known of a text before it is encoded. */
struct message_shape {
	size_t beyond;  /* bytes beyond ASCII */
	size_t longest; /* line, in bytes */
	bool odd;       /* has something in it that plain text had better not */
};

/* Fills in `shape`; an error where this is no text. */
static bool message_look(const struct message_bytes *text, const char *what,
	struct message_shape *shape, struct error *err)
{
	size_t line = 0;
	*shape = (struct message_shape){ 0 };
	for (size_t at = 0; at < text->length;) {
		const unsigned char *byte = (const unsigned char *)text->data + at;
		const size_t bytes = text_utf8(byte, text->length - at);
		if (bytes == 0 || *byte == '\0')
			return fail(err, ERROR_UNSUPPORTED,
				"the %s is no valid UTF-8 text at byte %zu", what, at + 1);
		shape->beyond += bytes > 1 ? bytes : 0;
		shape->odd = shape->odd || (*byte < ' ' && *byte != '\n') || *byte == 0x7f;
		line = *byte == '\n' ? 0 : line + bytes;
		shape->longest = line > shape->longest ? line : shape->longest;
		at += bytes;
	}
	return true;
}

/* Lines end in LF: a copy where one ends otherwise. */
static struct message_bytes message_plain_lines(
	const struct message_bytes *text, struct arena *scratch)
{
	if (!memchr(text->data, '\r', text->length))
		return *text;
	char *copy = arena_alloc(scratch, text->length + 1);
	size_t kept = 0;
	for (size_t i = 0; i < text->length; i++) {
		const bool pair = i + 1 < text->length && text->data[i + 1] == '\n';
		if (text->data[i] != '\r')
			copy[kept++] = text->data[i];
		else if (!pair)
			copy[kept++] = '\n';
	}
	return (struct message_bytes){ copy, kept };
}

/* Readable as long as that is possible. Whoever knows an item's key knows its boundaries: they have
 * "=_" in them, which quoted-printable and base64 never have. */
static GMimeContentEncoding message_encoding(
	const struct message_bytes *text, const struct message_shape *shape)
{
	if (shape->beyond > text->length / 3)
		return GMIME_CONTENT_ENCODING_BASE64;
	const bool plain = shape->beyond == 0 && !shape->odd && shape->longest <= MESSAGE_LINE;
	return plain && !memmem(text->data, text->length, "=_", 2)
		       ? GMIME_CONTENT_ENCODING_7BIT
		       : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/* A part with these bytes. `type` is "main/sub". */
static GMimePart *message_part(const struct making *making, const char *type,
	const struct message_bytes *bytes, GMimeContentEncoding encoding)
{
	const struct gmime *gmime = making->gmime;
	const char *slash = strchr(type, '/');
	const char *main = arena_copy(making->scratch, type, (size_t)(slash - type));
	GMimePart *part = gmime->part_new_with_type(main, slash + 1);
	GMimeStream *stream = gmime->stream_mem_new_with_buffer(bytes->data, bytes->length);
	GMimeDataWrapper *content =
		gmime->data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	gmime->part_set_content(part, content);
	gmime->part_set_content_encoding(part, encoding);
	gmime->object_unref(content);
	gmime->object_unref(stream);
	return part;
}

/* A part of text; NULL and an error where it is none. */
static GMimeObject *message_text(const struct making *making, const char *type, const char *what,
	const struct message_bytes *text, struct error *err)
{
	const struct message_bytes lines = message_plain_lines(text, making->scratch);
	struct message_shape shape;
	if (!message_look(&lines, what, &shape, err))
		return NULL;
	GMimeObject *part =
		(GMimeObject *)message_part(making, type, &lines, message_encoding(&lines, &shape));
	making->gmime->object_set_content_type_parameter(part, "charset", "utf-8");
	return part;
}

static GMimeObject *message_attachment(const struct making *making, const struct message_file *file)
{
	GMimePart *part =
		message_part(making, file->type, &file->bytes, GMIME_CONTENT_ENCODING_BASE64);
	making->gmime->object_set_disposition((GMimeObject *)part, "attachment");
	making->gmime->part_set_filename(part, file->name);
	return (GMimeObject *)part;
}

static GMimeObject *message_picture(const struct making *making, const struct message_file *file)
{
	GMimeObject *part = (GMimeObject *)message_part(
		making, file->type, &file->bytes, GMIME_CONTENT_ENCODING_BASE64);
	making->gmime->object_set_disposition(part, "inline");
	making->gmime->object_set_content_id(part, file->name);
	return part;
}

/* A multipart around `first`, which it takes. */
static GMimeMultipart *message_around(
	struct making *making, const char *subtype, GMimeObject *first)
{
	GMimeMultipart *around = making->gmime->multipart_new_with_subtype(subtype);
	making->gmime->multipart_set_boundary(around,
		arena_printf(making->scratch, "=_%.24s_%u", making->hex, making->boundaries++));
	making->gmime->multipart_add(around, first);
	making->gmime->object_unref(first);
	return around;
}

/* Takes `part`; false where that is NULL. */
static bool message_add(const struct making *making, GMimeMultipart *around, GMimeObject *part)
{
	if (!part)
		return false;
	making->gmime->multipart_add(around, part);
	making->gmime->object_unref(part);
	return true;
}

/* The HTML, with its pictures. */
static GMimeObject *message_html(struct making *making, struct error *err)
{
	const struct message *message = making->message;
	GMimeObject *html = message_text(making, "text/html", "html", &message->html, err);
	if (!html || message->pictures.count == 0)
		return html;
	GMimeMultipart *related = message_around(making, "related", html);
	making->gmime->object_set_content_type_parameter(
		(GMimeObject *)related, "type", "text/html");
	for (size_t i = 0; i < message->pictures.count; i++)
		message_add(making, related, message_picture(making, &message->pictures.list[i]));
	return (GMimeObject *)related;
}

/* Takes `part`, gives what is to stand in its place; NULL (and nothing is kept) on failure. */
static GMimeObject *message_alternative(struct making *making, GMimeObject *part, struct error *err)
{
	if (!part || !making->message->html.data)
		return part;
	GMimeMultipart *both = message_around(making, "alternative", part);
	if (message_add(making, both, message_html(making, err)))
		return (GMimeObject *)both;
	making->gmime->object_unref(both);
	return NULL;
}

/* The word behind METHOD: in a calendar; "PUBLISH" where it says none. */
static const char *message_method(const struct message_bytes *calendar, struct arena *scratch)
{
	const char *found = memmem(calendar->data, calendar->length, "\nMETHOD:", 8);
	if (!found)
		return "PUBLISH";
	found += 8;
	size_t length = 0;
	while (found + length < calendar->data + calendar->length && found[length] >= 'A' &&
		found[length] <= 'Z')
		length++;
	return length ? arena_copy(scratch, found, length) : "PUBLISH";
}

static GMimeObject *message_calendar(const struct making *making, struct error *err)
{
	const struct message_bytes *calendar = &making->message->calendar;
	GMimeObject *part = message_text(making, "text/calendar", "calendar", calendar, err);
	if (!part)
		return NULL;
	making->gmime->object_set_content_type_parameter(
		part, "method", message_method(calendar, making->scratch));
	making->gmime->object_set_disposition(part, "attachment");
	making->gmime->part_set_filename((GMimePart *)part, "meeting.ics");
	return part;
}

/* All that the mail holds; NULL on failure. */
static GMimeObject *message_body(struct making *making, struct error *err)
{
	const struct message *message = making->message;
	GMimeObject *body = message_text(making, "text/plain", "text", &message->text, err);
	body = message_alternative(making, body, err);
	if (!body || (!message->calendar.data && message->attachments.count == 0))
		return body;
	GMimeMultipart *mixed = message_around(making, "mixed", body);
	if (message->calendar.data && !message_add(making, mixed, message_calendar(making, err))) {
		making->gmime->object_unref(mixed);
		return NULL;
	}
	for (size_t i = 0; i < message->attachments.count; i++)
		message_add(
			making, mixed, message_attachment(making, &message->attachments.list[i]));
	return (GMimeObject *)mixed;
}

/* GMime decodes domains that begin with xn--, and puts out what it makes of them: what is no such
 * name would come out as something else. */
static bool message_put_address(const struct making *making, GMimeMessage *mail,
	GMimeAddressType type, const struct address *address, struct error *err)
{
	if (!address->mailbox)
		return true;
	const char *name = address->name[0] ? address->name : NULL;
	InternetAddress *mailbox = making->gmime->mailbox_new(name, address->mailbox);
	making->gmime->address_set_charset(mailbox, "utf-8");
	making->gmime->address_list_add(making->gmime->message_get_addresses(mail, type), mailbox);
	const char *written =
		making->gmime->mailbox_get_idn_addr((InternetAddressMailbox *)mailbox);
	const bool same = strcasecmp(written, address->mailbox) == 0;
	making->gmime->object_unref(mailbox);
	return same || fail(err, ERROR_UNSUPPORTED,
			       "'%s' is no mail address: the part behind the @ is no international "
			       "domain, although it looks like one",
			       address->mailbox);
}

static bool message_put_subject(const struct making *making, GMimeMessage *mail, struct error *err)
{
	const struct message_bytes *subject = &making->message->subject;
	if (!address_header_fine(subject->data, subject->length, "subject", err))
		return false;
	const char *copy = arena_copy(making->scratch, subject->data, subject->length);
	making->gmime->message_set_subject(mail, copy, "utf-8");
	return true;
}

static bool message_put_date(const struct making *making, GMimeMessage *mail, struct error *err)
{
	const struct message_bytes *date = &making->message->date;
	if (!date->data)
		return true;
	const bool fine = address_header_fine(date->data, date->length, "date", err);
	if (!fine)
		return false;
	const char *copy = arena_copy(making->scratch, date->data, date->length);
	GDateTime *time = making->gmime->date_time_new_from_iso8601(copy, NULL);
	if (!time)
		return fail(err, ERROR_UNSUPPORTED,
			"'%s' is no date of a mail, which is like '2026-03-28T18:30:00+01:00'",
			copy);
	making->gmime->message_set_date(mail, time);
	making->gmime->date_time_unref(time);
	return true;
}

/* True where all of it can stand between angle brackets in a header. */
static bool message_url_fine(const struct message_bytes *url)
{
	if (url->length > MESSAGE_MOST_URL)
		return false;
	for (size_t i = 0; i < url->length; i++)
		if (url->data[i] <= ' ' || url->data[i] >= 0x7f || strchr("<>\"\\", url->data[i]))
			return false;
	return true;
}

static bool message_begins(const struct message_bytes *bytes, const char *word)
{
	return bytes->length > strlen(word) && memcmp(bytes->data, word, strlen(word)) == 0;
}

static bool message_put_unsubscribe(
	const struct making *making, GMimeMessage *mail, struct error *err)
{
	const struct message_bytes *url = &making->message->unsubscribe;
	if (!url->data)
		return true;
	const bool web = message_begins(url, "https://");
	if (!message_url_fine(url) || (!web && !message_begins(url, "mailto:"))) {
		struct text quoted = { 0 };
		text_add_safe(&quoted, url->data, url->length);
		fail(err, ERROR_UNSUPPORTED,
			"'%s' cannot stand in List-Unsubscribe: it has to be an https: or mailto: "
			"URL in ASCII",
			quoted.data);
		text_finish(&quoted);
		return false;
	}
	const char *value = arena_printf(making->scratch, "<%.*s>", (int)url->length, url->data);
	making->gmime->object_set_header((GMimeObject *)mail, "List-Unsubscribe", value, NULL);
	if (web)
		making->gmime->object_set_header((GMimeObject *)mail, "List-Unsubscribe-Post",
			"List-Unsubscribe=One-Click", NULL);
	return true;
}

static bool message_put_headers(const struct making *making, GMimeMessage *mail, struct error *err)
{
	const struct message *message = making->message;
	char id[MESSAGE_ID_BYTES];
	if (!message_put_address(making, mail, GMIME_ADDRESS_TYPE_FROM, &message->from, err) ||
		!message_put_address(
			making, mail, GMIME_ADDRESS_TYPE_REPLY_TO, &message->reply_to, err) ||
		!message_put_address(making, mail, GMIME_ADDRESS_TYPE_TO, &message->to, err))
		return false;
	message_id(message, id);
	if (!message_put_subject(making, mail, err) || !message_put_date(making, mail, err))
		return false;
	making->gmime->message_set_message_id(mail, id);
	making->gmime->object_set_header(
		(GMimeObject *)mail, "Auto-Submitted", "auto-generated", NULL);
	return message_put_unsubscribe(making, mail, err);
}

/* GMime folds some values that look as if they were encoded already in the middle of a word, so
 * that the rest of it begins a line. */
static bool message_finish(const struct making *making, GMimeMessage *mail, GMimeObject *body,
	struct text *out, struct error *err)
{
	const size_t before = out->length;
	making->gmime->message_set_mime_part(mail, body);
	gmime_write(making->gmime, mail, out);
	return head_is_whole(out->data + before, out->length - before) ||
	       fail(err, ERROR_UNSUPPORTED,
		       "its subject or a name cannot stand in a header: something in it, such as "
		       "'=?', looks as if it were encoded");
}

bool message_build(
	const struct message *message, struct arena *scratch, struct text *out, struct error *err)
{
	struct making making = { .message = message, .scratch = scratch };
	making.gmime = gmime_need(err);
	if (!making.gmime) {
		err->blame = BLAME_PLACE;
		return false;
	}
	digest_hex(message->id, making.hex);
	GMimeMessage *mail = making.gmime->message_new(FALSE);
	GMimeObject *body =
		message_put_headers(&making, mail, err) ? message_body(&making, err) : NULL;
	const bool done = body && message_finish(&making, mail, body, out, err);
	if (body)
		making.gmime->object_unref(body);
	making.gmime->object_unref(mail);
	return done;
}
