/* Metadata from files that may say anything, made fit for a thumbnail. */

#include <stdlib.h>

#include "stages/thumbnail/carry.h"
#include "stages/thumbnail/folders.h"
#include "stages/thumbnail/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct metadata metadata = { .exif = { .data = NULL } };
	struct text out = { .data = NULL };
	metadata_read(sniff_bytes(data, length), data, length, &metadata);
	metadata_take_exif(&metadata, data, length);
	metadata_take_xmp(&metadata, data, length);
	carry_exif(&metadata, 64, 48, &out);
	struct folders folders;
	if (out.length > 0 && folders_open(&folders, (unsigned char *)out.data, out.length) &&
		folders_next(&folders, folders.first) != 0)
		abort();
	carry_copyright(&metadata, &out);
	carry_xmp(&metadata, &out);
	text_finish(&out);
	metadata_finish(&metadata);
	return 0;
}
