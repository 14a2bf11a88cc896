#include "stages/mail/page.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"
#include "pipeline/support/text.h"
#include "stages/mail/reading.h"

enum {
	PAGE_PRIVATE = 0600,
	PAGE_TEXT_BYTES = 64 << 10, /* shown of one text */
	PAGE_HTML_BYTES = 1 << 20,  /* of one HTML, pictures included; beyond, it is left out */
	PAGE_MAIL_BYTES = 64 << 20,
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

struct page_entry {
	char *name;
	int64_t mtime_nanos;
};

struct page_list {
	struct page_entry *entries;
	size_t count, room;
};

static void page_list_finish(struct page_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->entries[i].name);
	free(list->entries);
}

static bool page_is_mail(const char *name)
{
	const size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".eml") == 0;
}

static void page_list_add(struct page_list *list, int folder, const char *name)
{
	struct stat status;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
		return;
	if (list->count == list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->entries = memory_resize(list->entries, list->room * sizeof(*list->entries));
	}
	const size_t bytes = strlen(name) + 1;
	char *copy = memory_alloc(bytes);
	memcpy(copy, name, bytes);
	list->entries[list->count++] = (struct page_entry){ copy, clock_nanos(&status.st_mtim) };
}

static bool page_list_read(struct page_list *list, int folder, struct error *err)
{
	const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	if (!stream) {
		const int number = errno;
		if (again >= 0)
			close(again);
		return fail_errno(err, number, "listing the outbox");
	}
	const struct dirent *entry;
	while ((entry = readdir(stream)))
		if (page_is_mail(entry->d_name))
			page_list_add(list, folder, entry->d_name);
	closedir(stream);
	return true;
}

static int page_by_name(const void *a, const void *b)
{
	const struct page_entry *first = a, *second = b;
	return strcmp(first->name, second->name);
}

static int page_by_time(const void *a, const void *b)
{
	const struct page_entry *first = a, *second = b;
	if (first->mtime_nanos != second->mtime_nanos)
		return first->mtime_nanos > second->mtime_nanos ? -1 : 1;
	return page_by_name(a, b);
}

/* The newest ones, by name. */
static size_t page_choose(struct page_list *list)
{
	if (list->count == 0)
		return 0;
	qsort(list->entries, list->count, sizeof(*list->entries), page_by_time);
	const size_t shown = list->count < PAGE_MAILS ? list->count : PAGE_MAILS;
	qsort(list->entries, shown, sizeof(*list->entries), page_by_name);
	return shown;
}

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

static bool page_read(int folder, const char *name, struct text *bytes, struct error *err)
{
	struct stat status;
	const int file = files_open_below(folder, name, O_RDONLY, 0, false);
	if (file < 0)
		return fail_errno(err, errno, "'%s'", name);
	bool fine = fstat(file, &status) == 0;
	ssize_t length = 0;
	if (fine && status.st_size <= PAGE_MAIL_BYTES) {
		text_clear(bytes);
		text_reserve(bytes, (size_t)status.st_size);
		length = files_read_all(file, bytes->data, (size_t)status.st_size);
		fine = length >= 0;
	}
	const int number = errno;
	close(file);
	if (!fine)
		return fail_errno(err, number, "'%s'", name);
	bytes->length = (size_t)length;
	return true;
}

/* A file that cannot be read is shown as that. */
static void page_show(struct text *out, int folder, const char *name, struct text *bytes)
{
	struct arena arena = { 0 };
	struct reading mail;
	struct error err;
	if (page_read(folder, name, bytes, &err) &&
		reading_take(bytes->data, bytes->length, &arena, &mail, &err)) {
		page_add_mail(out, name, &mail);
	} else {
		page_add(out, "<details><summary><span>", name, "</span>");
		page_add(out, "<b>", err.text, "</b></summary></details>\n");
	}
	arena_finish(&arena);
}

static void page_make(struct text *out, int folder, struct page_list *list)
{
	struct text bytes = { 0 };
	const size_t shown = page_choose(list);
	text_add_string(out, page_head);
	text_addf(out, "<title>Outbox: %zu mail%s</title>\n<h1>Outbox: %zu mail%s</h1>\n",
		list->count, list->count == 1 ? "" : "s", list->count, list->count == 1 ? "" : "s");
	text_add_string(out, "<p>These are files: nothing was sent, and no one was told.");
	if (shown < list->count)
		text_addf(out, " The newest %zu are shown.", shown);
	text_add_string(out, "</p>\n");
	for (size_t i = 0; i < shown; i++)
		page_show(out, folder, list->entries[i].name, &bytes);
	text_finish(&bytes);
}

bool page_write(const char *root, struct error *err)
{
	const int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct page_list list = { 0 };
	struct text out = { 0 }, path = { 0 };
	if (folder < 0)
		return errno == ENOENT || fail_errno(err, errno, "'%s'", root);
	bool fine = page_list_read(&list, folder, err);
	if (fine) {
		page_make(&out, folder, &list);
		text_addf(&path, "%s/index.html", root);
		fine = files_replace(path.data, out.data, out.length, PAGE_PRIVATE, err);
	}
	close(folder);
	page_list_finish(&list);
	text_finish(&out);
	text_finish(&path);
	return fine;
}
