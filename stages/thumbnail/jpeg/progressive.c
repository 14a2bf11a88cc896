#include "stages/thumbnail/jpeg/progressive.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRESSIVE_VALUE = 15 }; /* bits of a coefficient */

static bool progressive_keep(struct progressive *progressive, const struct scan *scan,
	const struct jpeg_decompress_struct *info, uint32_t rows)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct scan_component *component = &scan->components[i];
		struct kept *kept = &progressive->kept[i];
		kept->count = component->reduce.last + 1;
		kept->stride = (size_t)scan->mcus * component->across;
		kept->width = info->comp_info[i].width_in_blocks;
		kept->height = info->comp_info[i].height_in_blocks;
		const size_t blocks = kept->stride * rows * component->down;
		kept->coefficients = calloc(blocks * kept->count, sizeof(*kept->coefficients));
		if (progressive->script.refines[i])
			kept->maps = calloc(blocks, sizeof(*kept->maps));
		if (!kept->coefficients || (progressive->script.refines[i] && !kept->maps))
			return false;
	}
	return true;
}

/* Components often share a table. */
static bool progressive_tables(
	struct progressive *progressive, struct scan *scan, const struct script_scan *header)
{
	for (uint32_t i = 0; i < header->count; i++) {
		struct scan_component *component = &scan->components[header->components[i]];
		JHUFF_TBL table;
		component->dc = &progressive->dc[i];
		if (i > 0 && header->tables[i] == header->tables[i - 1])
			component->dc = scan->components[header->components[i - 1]].dc;
		else if (!script_table(header, i, &table) ||
			 !huffman_set(&progressive->dc[i], &table, true))
			return false;
	}
	return true;
}

/* Small scans are not worth large tables. */
static uint32_t progressive_window(const struct script_scan *header)
{
	const size_t bytes = (size_t)(header->end - header->data);
	return bytes < 16384 ? 8 : BAND_JUMP_BITS;
}

/* What is refined takes a bit; other values no more than a coefficient has room for. */
static bool progressive_band(struct progressive *progressive, const struct script_scan *header)
{
	const uint32_t most = header->high != 0 ? 1 : PROGRESSIVE_VALUE - (uint32_t)header->low;
	JHUFF_TBL table;
	return script_table(header, 0, &table) &&
	       band_set(&progressive->band, &table, most, progressive_window(header));
}

static bool progressive_scan(struct progressive *progressive, struct scan *scan,
	const struct script_scan *header, uint32_t rows)
{
	if (header->from == 0)
		return (header->high != 0 || progressive_tables(progressive, scan, header)) &&
		       pass_means(scan, header, progressive->kept, rows);
	return progressive_band(progressive, header) &&
	       pass_band(
		       scan, header, &progressive->band, &progressive->kept[header->components[0]]);
}

bool progressive_read(struct progressive *progressive, struct scan *scan,
	const struct jpeg_decompress_struct *info, uint32_t rows)
{
	if (!script_read(&progressive->script, info) ||
		!progressive_keep(progressive, scan, info, rows))
		return false;
	for (uint32_t i = 0; i < progressive->script.count; i++)
		if (!progressive_scan(progressive, scan, &progressive->script.scans[i], rows))
			return false;
	return true;
}

void progressive_row(const struct progressive *progressive, struct scan *scan, uint32_t row)
{
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct scan_component *component = &scan->components[i];
		const struct kept *kept = &progressive->kept[i];
		for (uint32_t y = 0; y < component->down; y++) {
			const size_t above = (size_t)row * component->down + y;
			reduce_values(&component->reduce,
				kept->coefficients + above * kept->stride * kept->count,
				(uint32_t)kept->stride,
				component->samples + y * component->reduce.down * component->stride,
				component->stride);
		}
	}
}

void progressive_finish(struct progressive *progressive)
{
	for (uint32_t i = 0; i < SCAN_COMPONENTS; i++) {
		free(progressive->kept[i].coefficients);
		free(progressive->kept[i].maps);
		progressive->kept[i] = (struct kept){ .count = 0 };
	}
}
