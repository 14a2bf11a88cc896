#include "stages/thumbnail/jpeg/script.h"

#include <string.h>

enum {
	SCRIPT_DHT = 0xC4,
	SCRIPT_RST = 0xD0, /* and the seven behind it */
	SCRIPT_EOI = 0xD9,
	SCRIPT_SOS = 0xDA,
	SCRIPT_DRI = 0xDD,
	SCRIPT_APP = 0xE0, /* and the fifteen behind it */
	SCRIPT_COM = 0xFE,
	SCRIPT_COUNTS = 16,    /* lengths of codes */
	SCRIPT_UNKNOWN = 255,  /* bits of a position that are open: all */
	SCRIPT_MOST_OPEN = 13, /* as far as libjpeg goes */
	SCRIPT_AC = 1
};

/* Tables lie in memory as in a file, but for one byte in front. */
_Static_assert(offsetof(JHUFF_TBL, huffval) == offsetof(JHUFF_TBL, bits) + 1 + SCRIPT_COUNTS,
	"values follow counts");

struct script_reader {
	const struct jpeg_decompress_struct *info;
	struct script *script;
	const uint8_t *at, *end;                 /* of the file */
	const uint8_t *tables[2][NUM_HUFF_TBLS]; /* as they are now; NULL: none */
	uint32_t interval;
	uint8_t open[SCRIPT_COMPONENTS][DCTSIZE2]; /* bits of each position */
};

/* What follows a marker. */
struct script_segment {
	const uint8_t *at;
	size_t length;
};

static const uint8_t *script_raw(const JHUFF_TBL *table)
{
	return table ? (const uint8_t *)table + offsetof(JHUFF_TBL, bits) + 1 : NULL;
}

static void script_begin(struct script_reader *reader)
{
	const struct jpeg_decompress_struct *info = reader->info;
	reader->script->count = 0;
	memset(reader->script->refines, 0, sizeof(reader->script->refines));
	reader->at = info->src->next_input_byte;
	reader->end = reader->at + info->src->bytes_in_buffer;
	reader->interval = info->restart_interval;
	memset(reader->open, SCRIPT_UNKNOWN, sizeof(reader->open));
	for (int i = 0; i < NUM_HUFF_TBLS; i++) {
		reader->tables[0][i] = script_raw(info->dc_huff_tbl_ptrs[i]);
		reader->tables[SCRIPT_AC][i] = script_raw(info->ac_huff_tbl_ptrs[i]);
	}
}

/* Several tables, each with class and number in front. */
static bool script_tables(struct script_reader *reader, struct script_segment segment)
{
	while (segment.length > SCRIPT_COUNTS) {
		const uint8_t *table = segment.at + 1;
		const uint32_t class = segment.at[0] >> 4, number = segment.at[0] & 15;
		size_t bytes = 1 + SCRIPT_COUNTS, values = 0;
		for (int i = 0; i < SCRIPT_COUNTS; i++)
			values += table[i];
		bytes += values;
		if (values > 256 || bytes > segment.length || class > SCRIPT_AC ||
			number >= NUM_HUFF_TBLS)
			return false;
		reader->tables[class][number] = table;
		segment.at += bytes;
		segment.length -= bytes;
	}
	return segment.length == 0;
}

static bool script_interval(struct script_reader *reader, struct script_segment segment)
{
	if (segment.length != 2)
		return false;
	reader->interval = segment.at[0] * 256U + segment.at[1];
	return true;
}

/* The next marker; 0: there is none. Any of it may have been filled up with 0xFF. */
static uint8_t script_marker(struct script_reader *reader)
{
	if (reader->at == reader->end || *reader->at != 0xFF)
		return 0;
	while (reader->at < reader->end && *reader->at == 0xFF)
		reader->at++;
	return reader->at < reader->end ? *reader->at++ : 0;
}

static bool script_segment(struct script_reader *reader, struct script_segment *segment)
{
	const size_t left = (size_t)(reader->end - reader->at);
	if (left < 2)
		return false;
	const size_t length = reader->at[0] * 256U + reader->at[1];
	if (length < 2 || length > left)
		return false;
	*segment = (struct script_segment){ reader->at + 2, length - 2 };
	reader->at += length;
	return true;
}

/* A component that is listed as `id`, which no other may be. */
static bool script_component(const struct jpeg_decompress_struct *info, int id, uint8_t *number)
{
	int found = 0;
	for (int i = 0; i < info->num_components; i++)
		if (info->comp_info[i].component_id == id) {
			*number = (uint8_t)i;
			found++;
		}
	return found == 1;
}

static bool script_header(struct script_reader *reader, struct script_segment segment,
	struct script_scan *scan, uint8_t numbers[SCRIPT_COMPONENTS])
{
	const uint8_t *at = segment.at;
	if (segment.length < 4 || at[0] < 1 || at[0] > SCRIPT_COMPONENTS ||
		segment.length != at[0] * 2U + 4)
		return false;
	*scan = (struct script_scan){ .count = *at++ };
	for (uint32_t i = 0; i < scan->count; i++, at += 2) {
		if (!script_component(reader->info, at[0], &scan->components[i]))
			return false;
		numbers[i] = at[1];
	}
	scan->from = at[0];
	scan->to = at[1];
	scan->high = at[2] >> 4;
	scan->low = at[2] & 15;
	return true;
}

