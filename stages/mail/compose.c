#include "stages/mail/compose.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/input.h"
#include "pipeline/output_path.h"

struct composer {
	const struct compose *compose;
	struct input *input; /* NULL: nothing is attached */
	struct arena arena;  /* of one mail */
	struct text text, out;
	char name[DIGEST_HEX_BYTES];
};

static bool compose_template(const char *source, const char *option,
	const struct stage_setup *setup, struct template *template)
{
	struct error err;
	if (template_compile(source, setup->fields, NULL, setup->arena, template, &err))
		return true;
	stage_complain(setup, option, "%s", err.text);
	return false;
}

static bool compose_field(
	const char *name, const char *option, const struct stage_setup *setup, size_t *field)
{
	struct error err;
	*field = SIZE_MAX;
	if (!*name || fields_find(setup->fields, name, field, &err))
		return true;
	stage_complain(setup, option, "%s", err.text);
	return false;
}

static bool compose_pictures(struct compose *compose, const struct stage_setup *setup)
{
	const struct option_list *list = &compose->settings->pictures;
	bool fine = true;
	compose->pictures = arena_alloc(setup->arena, (list->count + 1) * sizeof(size_t));
	for (size_t i = 0; i < list->count; i++) {
		const char *option = arena_printf(setup->arena, "inline.%zu", i);
		fine = compose_field(list->items[i], option, setup, &compose->pictures[i]) && fine;
	}
	return fine;
}

static bool compose_attachments(struct compose *compose, const struct stage_setup *setup)
{
	const struct option_list *list = &compose->settings->attachments;
	bool fine = true;
	compose->attachments =
		arena_alloc(setup->arena, (list->count + 1) * sizeof(*compose->attachments));
	compose->roots.items =
		arena_alloc(setup->arena, (list->count + 1) * sizeof(*compose->roots.items));
	for (size_t i = 0; i < list->count; i++) {
		const char *option = arena_printf(setup->arena, "attach.%zu", i);
		const char *root = NULL;
		struct error err;
		bool found =
			compose_template(list->items[i], option, setup, &compose->attachments[i]);
		if (found && !output_path_root(&compose->attachments[i], list->items[i],
				     setup->arena, &root, &err)) {
			stage_complain(setup, option, "%s", err.text);
			found = false;
		}
		if (found)
			compose->roots.items[compose->roots.count++] = root;
		fine = fine && found;
	}
	return fine;
}

static bool compose_domain(const struct compose *compose, const struct stage_setup *setup)
{
	const char *domain = compose->settings->domain;
	struct arena arena = { 0 };
	struct address address;
	struct error err;
	const char *text = arena_printf(&arena, "id@%s", domain);
	const bool fine = !*domain || address_read(text, strlen(text), &arena, &address, &err);
	if (!fine)
		stage_complain(setup, "domain", "expected a domain such as example.org, found '%s'",
			domain);
	arena_finish(&arena);
	return fine;
}

bool compose_prepare(struct compose *compose, const struct compose_settings *settings,
	const struct stage_setup *setup)
{
	*compose = (struct compose){
		.settings = settings,
		.fields = setup->fields,
		.links = setup->links,
		.job = digest_of(setup->job, strlen(setup->job)),
	};
	const struct {
		const char *option, *source;
		struct template *template;
	} templates[] = {
		{ "to", settings->to, &compose->to },
		{ "from", settings->from, &compose->from },
		{ "reply_to", settings->reply_to, &compose->reply_to },
		{ "subject", settings->subject, &compose->subject },
		{ "date", settings->date, &compose->date },
		{ "list_unsubscribe", settings->unsubscribe, &compose->unsubscribe },
	};
	bool fine = compose_domain(compose, setup);
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		fine = compose_template(templates[i].source, templates[i].option, setup,
			       templates[i].template) &&
		       fine;
	fine = compose_field(settings->text, "text", setup, &compose->text) && fine;
	fine = compose_field(settings->html, "html", setup, &compose->html) && fine;
	fine = compose_field(settings->calendar, "calendar", setup, &compose->calendar) && fine;
	fine = compose_pictures(compose, setup) && fine;
	return compose_attachments(compose, setup) && fine;
}

