#include "stages/lookup/window.h"

#include <stdlib.h>
#include <string.h>

static bool window_secret(const struct template *key, const struct item *record)
{
	for (size_t i = 0; i < key->count; i++)
		if (!key->pieces[i].text && record->slots[key->pieces[i].slot].secret)
			return true;
	return false;
}

static size_t window_number(struct window *window, const struct slot *text)
{
	uint64_t hash = hashes_of(text->data, text->length);
	struct hashes_walk walk = hashes_find(&window->hashes, hash);
	for (uint32_t number; hashes_next(&window->hashes, &walk, &number);) {
		const struct slot *other = &window->unique[number];
		if (other->length == text->length &&
			memcmp(other->data, text->data, text->length) == 0) {
			window->unique[number].secret |= text->secret;
			return number;
		}
	}
	hashes_add(&window->hashes, hash, (uint32_t)window->unique_count);
	window->unique[window->unique_count] = *text;
	return window->unique_count++;
}

void window_fill(
	struct window *window, const struct template *key, const struct item *records, size_t count)
{
	arena_reset(&window->arena);
	hashes_clear(&window->hashes);
	window->unique_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct window_key *made = &window->keys[i];
		text_clear(&window->text);
		template_expand(key, records[i].slots, records[i].slot_count, NULL, &window->text);
		*made = (struct window_key){ .secret = window_secret(key, &records[i]) };
		if (window->text.length == 0)
			continue;
		made->text.data =
			arena_copy(&window->arena, window->text.data, window->text.length);
		made->text.length = (uint32_t)window->text.length;
		made->text.secret = made->secret;
		made->number = window_number(window, &made->text);
	}
}

struct slot *window_added(struct window *window, size_t count)
{
	if (window->added_room < count) {
		window->added = memory_resize(window->added, count * sizeof(*window->added));
		window->added_room = count;
	}
	return window->added;
}

void window_finish(struct window *window)
{
	arena_finish(&window->arena);
	hashes_finish(&window->hashes);
	text_finish(&window->text);
	free(window->added);
	*window = (struct window){ 0 };
}
