#include "stages/mail/reading.h"

#include <string.h>

#include "pipeline/support/text.h"
#include "stages/mail/gmime.h"

enum { READING_FILES = 64, READING_PICTURES = 64 };

/* What was found so far. */
struct taking {
	const struct gmime *gmime;
	struct arena *arena;
	struct reading *reading;
	const char *files[READING_FILES];
	struct {
		const char *id, *url;
	} pictures[READING_PICTURES];
	size_t picture_count;
};

static const char *reading_copy(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : "";
}

/* The part's bytes, decoded; gives the stream that holds them. */
static GMimeStream *reading_decode(
	const struct gmime *gmime, GMimePart *part, const GByteArray **bytes)
{
	GMimeStream *stream = gmime->stream_mem_new();
	GMimeDataWrapper *content = gmime->part_get_content(part);
	if (content)
		gmime->data_wrapper_write_to_stream(content, stream);
	*bytes = gmime->stream_mem_get_byte_array((GMimeStreamMem *)stream);
	return stream;
}

static const char *reading_text(const struct taking *taking, GMimePart *part)
{
	const GByteArray *bytes;
	GMimeStream *stream = reading_decode(taking->gmime, part, &bytes);
	const char *text = arena_copy(taking->arena, bytes->data, bytes->len);
	taking->gmime->object_unref(stream);
	return text;
}

static void reading_add_picture(struct taking *taking, GMimePart *part)
{
	const struct gmime *gmime = taking->gmime;
	const char *id = gmime->object_get_content_id((GMimeObject *)part);
	const GByteArray *bytes;
	if (!id || taking->picture_count == READING_PICTURES)
		return;
	GMimeStream *stream = reading_decode(gmime, part, &bytes);
	char *type = gmime->content_type_get_mime_type(
		gmime->object_get_content_type((GMimeObject *)part));
	char *code = gmime->base64_encode(bytes->data, bytes->len);
	const size_t number = taking->picture_count++;
	taking->pictures[number].id = arena_printf(taking->arena, "cid:%s", id);
	taking->pictures[number].url = arena_printf(taking->arena, "data:%s;base64,%s", type, code);
	gmime->free(code);
	gmime->free(type);
	gmime->object_unref(stream);
}

static void reading_add_file(struct taking *taking, GMimePart *part)
{
	struct reading *reading = taking->reading;
	const char *name = taking->gmime->part_get_filename(part);
	if (reading->file_count < READING_FILES)
		taking->files[reading->file_count++] =
			reading_copy(taking->arena, name ? name : "without a name");
}

static void reading_part(GMimeObject *parent, GMimeObject *object, gpointer context)
{
	struct taking *taking = context;
	const struct gmime *gmime = taking->gmime;
	(void)parent;
	if (!gmime->type_check_instance_is_a((GTypeInstance *)object, gmime->part_get_type()))
		return;
	GMimePart *part = (GMimePart *)object;
	const char *disposition = gmime->object_get_disposition(object);
	GMimeContentType *type = gmime->object_get_content_type(object);
	if (disposition && strcmp(disposition, "attachment") == 0)
		reading_add_file(taking, part);
	else if (gmime->content_type_is_type(type, "text", "plain") && !*taking->reading->text)
		taking->reading->text = reading_text(taking, part);
	else if (gmime->content_type_is_type(type, "text", "html") && !*taking->reading->html)
		taking->reading->html = reading_text(taking, part);
	else if (gmime->content_type_is_type(type, "image", "*"))
		reading_add_picture(taking, part);
}

/* Whether a name may go on with it: "cid:map" is no part of "cid:map.small". */
static bool reading_goes_on(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (byte && strchr("._-", byte));
}

static const char *reading_replace(
	const char *text, const char *word, const char *by, struct arena *arena)
{
	struct text out = { 0 };
	const char *found;
	text_add(&out, "", 0);
	for (; (found = strstr(text, word)); text = found + strlen(word)) {
		const bool whole = !reading_goes_on(found[strlen(word)]);
		text_add(&out, text, (size_t)(found - text));
		text_add_string(&out, whole ? by : word);
	}
	text_add_string(&out, text);
	const char *copy = arena_copy(arena, out.data, out.length);
	text_finish(&out);
	return copy;
}

static const char *reading_addresses(
	const struct taking *taking, GMimeMessage *mail, GMimeAddressType type)
{
	const struct gmime *gmime = taking->gmime;
	char *text = gmime->address_list_to_string(
		gmime->message_get_addresses(mail, type), NULL, FALSE);
	const char *copy = reading_copy(taking->arena, text);
	gmime->free(text);
	return copy;
}