bool composer_open(const struct compose *compose, struct composer **composer, struct error *err)
{
	struct composer *made = memory_zeroed(1, sizeof(*made));
	made->compose = compose;
	if (compose->roots.count > 0 &&
		!input_open(compose->roots, compose->links, &made->input, err)) {
		free(made);
		return error_where(err, "attach");
	}
	*composer = made;
	return true;
}

/* A mail in the making. */
struct composing {
	struct composer *composer;
	const struct item *item;
	struct message message;
};

/* The template's text, in the arena; data NULL where it is empty. */
static struct message_bytes composer_expand(
	const struct composing *composing, const struct template *template)
{
	struct composer *composer = composing->composer;
	text_clear(&composer->text);
	template_expand(template, composing->item->slots, composing->item->slot_count, NULL,
		&composer->text);
	if (composer->text.length == 0)
		return (struct message_bytes){ 0 };
	return (struct message_bytes){
		arena_copy(&composer->arena, composer->text.data, composer->text.length),
		composer->text.length,
	};
}

static struct message_bytes composer_slot(const struct composing *composing, size_t field)
{
	const struct item *item = composing->item;
	if (field >= item->slot_count || !item->slots[field].data)
		return (struct message_bytes){ 0 };
	return (struct message_bytes){ item->slots[field].data, item->slots[field].length };
}

static bool composer_address(const struct composing *composing, const struct template *template,
	const char *what, struct address *address, struct error *err)
{
	const struct message_bytes text = composer_expand(composing, template);
	return address_read(text.data, text.length, &composing->composer->arena, address, err) ||
	       error_where(err, "%s", what);
}

static bool composer_addresses(struct composing *composing, struct error *err)
{
	const struct compose *compose = composing->composer->compose;
	struct message *message = &composing->message;
	if (!composer_address(composing, &compose->to, "to", &message->to, err) ||
		!composer_address(composing, &compose->from, "from", &message->from, err))
		return false;
	const struct message_bytes reply = composer_expand(composing, &compose->reply_to);
	return !reply.data ||
	       composer_address(composing, &compose->reply_to, "reply_to", &message->reply_to, err);
}

