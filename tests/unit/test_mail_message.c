/* Mails as bytes: what stands in them, that nothing else can, and that they are the same each time.
 */

#include "stages/mail/address.h"
#include "stages/mail/head.h"
#include "stages/mail/message.h"
#include "stages/mail/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static struct message_bytes bytes_of(const char *text)
{
	return (struct message_bytes){ text, text ? strlen(text) : 0 };
}

static struct address address_of(const char *text)
{
	struct address address = { 0 };
	struct error err = { 0 };
	if (!address_read(text, strlen(text), &arena, &address, &err))
		fail_msg("%s", err.text);
	return address;
}

static struct message message_simple(void)
{
	return (struct message){
		.id = { 0x0123456789abcdef, 0xfedcba9876543210 },
		.domain = "example.org",
		.from = address_of("Nachtmühle <mill@example.org>"),
		.to = address_of("Ann Kessler <ann@example.org>"),
		.subject = bytes_of("Tea at four"),
		.text = bytes_of("Dear Ann,\n.\nFrom here on.\n"),
	};
}

/* The mail, or what is wrong with it. */
static struct text build(const struct message *message)
{
	struct text out = { 0 };
	struct error err = { 0 };
	if (!message_build(message, &arena, &out, &err)) {
		assert_int_equal(err.blame, BLAME_ITEM);
		text_clear(&out);
		text_add_string(&out, err.text);
	}
	return out;
}

static void check_build(const struct message *message, const char *expected)
{
	struct text first = build(message), second = build(message);
	if (strcmp(first.data, expected) != 0)
		fail_msg("%s", first.data);
	assert_string_equal(second.data, expected);
	text_finish(&first);
	text_finish(&second);
}

/* True where the mail has this in it. */
static void check_has(const struct message *message, const char *part)
{
	struct text made = build(message);
	if (!strstr(made.data, part))
		fail_msg("'%s' is not in\n%s", part, made.data);
	text_finish(&made);
}

static void test_simple(void **state)
{
	(void)state;
	struct message message = message_simple();
	check_build(&message, "From: =?UTF-8?b?TmFjaHRtw7xobGU=?= <mill@example.org>\r\n"
			      "To: Ann Kessler <ann@example.org>\r\n"
			      "Subject: Tea at four\r\n"
			      "Message-Id: <fedcba98765432100123456789abcdef@example.org>\r\n"
			      "Auto-Submitted: auto-generated\r\n"
			      "MIME-Version: 1.0\r\n"
			      "Content-Type: text/plain; charset=utf-8\r\n"
			      "Content-Transfer-Encoding: 7bit\r\n"
			      "\r\n"
			      "Dear Ann,\r\n.\r\nFrom here on.\r\n");
}

#define BOUNDARY "=_fedcba987654321001234567_"

