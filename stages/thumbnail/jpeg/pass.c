#include "stages/thumbnail/jpeg/pass_private.h"

static void pass_begin(struct scan *scan, const struct script_scan *header)
{
	scan->interval = header->interval;
	scan_begin(scan, header->data, header->end);
}

static bool pass_finish(struct scan *scan)
{
	struct flat *flat = scan->flat;
	return flat_finished(flat, &scan->stream.reader) && flat->from == flat->end;
}

/* A mean of the MCU. */
struct pass_mean {
	const struct huffman *dc;
	int32_t *last;    /* see struct scan_stream */
	int16_t *at;      /* in the first MCU of the row */
	size_t step, row; /* coefficients to the next MCU, and to the one below */
};

struct pass_mcu {
	struct pass_mean means[SCAN_BLOCKS];
	uint32_t count;
	uint32_t low;
	uint32_t across, down; /* MCUs of the scan */
};

static bool pass_lay_component(struct pass_mcu *mcu, struct scan *scan, uint32_t number,
	const struct kept *kept, bool alone)
{
	const struct scan_component *component = &scan->components[number];
	const uint32_t across = alone ? 1 : component->across, down = alone ? 1 : component->down;
	const size_t row = kept->stride * kept->count;
	if (mcu->count + across * down > SCAN_BLOCKS)
		return false;
	for (uint32_t i = 0; i < across * down; i++)
		mcu->means[mcu->count++] = (struct pass_mean){
			.dc = component->dc,
			.last = &scan->stream.last[number],
			.at = kept->coefficients + i / across * row +
			      (size_t)(i % across) * kept->count,
			.step = (size_t)across * kept->count,
			.row = down * row,
		};
	return true;
}

static bool pass_lay(struct pass_mcu *mcu, struct scan *scan, const struct script_scan *header,
	const struct kept *kept)
{
	for (uint32_t i = 0; i < header->count; i++) {
		const uint32_t number = header->components[i];
		if (!pass_lay_component(mcu, scan, number, &kept[number], header->count == 1))
			return false;
	}
	return true;
}

static PASS_INLINE bool pass_first_means(
	const struct pass_mcu *mcu, struct reader *reader, uint32_t number)
{
	for (uint32_t i = 0; i < mcu->count; i++) {
		const struct pass_mean *mean = &mcu->means[i];
		if (!scan_dc(mean->dc, reader, mean->last))
			return false;
		mean->at[mean->step * number] = (int16_t)((uint32_t)*mean->last << mcu->low);
	}
	return true;
}

/* A bit of each. */
static PASS_INLINE void pass_more_means(
	const struct pass_mcu *mcu, struct reader *reader, uint32_t number)
{
	reader_refill(reader);
	for (uint32_t i = 0; i < mcu->count; i++) {
		const struct pass_mean *mean = &mcu->means[i];
		int16_t *at = mean->at + mean->step * number;
		*at = (int16_t)(*at | (int32_t)(reader_peek(reader, 1) << mcu->low));
		reader_skip(reader, 1);
	}
}

static bool pass_means_part(
	struct scan *scan, const struct pass_mcu *mcu, uint32_t from, uint32_t end, bool first)
{
	struct reader reader = scan->stream.reader;
	for (uint32_t number = from; number < end; number++) {
		if (!first)
			pass_more_means(mcu, &reader, number);
		else if (!pass_first_means(mcu, &reader, number))
			return false;
		if (!scan_fill(scan, &reader))
			return false;
	}
	scan->stream.reader = reader;
	return true;
}

static bool pass_means_row(struct scan *scan, const struct pass_mcu *mcu, bool first)
{
	for (uint32_t at = 0; at < mcu->across;) {
		const uint32_t stretch = scan_stretch(scan, mcu->across - at);
		if (stretch == 0 || !pass_means_part(scan, mcu, at, at + stretch, first))
			return false;
		at += stretch;
	}
	return true;
}

bool pass_means(
	struct scan *scan, const struct script_scan *header, const struct kept *kept, uint32_t rows)
{
	const struct kept *only = &kept[header->components[0]];
	const bool alone = header->count == 1;
	struct pass_mcu mcu = {
		.low = header->low,
		.across = alone ? only->width : scan->mcus,
		.down = alone ? only->height : rows,
	};
	if (!pass_lay(&mcu, scan, header, kept))
		return false;
	pass_begin(scan, header);
	for (uint32_t y = 0; y < mcu.down; y++) {
		if (!pass_means_row(scan, &mcu, header->high == 0))
			return false;
		for (uint32_t i = 0; i < mcu.count; i++)
			mcu.means[i].at += mcu.means[i].row;
	}
	return pass_finish(scan);
}

static bool pass_band_row(struct pass *pass, uint32_t row, bool first)
{
	struct scan *scan = pass->scan;
	const size_t left = pass->kept->stride * row;
	for (uint32_t at = 0; at < pass->kept->width;) {
		if (scan->interval != 0 && scan->left == 0 && pass->run != 0)
			return false;
		const uint32_t stretch = scan_stretch(scan, pass->kept->width - at);
		if (stretch == 0 || !(first ? pass_first : pass_more)(pass, left + at, stretch))
			return false;
		at += stretch;
	}
	return true;
}

bool pass_band(struct scan *scan, const struct script_scan *header, const struct band *band,
	const struct kept *kept)
{
	struct pass pass = {
		.scan = scan,
		.band = band,
		.kept = kept,
		.from = header->from,
		.to = header->to,
		.low = header->low,
	};
	pass_begin(scan, header);
	for (uint32_t row = 0; row < kept->height; row++)
		if (!pass_band_row(&pass, row, header->high == 0))
			return false;
	return pass.run == 0 && pass_finish(scan);
}