/* The header that libjpeg-turbo has read. */
static bool script_first(
	struct script_reader *reader, struct script_scan *scan, uint8_t numbers[SCRIPT_COMPONENTS])
{
	const struct jpeg_decompress_struct *info = reader->info;
	if (info->comps_in_scan > SCRIPT_COMPONENTS)
		return false;
	*scan = (struct script_scan){ .count = (uint8_t)info->comps_in_scan };
	for (int i = 0; i < info->comps_in_scan; i++) {
		const jpeg_component_info *component = info->cur_comp_info[i];
		if (!script_component(info, component->component_id, &scan->components[i]))
			return false;
		numbers[i] = (uint8_t)(component->dc_tbl_no << 4 | component->ac_tbl_no);
	}
	scan->from = (uint8_t)info->Ss;
	scan->to = (uint8_t)info->Se;
	scan->high = (uint8_t)info->Ah;
	scan->low = (uint8_t)info->Al;
	return true;
}

static bool script_fits(const struct script_scan *scan)
{
	for (uint32_t i = 1; i < scan->count; i++)
		if (scan->components[i] <= scan->components[i - 1])
			return false;
	if (scan->from == 0 ? scan->to != 0 : scan->count != 1)
		return false;
	return scan->to >= scan->from && scan->to < DCTSIZE2 && scan->low <= SCRIPT_MOST_OPEN &&
	       (scan->high == 0 || scan->low == scan->high - 1);
}

/* Whether it goes on where the scans before it have ended. */
static bool script_follows(struct script_reader *reader, const struct script_scan *scan)
{
	const uint8_t before = scan->high == 0 ? SCRIPT_UNKNOWN : scan->high;
	for (uint32_t i = 0; i < scan->count; i++) {
		uint8_t *open = reader->open[scan->components[i]];
		if (scan->from != 0 && open[0] == SCRIPT_UNKNOWN)
			return false;
		for (uint32_t position = scan->from; position <= scan->to; position++) {
			if (open[position] != before)
				return false;
			open[position] = scan->low;
		}
	}
	if (scan->from != 0 && scan->high != 0)
		reader->script->refines[scan->components[0]] = true;
	return true;
}

static void script_choose(struct script_reader *reader, struct script_scan *scan,
	const uint8_t numbers[SCRIPT_COMPONENTS])
{
	const bool ac = scan->from != 0;
	for (uint32_t i = 0; i < scan->count; i++) {
		const uint32_t number = ac ? numbers[i] & 15U : numbers[i] >> 4;
		if (number < NUM_HUFF_TBLS)
			scan->tables[i] = reader->tables[ac ? SCRIPT_AC : 0][number];
	}
}

/* From the first byte of data to the next marker that is none of restarts. */
static bool script_data(struct script_reader *reader, struct script_scan *scan)
{
	const uint8_t *at = reader->at;
	scan->data = at;
	for (;;) {
		at = memchr(at, 0xFF, (size_t)(reader->end - at));
		if (!at || reader->end - at < 2)
			return false;
		if (at[1] != 0 && (at[1] & 0xF8) != SCRIPT_RST)
			break;
		at += 2;
	}
	scan->end = reader->at = at;
	return true;
}

static bool script_scan(struct script_reader *reader, const struct script_segment *segment)
{
	struct script *script = reader->script;
	uint8_t numbers[SCRIPT_COMPONENTS] = { 0 };
	if (script->count == SCRIPT_SCANS)
		return false;
	struct script_scan *scan = &script->scans[script->count++];
	if (segment ? !script_header(reader, *segment, scan, numbers)
		    : !script_first(reader, scan, numbers))
		return false;
	script_choose(reader, scan, numbers);
	scan->interval = reader->interval;
	return script_fits(scan) && script_follows(reader, scan) && script_data(reader, scan);
}

static bool script_take(struct script_reader *reader, uint8_t marker)
{
	struct script_segment segment;
	if (!script_segment(reader, &segment))
		return false;
	switch (marker) {
	case SCRIPT_DHT:
		return script_tables(reader, segment);
	case SCRIPT_DRI:
		return script_interval(reader, segment);
	case SCRIPT_SOS:
		return script_scan(reader, &segment);
	default:
		return marker == SCRIPT_COM || (marker & 0xF0) == SCRIPT_APP;
	}
}

static bool script_complete(const struct script_reader *reader)
{
	for (int i = 0; i < reader->info->num_components; i++)
		for (int position = 0; position < DCTSIZE2; position++)
			if (reader->open[i][position] != 0)
				return false;
	return true;
}

bool script_read(struct script *script, const struct jpeg_decompress_struct *info)
{
	struct script_reader reader = { .info = info, .script = script };
	script_begin(&reader);
	if (!script_scan(&reader, NULL))
		return false;
	for (;;) {
		const uint8_t marker = script_marker(&reader);
		if (marker == SCRIPT_EOI)
			return script_complete(&reader);
		if (marker == 0 || !script_take(&reader, marker))
			return false;
	}
}

bool script_table(const struct script_scan *scan, uint32_t number, JHUFF_TBL *table)
{
	const uint8_t *raw = scan->tables[number];
	size_t values = 0;
	if (!raw)
		return false;
	memset(table, 0, sizeof(*table));
	memcpy(table->bits + 1, raw, SCRIPT_COUNTS);
	for (int i = 0; i < SCRIPT_COUNTS; i++)
		values += raw[i];
	memcpy(table->huffval, raw + SCRIPT_COUNTS, values);
	return true;
}