static void test_parts(void **state)
{
	(void)state;
	struct message message = message_simple();
	struct message_file picture = { "map.small", "image/jpeg", bytes_of("\xff\xd8") };
	struct message_file file = { "Pläne.pdf", message_type("Pläne.pdf"), bytes_of("%PDF") };
	message.html = bytes_of("<p>Dear Ann,</p>\r\n<img src=\"cid:map.small\" alt=\"map\">\r\n");
	message.calendar = bytes_of("BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n");
	message.pictures = (struct message_files){ &picture, 1 };
	message.attachments = (struct message_files){ &file, 1 };
	message.date = bytes_of("2026-03-28T18:30:00+01:00");
	message.reply_to = address_of("desk@example.org");
	message.unsubscribe = bytes_of("https://example.org/u?who=ann");
	check_build(&message,
		"From: =?UTF-8?b?TmFjaHRtw7xobGU=?= <mill@example.org>\r\n"
		"Reply-To: desk@example.org\r\n"
		"To: Ann Kessler <ann@example.org>\r\n"
		"Subject: Tea at four\r\n"
		"Date: Sat, 28 Mar 2026 18:30:00 +0100\r\n"
		"Message-Id: <fedcba98765432100123456789abcdef@example.org>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"List-Unsubscribe: <https://example.org/u?who=ann>\r\n"
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=\"" BOUNDARY "2\"\r\n"
		"\r\n--" BOUNDARY "2\r\n"
		"Content-Type: multipart/alternative; boundary=\"" BOUNDARY "0\"\r\n"
		"\r\n--" BOUNDARY "0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\nDear Ann,\r\n.\r\nFrom here on.\r\n"
		"\r\n--" BOUNDARY "0\r\n"
		"Content-Type: multipart/related; boundary=\"" BOUNDARY "1\";\r\n"
		"\ttype=\"text/html\"\r\n"
		"\r\n--" BOUNDARY "1\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\n<p>Dear Ann,</p>\r\n<img src=\"cid:map.small\" alt=\"map\">\r\n"
		"\r\n--" BOUNDARY "1\r\n"
		"Content-Type: image/jpeg\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: inline\r\n"
		"Content-Id: <map.small>\r\n"
		"\r\n/9g=\r\n"
		"\r\n--" BOUNDARY "1--\r\n"
		"\r\n--" BOUNDARY "0--\r\n"
		"\r\n--" BOUNDARY "2\r\n"
		"Content-Type: text/calendar; charset=utf-8; method=CANCEL; name=meeting.ics\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"Content-Disposition: attachment; filename=meeting.ics\r\n"
		"\r\nBEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n"
		"\r\n--" BOUNDARY "2\r\n"
		"Content-Type: application/pdf; name*=iso-8859-1''Pl%E4ne.pdf\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename*=iso-8859-1''Pl%E4ne.pdf\r\n"
		"\r\nJVBERg==\r\n"
		"\r\n--" BOUNDARY "2--\r\n");
}

static void test_encodings(void **state)
{
	(void)state;
	struct message message = message_simple();
	message.text = bytes_of("Grüße \nwith a blank at the end\n");
	check_has(&message, "quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe=20\r\nwith a blank");
	message.text = bytes_of("Привет, Аня");
	check_has(&message, "base64\r\n\r\n0J/RgNC40LLQtdGCLCDQkNC90Y8");
	message.text = bytes_of("a\rb\r\nc");
	check_has(&message, "7bit\r\n\r\na\r\nb\r\nc");
	message.text = bytes_of("--=_fedcba98765432100123456_0--\n");
	check_has(&message, "--=3D_fedcba98765432100123456_0--");
	message.text = bytes_of("");
	check_has(&message, "7bit\r\n\r\n");
}

static void test_injection(void **state)
{
	(void)state;
	struct message message = message_simple();
	message.subject = bytes_of("Tea\r\nBcc: all@example.org");
	check_build(&message, "the subject has a control character (0x0d) at byte 4");
	message.subject = (struct message_bytes){ "T\0a", 3 };
	check_build(&message, "the subject has a control character (0x00) at byte 2");
	message.subject = bytes_of("T\xff");
	check_build(&message, "the subject is no valid UTF-8 at byte 2");
	message = message_simple();
	message.text = (struct message_bytes){ "a\0b", 3 };
	check_build(&message, "the text is no valid UTF-8 text at byte 2");
	message = message_simple();
	message.unsubscribe = bytes_of("https://x/>\r\nBcc: b@c");
	check_build(&message,
		"'https://x/>\\r\\nBcc: b@c' cannot stand in List-Unsubscribe: it has to be an "
		"https: or mailto: URL in ASCII");
	message.unsubscribe = bytes_of("javascript:alert()");
	check_build(&message,
		"'javascript:alert()' cannot stand in List-Unsubscribe: it has to be an https: or "
		"mailto: URL in ASCII");
	message = message_simple();
	message.date = bytes_of("tomorrow");
	check_build(&message, "'tomorrow' is no date of a mail, which is like "
			      "'2026-03-28T18:30:00+01:00'");
}

