#include "stages/thumbnail/focus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOCUS_SLICES = 64, FOCUS_TONES = 64 };

/* The picture cut into slices along the side of which something goes. */
struct focus {
	const struct surface *picture;
	bool across; /* slices stand beside one another */
	uint32_t tones[FOCUS_SLICES][FOCUS_TONES];
	uint64_t interest[FOCUS_SLICES];
};

static unsigned focus_tone(const uint8_t *pixel, uint32_t channels)
{
	return channels == 1 ? pixel[0] : (2U * pixel[0] + 5U * pixel[1] + pixel[2]) / 8;
}

static unsigned focus_colour(const uint8_t *pixel, uint32_t channels)
{
	if (channels == 1)
		return 0;
	unsigned low = pixel[0], high = pixel[0];
	for (int c = 1; c < 3; c++) {
		low = pixel[c] < low ? pixel[c] : low;
		high = pixel[c] > high ? pixel[c] : high;
	}
	return high - low;
}

/* Of any complexion: red before green before blue, neither pale nor glowing. */
static bool focus_is_skin(const uint8_t *pixel, uint32_t channels)
{
	if (channels == 1)
		return false;
	const int red = pixel[0], green = pixel[1], blue = pixel[2];
	return red > 60 && red > green + 15 && green > blue && red - blue > 20 && red - blue < 130;
}

/* Edges count most, colours where there is light to see them, skin as much as a clear edge. */
static unsigned focus_interest(const struct surface *picture, uint32_t x, uint32_t y)
{
	const uint32_t channels = picture->channels;
	const uint8_t *pixel = surface_row(picture, y) + (size_t)x * channels;
	const int tone = (int)focus_tone(pixel, channels);
	const int right = (int)focus_tone(pixel + channels, channels);
	const int below = (int)focus_tone(pixel + picture->stride, channels);
	const unsigned edge = (unsigned)(abs(right - tone) + abs(below - tone));
	const unsigned colour = tone > 25 && tone < 230 ? focus_colour(pixel, channels) / 8 : 0;
	return edge + colour + (focus_is_skin(pixel, channels) ? 24 : 0);
}

static void focus_read(struct focus *focus)
{
	const struct surface *picture = focus->picture;
	const uint32_t channels = picture->channels;
	for (uint32_t y = 0; y + 1 < picture->height; y++)
		for (uint32_t x = 0; x + 1 < picture->width; x++) {
			const uint8_t *pixel = surface_row(picture, y) + (size_t)x * channels;
			const uint64_t slice =
				focus->across ? (uint64_t)x * FOCUS_SLICES / picture->width
					      : (uint64_t)y * FOCUS_SLICES / picture->height;
			const unsigned tone = focus_tone(pixel, channels);
			focus->tones[slice][tone * FOCUS_TONES / 256]++;
			focus->interest[slice] += focus_interest(picture, x, y);
		}
}

static double focus_entropy(const struct focus *focus, uint32_t first, uint32_t count)
{
	uint64_t tones[FOCUS_TONES] = { 0 }, all = 0;
	for (uint32_t slice = first; slice < first + count; slice++)
		for (int i = 0; i < FOCUS_TONES; i++)
			tones[i] += focus->tones[slice][i];
	for (int i = 0; i < FOCUS_TONES; i++)
		all += tones[i];
	double entropy = 0;
	for (int i = 0; i < FOCUS_TONES; i++)
		if (tones[i] > 0)
			entropy -= (double)tones[i] / (double)all *
				   log2((double)tones[i] / (double)all);
	return entropy;
}

static double focus_attention(const struct focus *focus, uint32_t first, uint32_t count)
{
	uint64_t sum = 0;
	for (uint32_t slice = first; slice < first + count; slice++)
		sum += focus->interest[slice];
	return (double)sum;
}

/* The first of `count` slices that are best; of equal ones those nearest to the middle. */
static uint32_t focus_best(const struct focus *focus, uint32_t count, enum size_crop crop)
{
	const uint32_t last = FOCUS_SLICES - count;
	uint32_t best = last / 2;
	double most = -1;
	for (uint32_t i = 0; i <= last; i++) {
		const uint32_t first = i % 2 ? last / 2 + (i + 1) / 2 : last / 2 - i / 2;
		const double worth = crop == CROP_ENTROPY ? focus_entropy(focus, first, count)
							  : focus_attention(focus, first, count);
		if (worth > most * (1 + 1e-9)) {
			most = worth;
			best = first;
		}
	}
	return best;
}

/* Where a kept part of `kept` of `whole` px begins. */
static uint32_t focus_place(
	const struct focus *focus, uint32_t whole, uint32_t kept, enum size_crop crop)
{
	const uint64_t slices = (uint64_t)kept * FOCUS_SLICES / whole;
	const uint32_t count = slices > 0 ? (uint32_t)slices : 1;
	const uint32_t last = FOCUS_SLICES - count;
	const uint32_t free = whole - kept;
	if (last == 0)
		return free / 2;
	return (uint32_t)((2 * (uint64_t)free * focus_best(focus, count, crop) + last) /
			  (2 * last));
}

void focus_move(struct geometry *stored, const struct surface *decoded, enum size_crop crop)
{
	const bool across = stored->width < stored->scaled_width;
	const bool down = stored->height < stored->scaled_height;
	if ((crop != CROP_ENTROPY && crop != CROP_ATTENTION) || across == down)
		return;
	struct focus focus;
	memset(&focus, 0, sizeof(focus));
	focus.picture = decoded;
	focus.across = across;
	focus_read(&focus);
	if (across)
		stored->left = focus_place(&focus, stored->scaled_width, stored->width, crop);
	else
		stored->top = focus_place(&focus, stored->scaled_height, stored->height, crop);
}
