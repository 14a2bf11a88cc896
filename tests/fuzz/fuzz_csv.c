/* Any bytes as a CSV file: through the reader, and through the store that sits on it. */

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/stores/csv_reader.h"
#include "pipeline/store.h"
#include "pipeline/support/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct store_plugin *fuzz_store(void)
{
	for (size_t i = 0; store_plugins[i]; i++)
		if (strcmp(store_plugins[i]->name, "csv") == 0)
			return store_of(store_plugins[i]);
	return NULL;
}

/* A row begins on a line of the file, behind the one before it. */
static void fuzz_reader(const char *path, size_t lines)
{
	struct csv_reader reader;
	struct error err;
	char delimiter = 0;
	bool end = false;
	uint64_t before = 0;
	if (!csv_reader_open(&reader, path, &delimiter, &err))
		return;
	while (csv_reader_next(&reader, &end, &err) && !end) {
		assert(reader.row_line > before && reader.row_line <= lines);
		assert(reader.count > 0);
		before = reader.row_line;
	}
	csv_reader_close(&reader);
}

static bool fuzz_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	size_t *rows = context;
	assert(!row->key.data || row->key.length > 0);
	(*rows)++;
	return true;
}

/* A scan gives a row for each that get_many finds by its own key. */
static void fuzz_rows(const char *path)
{
	const struct {
		const char *path;
		int delimiter;
	} settings = { path, 0 };
	const struct store_plugin *plugin = fuzz_store();
	const struct store_setup setup = { .complain = NULL };
	const size_t columns[] = { 0 };
	const struct store_query query = { .columns = columns, .column_count = 1 };
	void *store = NULL, *prepared = NULL;
	struct error err;
	size_t scanned = 0, found = 0;
	bool more = true;
	if (!plugin->open(&settings, &setup, &store, &err))
		return;
	if (plugin->columns(store)->count > 0 && plugin->prepare(store, &query, &prepared, &err)) {
		const struct store_sink scan = { fuzz_row, &scanned }, get = { fuzz_row, &found };
		const struct slot key = { "a", 1, false };
		bool fine = true;
		while (fine && more)
			fine = plugin->scan(prepared, 3, &scan, &more, &err);
		if (plugin->get_many(prepared, &key, 1, &get, &err))
			assert(fine && found <= scanned);
		plugin->release(prepared);
	}
	plugin->close(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	static char path[64];
	size_t lines = 1;
	if (file < 0) {
		file = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	if (file < 0 || ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0 ||
		!files_write_all(file, data, size))
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	fuzz_reader(path, lines);
	fuzz_rows(path);
	return 0;
}