static void check_address(const char *text, const char *name, const char *mailbox)
{
	const struct address address = address_of(text);
	assert_string_equal(address.name, name);
	assert_string_equal(address.mailbox, mailbox);
	assert_string_equal(address.domain, strchr(mailbox, '@') + 1);
}

static void check_no_address(const char *text, const char *wrong)
{
	struct address address = { 0 };
	struct error err = { 0 };
	if (address_read(text, strlen(text), &arena, &address, &err))
		fail_msg("'%s' was taken for <%s>", text, address.mailbox);
	assert_string_equal(err.text, wrong);
	assert_int_equal(err.blame, BLAME_ITEM);
}

static void test_addresses(void **state)
{
	(void)state;
	check_address("ann@example.org", "", "ann@example.org");
	check_address("  ann+tea@localhost ", "", "ann+tea@localhost");
	check_address("<ann@example.org>", "", "ann@example.org");
	check_address("Ann Kessler <ann@example.org>", "Ann Kessler", "ann@example.org");
	check_address("\"Kessler, \\\"Ann\\\"\" <a@b.c>", "Kessler, \"Ann\"", "a@b.c");
	check_address("Kessler, Ann @ home <a@b.c>", "Kessler, Ann @ home", "a@b.c");
	check_no_address("", "there is no mail address");
	check_no_address("ann", "'ann' is no mail address: it has no @");
	check_no_address("@b.c", "'@b.c' is no mail address: nothing stands in front of the @");
	check_no_address("a@b.c, d@e.f", "'a@b.c, d@e.f' is no mail address: a character that "
					 "cannot stand in front of the @");
	check_no_address(
		"a@x> <b@y", "'a@x> <b@y' is no mail address: nothing may stand behind the >");
	check_no_address(
		"Ann <a@x> <b@y>", "'Ann <a@x>' is no mail address: more than one address");
	check_no_address("a.@b.c", "'a.@b.c' is no mail address: a dot at the wrong place");
	check_no_address(
		"a@b..c", "'a@b..c' is no mail address: the part behind the @ is no domain");
	check_no_address("a@-b", "'a@-b' is no mail address: the part behind the @ is no domain");
	check_no_address("a@b\r\nRCPT TO:<c@d>",
		"the name in front of the address has a control character (0x0d) at byte 4");
	check_no_address(
		"a@b\r\n", "'a@b\\r\\n' is no mail address: the part behind the @ is no domain");
	check_no_address("A\nB <a@b.c>",
		"the name in front of the address has a control character (0x0a) at byte 2");
	check_no_address("jürgen@example.org", "'jürgen@example.org' is no mail address: a "
					       "character that cannot stand in front of "
					       "the @");
}

/* What GMime takes for encoded it may fold in the middle: the rest of a word would begin a line. */
static void test_looks_encoded(void **state)
{
	struct message message = message_simple();
	(void)state;
	message.subject =
		bytes_of("=?UTF-8?Q?  : \"Kess((((,(SHM_GET_HID((((((((((((MMMMMMMMMMMMMMMMMMMM"
			 "MMMMMMMMexamGrüße,M\\MMMampleXAnn\" <a@toc>");
	check_has(&message, "its subject or a name cannot stand in a header: something in it, such "
			    "as '=?', looks as if it were encoded");
	message.subject = bytes_of("=?UTF-8?Q?x?= and =? too");
	check_has(&message, "\r\nSubject: ");
}