static const char *reading_mailbox(
	const struct taking *taking, GMimeMessage *mail, GMimeAddressType type)
{
	const struct gmime *gmime = taking->gmime;
	InternetAddressList *list = gmime->message_get_addresses(mail, type);
	if (gmime->address_list_length(list) != 1)
		return "";
	InternetAddress *one = gmime->address_list_get_address(list, 0);
	if (!gmime->type_check_instance_is_a((GTypeInstance *)one, gmime->mailbox_get_type()))
		return "";
	return reading_copy(
		taking->arena, gmime->mailbox_get_idn_addr((InternetAddressMailbox *)one));
}

static void reading_fill(struct taking *taking, GMimeMessage *mail)
{
	struct reading *reading = taking->reading;
	const struct gmime *gmime = taking->gmime;
	reading->from = reading_addresses(taking, mail, GMIME_ADDRESS_TYPE_FROM);
	reading->to = reading_addresses(taking, mail, GMIME_ADDRESS_TYPE_TO);
	reading->sender = reading_mailbox(taking, mail, GMIME_ADDRESS_TYPE_FROM);
	reading->recipient = reading_mailbox(taking, mail, GMIME_ADDRESS_TYPE_TO);
	reading->subject = reading_copy(taking->arena, gmime->message_get_subject(mail));
	reading->id = reading_copy(taking->arena, gmime->message_get_message_id(mail));
	reading->date =
		reading_copy(taking->arena, gmime->object_get_header((GMimeObject *)mail, "Date"));
	gmime->message_foreach(mail, reading_part, taking);
	for (size_t i = 0; i < taking->picture_count; i++)
		reading->html = reading_replace(reading->html, taking->pictures[i].id,
			taking->pictures[i].url, taking->arena);
	const size_t bytes = reading->file_count * sizeof(*reading->files);
	reading->files = (const char *const *)arena_copy(taking->arena, taking->files, bytes);
}

/* Behind the blank line that ends the headers. */
static const char *reading_head_end(const char *bytes, size_t length)
{
	const char *const end = bytes + length;
	const char *line = bytes;
	while (line < end && *line != '\n' && *line != '\r') {
		const char *found = memchr(line, '\n', (size_t)(end - line));
		line = found ? found + 1 : end;
	}
	return line;
}

static const char *reading_skip_blank(const char *at, const char *end)
{
	while (at < end && *at && strchr(" \t\r\n", *at))
		at++;
	return at;
}

/* True where an encoded word in base64 that begins behind `from` has its padding at `at`. */
static bool reading_is_padding(const char *from, const char *at)
{
	const char *word = at;
	while (word > from && !strchr(" \t\r\n", word[-1]))
		word--;
	const size_t length = (size_t)(at - word);
	return length > 5 && memcmp(word, "=?", 2) == 0 &&
	       (memmem(word, length, "?B?", 3) || memmem(word, length, "?b?", 3));
}

/* Copies the mail so that GMime reads all of its headers: 3.2 decodes encoded words that follow
 * each other in one go, and stops at the padding of one in base64. An empty word in the other
 * encoding keeps such a word apart from the next. */
static void reading_separate(const char *bytes, size_t length, struct text *out)
{
	const char *const end = reading_head_end(bytes, length);
	const char *at = bytes, *found;
	while ((found = memmem(at, (size_t)(end - at), "=?=", 3))) {
		const char *next = reading_skip_blank(found + 3, end);
		text_add(out, at, (size_t)(next - at));
		if (next > found + 3 && next < end && *next == '=' && reading_is_padding(at, found))
			text_add_string(out, "=?us-ascii?Q?"
					     "?= ");
		at = next;
	}
	text_add(out, at, (size_t)(bytes + length - at));
}

bool reading_take(const char *bytes, size_t length, struct arena *arena, struct reading *reading,
	struct error *err)
{
	struct taking taking = { .arena = arena, .reading = reading };
	struct text apart = { 0 };
	taking.gmime = gmime_need(err);
	if (!taking.gmime)
		return false;
	*reading = (struct reading){ "", "", "", "", "", "", "", "", "", NULL, 0 };
	reading_separate(bytes, length, &apart);
	GMimeMessage *mail = gmime_parse(taking.gmime, apart.data, apart.length);
	text_finish(&apart);
	if (mail) {
		reading_fill(&taking, mail);
		taking.gmime->object_unref(mail);
	}
	return mail || fail(err, ERROR_DAMAGED, "this is no mail");
}
