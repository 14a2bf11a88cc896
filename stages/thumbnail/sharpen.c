#include "stages/thumbnail/sharpen.h"

#include <math.h>

enum { SHARPEN_ONE = 256 };

static uint8_t sharpen_between(int32_t value, int32_t most)
{
	return (uint8_t)(value < 0 ? 0 : value > most ? most : value);
}

/* The rows around one, which at the edge is its own neighbour. */
struct sharpen_rows {
	const uint8_t *above, *here, *below;
	uint32_t width, channels;
};

/* A blur by 1 2 1 in both directions, 16 times too large. */
static int32_t sharpen_blur(const struct sharpen_rows *rows, uint32_t x, uint32_t c)
{
	const size_t channels = rows->channels;
	const size_t left = (x > 0 ? x - 1 : 0) * channels + c;
	const size_t at = x * channels + c;
	const size_t right = (x + 1 < rows->width ? x + 1 : x) * channels + c;
	const uint8_t *above = rows->above, *here = rows->here, *below = rows->below;
	return above[left] + 2 * above[at] + above[right] + 2 * here[left] + 4 * here[at] +
	       2 * here[right] + below[left] + 2 * below[at] + below[right];
}

static void sharpen_row(const struct sharpen_rows *rows, int32_t amount, uint8_t *to)
{
	const uint32_t channels = rows->channels;
	const uint32_t colours = channels == 4 ? 3 : channels;
	const uint8_t *here = rows->here;
	for (uint32_t x = 0; x < rows->width; x++, here += channels, to += channels) {
		const int32_t most = channels == 4 ? here[3] : 255;
		for (uint32_t c = 0; c < colours; c++) {
			const int32_t detail = 16 * here[c] - sharpen_blur(rows, x, c);
			const int32_t added =
				(detail * amount + 8 * SHARPEN_ONE) >> 12; /* 16 * SHARPEN_ONE */
			to[c] = sharpen_between(here[c] + added, most);
		}
		if (channels == 4)
			to[3] = here[3];
	}
}

bool sharpen_surface(
	const struct surface *from, double amount, struct surface *to, struct error *err)
{
	if (!surface_shape(to, from->width, from->height, from->channels, err))
		return false;
	const int32_t steps = (int32_t)lrint(amount * SHARPEN_ONE);
	for (uint32_t y = 0; y < from->height; y++) {
		const struct sharpen_rows rows = {
			.above = surface_row(from, y > 0 ? y - 1 : 0),
			.here = surface_row(from, y),
			.below = surface_row(from, y + 1 < from->height ? y + 1 : y),
			.width = from->width,
			.channels = from->channels,
		};
		sharpen_row(&rows, steps, surface_row(to, y));
	}
	return true;
}
