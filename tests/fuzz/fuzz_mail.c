/* Records and templates to mails: whatever stands in names, addresses, subjects, texts and file
 * names, what comes out is a mail with the headers that were meant and no others, of short ASCII
 * lines that end in CRLF, and reads as what went in. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/template.h"
#include "stages/mail/message.h"
#include "stages/mail/reading.h"

enum { FUZZ_FIELDS = 8, FUZZ_LINE = 998 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const fuzz_names[FUZZ_FIELDS] = { "to", "subject", "text", "html", "url", "date",
	"file", "calendar" };

/* The fields of a record, a zero byte between. */
static void fuzz_split(const uint8_t *data, size_t size, struct slot slots[FUZZ_FIELDS])
{
	size_t at = 0;
	for (size_t i = 0; i < FUZZ_FIELDS; i++) {
		const uint8_t *end = at < size ? memchr(data + at, 0, size - at) : NULL;
		const size_t length = end ? (size_t)(end - data) - at : size - at;
		slots[i] = (struct slot){ .data = length ? (const char *)data + at : NULL,
			.length = (uint32_t)length };
		at += length + (end ? 1 : 0);
	}
}

static struct message_bytes fuzz_bytes(const struct slot *slot)
{
	return (struct message_bytes){ slot->data, slot->length };
}

static bool fuzz_is_header(const char *line, size_t length)
{
	static const char *const known[] = { "From", "Reply-To", "To", "Subject", "Date",
		"Message-Id", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding", NULL };
	for (size_t i = 0; known[i]; i++)
		if (length > strlen(known[i]) && line[strlen(known[i])] == ':' &&
			strncmp(line, known[i], strlen(known[i])) == 0)
			return true;
	return length > 0 && (line[0] == ' ' || line[0] == '\t');
}

static void fuzz_check_lines(const struct text *mail)
{
	bool head = true;
	for (size_t at = 0; at < mail->length;) {
		const char *line = mail->data + at;
		const char *end = memmem(line, mail->length - at, "\r\n", 2);
		const size_t length = end ? (size_t)(end - line) : mail->length - at;
		if (length > FUZZ_LINE || memchr(line, '\r', length) || memchr(line, '\n', length))
			abort();
		for (size_t i = 0; i < length; i++)
			if (line[i] == '\0' || (unsigned char)line[i] > 0x7e)
				abort();
		if (head && length > 0 && !fuzz_is_header(line, length))
			abort();
		head = head && length > 0;
		at += length + 2;
	}
}

/* Without blanks, which folding may change. */
static size_t fuzz_squeeze(const char *text, size_t length, char *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ')
			out[kept++] = text[i];
	return kept;
}

static void fuzz_check_subject(const struct message *message, const struct reading *mail)
{
	const size_t length = strlen(mail->subject);
	char *in = malloc(message->subject.length + 1), *out = malloc(length + 1);
	const size_t a = fuzz_squeeze(message->subject.data, message->subject.length, in);
	const size_t b = fuzz_squeeze(mail->subject, length, out);
	if (!memmem(message->subject.data, message->subject.length, "=?", 2) &&
		(a != b || memcmp(in, out, a) != 0))
		abort();
	free(in);
	free(out);
}

static void fuzz_check_mail(const struct message *message, const struct text *mail)
{
	struct arena arena = { 0 };
	struct reading reading;
	struct error err;
	fuzz_check_lines(mail);
	if (!reading_take(mail->data, mail->length, &arena, &reading, &err))
		abort();
	if (!memmem(mail->data, mail->length, message->to.mailbox, strlen(message->to.mailbox)) ||
		strstr(reading.to, ">,"))
		abort();
	fuzz_check_subject(message, &reading);
	arena_finish(&arena);
}

static void fuzz_build(struct message *message, struct arena *arena)
{
	struct text first = { 0 }, second = { 0 };
	struct error err;
	if (message_build(message, arena, &first, &err)) {
		if (!message_build(message, arena, &second, &err) ||
			first.length != second.length ||
			memcmp(first.data, second.data, first.length) != 0)
			abort();
		fuzz_check_mail(message, &first);
	}
	text_finish(&first);
	text_finish(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slot slots[FUZZ_FIELDS];
	struct arena arena = { 0 };
	struct error err;
	struct template template;
	struct text subject = { 0 };
	const struct fields fields = { fuzz_names, FUZZ_FIELDS, NULL };
	struct message message = { .id = { 1, 2 }, .domain = "example.org" };
	fuzz_split(data, size, slots);
	if (!template_compile("{subject}: {to}", &fields, NULL, &arena, &template, &err) ||
		!address_read("mill@example.org", 16, &arena, &message.from, &err))
		abort();
	template_expand(&template, slots, FUZZ_FIELDS, NULL, &subject);
	message.subject = (struct message_bytes){ subject.data, subject.length };
	message.text =
		(struct message_bytes){ slots[2].data ? slots[2].data : "", slots[2].length };
	message.html = fuzz_bytes(&slots[3]);
	message.unsubscribe = fuzz_bytes(&slots[4]);
	message.date = fuzz_bytes(&slots[5]);
	message.calendar = fuzz_bytes(&slots[7]);
	struct message_file file = { "", "application/pdf", { "x", 1 } };
	if (slots[6].data && address_header_fine(slots[6].data, slots[6].length, "name", &err)) {
		file.name = arena_copy(&arena, slots[6].data, slots[6].length);
		message.attachments = (struct message_files){ &file, 1 };
	}
	if (address_read(slots[0].data, slots[0].length, &arena, &message.to, &err))
		fuzz_build(&message, &arena);
	text_finish(&subject);
	arena_finish(&arena);
	return 0;
}