/* By its first bytes: what a mail reader shows within HTML. */
static const char *composer_picture_type(const struct message_bytes *bytes)
{
	static const struct {
		const char *type;
		size_t at, length;
		const char *magic;
	} types[] = {
		{ "image/jpeg", 0, 3, "\xff\xd8\xff" },
		{ "image/png", 0, 8, "\x89PNG\r\n\x1a\n" },
		{ "image/gif", 0, 4, "GIF8" },
		{ "image/webp", 8, 4, "WEBP" },
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (bytes->length >= types[i].at + types[i].length &&
			memcmp(bytes->data + types[i].at, types[i].magic, types[i].length) == 0)
			return types[i].type;
	return NULL;
}

static bool composer_pictures(struct composing *composing, struct error *err)
{
	const struct compose *compose = composing->composer->compose;
	const struct option_list *names = &compose->settings->pictures;
	struct message_files *files = &composing->message.pictures;
	const size_t most = (size_t)compose->settings->pictures_most.bytes;
	size_t total = 0;
	files->list =
		arena_alloc(&composing->composer->arena, (names->count + 1) * sizeof(*files->list));
	for (size_t i = 0; i < names->count; i++) {
		const struct message_bytes bytes = composer_slot(composing, compose->pictures[i]);
		const char *type = composer_picture_type(&bytes);
		total += bytes.length;
		if (!bytes.data)
			continue;
		if (!type)
			return fail(err, ERROR_UNSUPPORTED,
				"inline: '%s' is no JPEG, PNG, GIF or WebP", names->items[i]);
		if (total > most)
			return fail(err, ERROR_LIMIT,
				"its inline pictures have more than %zu bytes (inline_limit)",
				most);
		files->list[files->count++] = (struct message_file){ names->items[i], type, bytes };
	}
	return true;
}

static bool composer_attach(
	struct composing *composing, const struct template *template, struct error *err)
{
	struct composer *composer = composing->composer;
	struct message_files *files = &composing->message.attachments;
	const struct message_bytes path = composer_expand(composing, template);
	const char *slash = path.data ? memrchr(path.data, '/', path.length) : NULL;
	struct input_file file;
	if (!slash || slash + 1 == path.data + path.length)
		return fail(err, ERROR_UNSUPPORTED, "attach: '%s' is no path of a file",
			path.data ? path.data : "");
	if (!address_header_fine(path.data, path.length, "name of an attachment", err) ||
		!input_read(composer->input, path.data, path.length,
			(uint64_t)composer->compose->settings->most.bytes, &file, err))
		return error_where(err, "attach");
	const struct message_bytes bytes = { arena_copy(&composer->arena, file.data, file.length),
		file.length };
	files->list[files->count++] =
		(struct message_file){ slash + 1, message_type(slash + 1), bytes };
	return true;
}

static bool composer_attachments(struct composing *composing, struct error *err)
{
	struct composer *composer = composing->composer;
	const size_t count = composer->compose->settings->attachments.count;
	struct message_files *files = &composing->message.attachments;
	files->list = arena_alloc(&composer->arena, (count + 1) * sizeof(*files->list));
	for (size_t i = 0; i < count; i++)
		if (!composer_attach(composing, &composer->compose->attachments[i], err))
			return false;
	return true;
}

/* Two jobs about the same item send two mails. */
static void composer_name(struct composing *composing)
{
	const struct compose *compose = composing->composer->compose;
	struct message *message = &composing->message;
	message->id = digest_mix(compose->job, composing->item->id);
	message->domain =
		*compose->settings->domain ? compose->settings->domain : message->from.domain;
}

static void composer_texts(struct composing *composing)
{
	const struct compose *compose = composing->composer->compose;
	struct message *message = &composing->message;
	message->id = digest_mix(compose->job, composing->item->id);
	message->domain =
		*compose->settings->domain ? compose->settings->domain : message->from.domain;
	message->subject = composer_expand(composing, &compose->subject);
	message->date = composer_expand(composing, &compose->date);
	message->unsubscribe = composer_expand(composing, &compose->unsubscribe);
	message->text = composer_slot(composing, compose->text);
	message->html = composer_slot(composing, compose->html);
	message->calendar = composer_slot(composing, compose->calendar);
	if (!message->subject.data)
		message->subject.data = "";
	if (!message->text.data)
		message->text.data = "";
}

bool composer_make(struct composer *composer, const struct item *item, struct composed *mail,
	struct error *err)
{
	struct composing composing = { .composer = composer, .item = item };
	const size_t most = (size_t)composer->compose->settings->most.bytes;
	arena_reset(&composer->arena);
	text_clear(&composer->out);
	if (!composer_addresses(&composing, err))
		return false;
	composer_name(&composing);
	composer_texts(&composing);
	if (!composer_pictures(&composing, err) || !composer_attachments(&composing, err) ||
		!message_build(&composing.message, &composer->arena, &composer->out, err))
		return false;
	if (composer->out.length > most)
		return fail(err, ERROR_LIMIT, "a mail of %zu bytes, %zu are allowed (max_bytes)",
			composer->out.length, most);
	digest_hex(composing.message.id, composer->name);
	*mail = (struct composed){
		.from = composing.message.from.mailbox,
		.to = composing.message.to.mailbox,
		.name = composer->name,
		.dated = composing.message.date.data,
		.bytes = composer->out.data,
		.length = composer->out.length,
	};
	return true;
}

static bool compose_is_secret(const struct template *template, const struct item *item)
{
	for (size_t i = 0; i < item->slot_count; i++)
		if (item->slots[i].secret && template_uses(template, i))
			return true;
	return false;
}

bool compose_identify(const struct compose *compose, const struct item *item, struct arena *arena,
	struct identity *identity, struct error *err)
{
	struct composer composer = { .compose = compose, .arena = *arena };
	struct composing composing = { .composer = &composer, .item = item };
	const bool fine = composer_addresses(&composing, err);
	if (fine) {
		composer_name(&composing);
		identity->to = composing.message.to;
		identity->from = composing.message.from;
		identity->secret = compose_is_secret(&compose->to, item);
		message_id(&composing.message, identity->id);
	}
	*arena = composer.arena;
	text_finish(&composer.text);
	return fine;
}

void composer_close(struct composer *composer)
{
	if (!composer)
		return;
	input_close(composer->input);
	arena_finish(&composer->arena);
	text_finish(&composer->text);
	text_finish(&composer->out);
	free(composer);
}
