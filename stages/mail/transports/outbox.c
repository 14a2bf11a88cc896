/* The transport `outbox`: mails become files to look at, and no one gets them. */

#include "stages/mail/transports/outbox.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/output_path.h"

/* Bytes of a file's name, so that with what is added to it a file system takes it. */
enum { OUTBOX_NAME = 200 };

struct outbox_settings {
	const char *path;
	struct option_plugin release;
};

#define SETTINGS struct outbox_settings
static const struct option outbox_options[] = {
	{ "path", FILE_PATH(path),
		.help = "The folder. Each mail is a file KEY.eml in it, index.html shows them "
			"all." },
	{ "release", PLUGIN(release, transports_acting), .fallback = "",
		.help = "The way that `nightmill mail release` sends what lies in it." },
	{ .name = NULL },
};
#undef SETTINGS

struct outbox {
	const char *root;
	struct transport_chosen release;
};

static bool outbox_prepare(
	const struct option_plugin *self, const struct stage_setup *setup, void **prepared)
{
	const struct outbox_settings *rows = self->settings;
	struct outbox *outbox = arena_alloc(setup->arena, sizeof(*outbox));
	const char *folder = arena_printf(setup->arena, "%s/", rows->path);
	const struct template_piece piece = { .text = folder, .length = strlen(folder) };
	const struct template template = { .pieces = &piece, .count = 1, .literal = piece.length };
	struct error err;
	*prepared = outbox;
	const bool release =
		!rows->release.plugin || transport_prepare(&rows->release, setup, &outbox->release);
	if (*rows->path &&
		output_path_root(&template, rows->path, setup->arena, &outbox->root, &err))
		return release;
	transport_complain(self, setup, "path",
		"expected a folder of its own without '..', as in 'out/outbox'; found '%s'",
		rows->path);
	return false;
}

static const char *outbox_root(const void *prepared)
{
	const struct outbox *outbox = prepared;
	return outbox->root;
}

/* Readable in a listing, and no two keys alike: a slash becomes ~, what is neither letter nor digit
 * nor one of a few others becomes %XX. A dot in front would hide the file. */
static void outbox_add_name(struct text *path, const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)key[i];
		const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
				    (byte >= '0' && byte <= '9');
		if (byte == '/')
			text_add(path, "~", 1);
		else if (letter || byte >= 0x80 || (byte && strchr("@+=-_,:", byte)) ||
			 (byte == '.' && i > 0))
			text_add(path, &key[i], 1);
		else
			text_addf(path, "%%%02X", byte);
	}
}

static void outbox_path(const void *prepared, const struct item *item, struct text *path)
{
	const struct outbox *outbox = prepared;
	text_addf(path, "%s/", outbox->root);
	const size_t folder = path->length;
	outbox_add_name(path, item->key, item->key_length);
	if (path->length - folder > OUTBOX_NAME) {
		char hex[DIGEST_HEX_BYTES];
		digest_hex(item->id, hex);
		path->length = folder + OUTBOX_NAME / 2;
		while (((unsigned char)path->data[path->length] & 0xc0) == 0x80)
			path->length--;
		text_addf(path, "~~%s", hex);
	}
	text_add_string(path, ".eml");
}

static int outbox_digit(char byte)
{
	return byte >= '0' && byte <= '9'   ? byte - '0'
	       : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
					    : -1;
}

/* Undoes outbox_add_name. What stands for a key that was too long is a key too, as no other. */
static void outbox_key(const char *name, struct text *key)
{
	const size_t length = strlen(name) - strlen(".eml");
	for (size_t i = 0; i < length; i++) {
		const int high = i + 2 < length && name[i] == '%' ? outbox_digit(name[i + 1]) : -1;
		const int low = high >= 0 ? outbox_digit(name[i + 2]) : -1;
		const char byte = (char)(low >= 0         ? high * 16 + low
					 : name[i] == '~' ? '/'
							  : name[i]);
		text_add(key, &byte, 1);
		i += low >= 0 ? 2 : 0;
	}
}

static const struct transport_chosen *outbox_release(const void *prepared)
{
	const struct outbox *outbox = prepared;
	return outbox->release.plugin ? &outbox->release : NULL;
}

const struct transport_plugin outbox_transport = {
	.plugin = { "outbox", "Puts mails into a folder to look at; no one gets them.",
		outbox_options, sizeof(struct outbox_settings) },
	.prepare = outbox_prepare,
	.root = outbox_root,
	.path = outbox_path,
	.key = outbox_key,
	.release = outbox_release,
};
