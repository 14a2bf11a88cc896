#include "stages/pair/shape.h"

uint32_t shape_groups(uint32_t count, uint32_t size, uint32_t *larger)
{
	const uint32_t over = count % size;
	*larger = 0;
	if (count < 2)
		return 0;
	if (over * (size + 1) > count)
		return count / size + 1; /* 2 and 5 in threes: the last is a pair */
	*larger = over;
	return (count - over * (size + 1)) / size + over;
}

struct shape_range shape_range(uint32_t count, uint32_t size, uint32_t at)
{
	uint32_t larger;
	shape_groups(count, size, &larger);
	const uint32_t large_end = larger * (size + 1);
	const bool large = at < large_end;
	const uint32_t step = large ? size + 1 : size, from = large ? 0 : large_end;
	const uint32_t first = from + (at - from) / step * step;
	return (struct shape_range){ first, first + step < count ? first + step : count };
}
