#include "stages/mail/page.h"

#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "pipeline/support/text.h"
#include "stages/mail/box.h"
#include "stages/mail/reading.h"

enum {
	PAGE_PRIVATE = 0600,
	PAGE_TEXT_BYTES = 64 << 10, /* shown of one text */
	PAGE_HTML_BYTES = 1 << 20,  /* of one HTML, pictures included; beyond, it is left out */
};

static const char page_head[] =
	"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; img-src data:; frame-src 'self'\">\n"
	"<style>\n"
	":root { color-scheme: light dark; --line: #8884; --soft: #888 }\n"
	"body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; "
	"padding: 0 1rem }\n"
	"h1 { font-size: 1.4rem; margin: 0 } p { margin: .2rem 0 1.5rem; color: var(--soft) }\n"
	"details { border-top: 1px solid var(--line) } details:last-of-type { border-bottom: 1px "
	"solid var(--line) }\n"
	"summary { display: grid; grid-template-columns: 18rem 1fr auto; gap: 1rem; "
	"padding: .5rem 0; cursor: pointer }\n"
	"summary span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }\n"
	"summary b { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: "
	"nowrap }\n"
	"summary time { color: var(--soft); white-space: nowrap }\n"
	"dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; margin: 0 0 .5rem } "
	"dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }\n"
	"pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; margin: 0 0 1rem; "
	"border: 1px solid var(--line); border-radius: 6px; font: 13px/1.5 ui-monospace, monospace "
	"}\n"
	"iframe { box-sizing: border-box; width: 100%; height: 18rem; resize: vertical; border: "
	"1px solid var(--line); border-radius: 6px; "
	"background: #fff; color-scheme: light; margin: 0 0 1rem }\n"
	"@media (max-width: 45rem) { summary { grid-template-columns: 1fr } }\n"
	"</style>\n";

/* Safe as text and as an attribute's value, whatever the bytes. */
static void page_add_escaped(struct text *out, const char *data, size_t length)
{
	for (size_t at = 0; at < length;) {
		const unsigned char *byte = (const unsigned char *)data + at;
		const size_t bytes = text_utf8(byte, length - at);
		const char *special = bytes == 1 ? strchr("&<>\"'", *byte) : NULL;
		const bool control = bytes == 1 && *byte < ' ' && *byte != '\n' && *byte != '\t';
		if (*byte == '\r' || (*byte && special))
			text_addf(out, "&#%u;", *byte);
		else if (bytes == 0 || control)
			text_add_string(out, "\xef\xbf\xbd");
		else
			text_add(out, byte, bytes);
		at += bytes ? bytes : 1;
	}
}

static void page_add(struct text *out, const char *before, const char *value, const char *behind)
{
	text_add_string(out, before);
	page_add_escaped(out, value, strlen(value));
	text_add_string(out, behind);
}

static void page_add_row(struct text *out, const char *name, const char *value)
{
	text_addf(out, "<dt>%s", name);
	page_add(out, "<dd>", value, "\n");
}

/* As a relative URL: a colon in it would make it a scheme. */
static void page_add_link(struct text *out, const char *name)
{
	text_add_string(out, "<dt>File<dd><a href=\"./");
	for (; *name; name++) {
		const unsigned char byte = (unsigned char)*name;
		const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
				   (byte >= '0' && byte <= '9') || strchr("-_.~", byte);
		plain ? text_add(out, name, 1) : text_addf(out, "%%%02X", byte);
	}
	text_add_string(out, "\">");
}

static void page_add_text(struct text *out, const char *text)
{
	const size_t length = strlen(text);
	const size_t shown = length < PAGE_TEXT_BYTES ? length : PAGE_TEXT_BYTES;
	text_add_string(out, "<pre>");
	page_add_escaped(out, text, shown);
	text_add_string(out, shown < length ? "\n...</pre>\n" : "</pre>\n");
}

/* Shut in: no scripts, no forms, no way out, nothing loaded. */
static void page_add_html(struct text *out, const char *html)
{
	if (!*html)
		return;
	if (strlen(html) > PAGE_HTML_BYTES)
		text_add_string(out, "<p>The HTML is too large to be shown here.</p>\n");
	else
		page_add(out, "<iframe sandbox loading=\"lazy\" title=\"HTML\" srcdoc=\"", html,
			"\"></iframe>\n");
}

static void page_add_mail(struct text *out, const char *name, const struct reading *mail)
{
	page_add(out, "<details>\n<summary><span>", mail->to, "</span>");
	page_add(out, "<b>", mail->subject, "</b>");
	page_add(out, "<time>", mail->date, "</time></summary>\n<dl>\n");
	page_add_row(out, "From", mail->from);
	page_add_row(out, "To", mail->to);
	page_add_row(out, "Subject", mail->subject);
	page_add_row(out, "Date", *mail->date ? mail->date : "when it is sent");
	for (size_t i = 0; i < mail->file_count; i++)
		page_add_row(out, "Attached", mail->files[i]);
	page_add_link(out, name);
	page_add(out, "", name, "</a>\n</dl>\n");
	page_add_text(out, mail->text);
	page_add_html(out, mail->html);
	text_add_string(out, "</details>\n");
}

/* A file that cannot be read is shown as that. */
static void page_show(struct text *out, int folder, const char *name, struct text *bytes)
{
	struct arena arena = { 0 };
	struct reading mail;
	struct error err;
	if (box_read(folder, name, bytes, &err) &&
		reading_take(bytes->data, bytes->length, &arena, &mail, &err)) {
		page_add_mail(out, name, &mail);
	} else {
		page_add(out, "<details><summary><span>", name, "</span>");
		page_add(out, "<b>", err.text, "</b></summary></details>\n");
	}
	arena_finish(&arena);
}

static void page_make(struct text *out, struct box *box)
{
	struct text bytes = { 0 };
	const size_t shown = box_newest(box, PAGE_MAILS);
	const char *plural = box->count == 1 ? "" : "s";
	text_add_string(out, page_head);
	text_addf(out, "<title>Outbox: %zu mail%s</title>\n<h1>Outbox: %zu mail%s</h1>\n",
		box->count, plural, box->count, plural);
	text_add_string(out, "<p>These are files: nothing was sent, and no one was told.");
	if (shown < box->count)
		text_addf(out, " The newest %zu are shown.", shown);
	text_add_string(out, "</p>\n");
	for (size_t i = 0; i < shown; i++)
		page_show(out, box->folder, box->mails[i].name, &bytes);
	text_finish(&bytes);
}

bool page_write(const char *root, struct error *err)
{
	struct box box;
	struct text out = { 0 }, path = { 0 };
	if (!box_open(&box, root, err))
		return false;
	bool fine = true;
	if (box.folder >= 0) {
		page_make(&out, &box);
		text_addf(&path, "%s/index.html", root);
		fine = files_replace(path.data, out.data, out.length, PAGE_PRIVATE, err);
	}
	box_close(&box);
	text_finish(&out);
	text_finish(&path);
	return fine;
}