static void test_head(void **state)
{
	static const struct {
		const char *head;
		bool whole;
	} cases[] = {
		{ "From: a\r\nTo: b\r\n\tc\r\nSubject: d: e\r\n\r\nX: y\r\n", true },
		{ "From: a\r\nTo: b\r\nBcc: c\r\n\r\n", false },
		{ "From: a\r\nTo: b\r\nTo: c\r\n\r\n", false },
		{ "From: a\r\nrest\r\n\r\n", false },
		{ " From: a\r\n\r\n", false },
		{ "From: a\r\n", false },
		{ "From: a", false },
		{ "", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			head_is_whole(cases[i].head, strlen(cases[i].head)), cases[i].whole);
}

/* Domains that are written in ASCII go out as they were given. */
static void test_international(void **state)
{
	struct message message = message_simple();
	(void)state;
	message.to = address_of("Ann <ann@xn--bcher-kva.example>");
	check_has(&message, "\r\nTo: Ann <ann@xn--bcher-kva.example>\r\n");
	message.to = address_of("ann@XN--Bcher-KVA.example");
	check_has(&message, "@XN--Bcher-KVA.example\r\n");
	message.to = address_of("ann@xn--ample.org");
	check_has(&message, "'ann@xn--ample.org' is no mail address: the part behind the @ is no "
			    "international domain, although it looks like one");
}

static void check_subject(const char *subject)
{
	struct message message = message_simple();
	struct reading reading;
	struct error err = { 0 };
	message.subject = bytes_of(subject);
	message.to = address_of("Ann <ann@xn--bcher-kva.example>");
	struct text made = build(&message);
	if (!reading_take(made.data, made.length, &arena, &reading, &err))
		fail_msg("%s", err.text);
	assert_string_equal(reading.subject, subject);
	assert_string_equal(reading.sender, "mill@example.org");
	assert_string_equal(reading.recipient, "ann@xn--bcher-kva.example");
	assert_string_equal(reading.text, "Dear Ann,\r\n.\r\nFrom here on.\r\n");
	text_finish(&made);
}

/* What was written is read again, also where an encoded word behind another one ends in padding. */
static void test_reading(void **state)
{
	(void)state;
	check_subject("Tea at four");
	check_subject("=? =?= =?utf-8?");
	check_subject(
		"屋上で会いましょう、四時に、お茶とケーキと長い夜に読むものを持って来てください");
	check_subject("Grüße: rgxnG$üße6, ae+\\\\\\\\\\\\xnG$üßeY_CREüße$ a long@example.org"
		      "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
}

/* The text of a mail is no header, whatever it looks like; nor need there be one. */
static void test_reading_head(void **state)
{
	static const char mail[] = "From: =?UTF-8?B?w7w=?= =?UTF-8?B?w7w=?= <a@b.c>\n"
				   "Subject: =?UTF-8?B?w7w=?=\n =?UTF-8?B?w7w=?=\n\n"
				   "=?UTF-8?B?w7w=?= =?UTF-8?B?w7w=?=\n";
	struct reading reading;
	struct error err = { 0 };
	(void)state;
	assert_true(reading_take(mail, strlen(mail), &arena, &reading, &err));
	assert_string_equal(reading.from, "üü <a@b.c>");
	assert_string_equal(reading.subject, "üü");
	assert_string_equal(reading.text, "=?UTF-8?B?w7w=?= =?UTF-8?B?w7w=?=\n");
	assert_true(reading_take("Subject: =?=", 12, &arena, &reading, &err));
	assert_string_equal(reading.subject, "=?=");
}

/* A picture whose name begins as another's does is not taken for that one. */
static void test_reading_pictures(void **state)
{
	struct message message = message_simple();
	struct message_file pictures[] = { { "map", "image/png", bytes_of("one") },
		{ "map.small", "image/png", bytes_of("two") } };
	struct reading reading;
	struct error err = { 0 };
	(void)state;
	message.html = bytes_of("<img src=\"cid:map.small\"><img src=cid:map>");
	message.pictures = (struct message_files){ pictures, 2 };
	struct text made = build(&message);
	assert_true(reading_take(made.data, made.length, &arena, &reading, &err));
	assert_string_equal(reading.html, "<img src=\"data:image/png;base64,dHdv\">"
					  "<img src=data:image/png;base64,b25l>");
	text_finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_looks_encoded),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_international),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_reading_head),
		cmocka_unit_test(test_reading_pictures),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
