#include "stages/thumbnail/maker_private.h"

#include <inttypes.h>

/* A thumbnail within its budget of bytes: the best quality that fits, down to half of what was
 * asked for; then smaller sides, and again the best quality that fits. */

enum {
	BUDGET_NUMERATOR = 3,   /* sides become so many ... */
	BUDGET_DENOMINATOR = 4, /* ... of so many */
	BUDGET_SHORTEST = 16,   /* px: no smaller than that, longer side */
};

/* Of one that is being fitted. */
struct budget {
	struct maker *maker;
	const struct maker_picture *picture;
	size_t number;
	struct size size; /* with the quality and sides that are tried */
	int best, worst;  /* quality; 0: it has none */
};

static bool budget_encode(struct budget *budget, struct encode_job *encoding, int quality,
	bool *fits, struct error *err)
{
	budget->size.quality = quality;
	encoding->size = &budget->size;
	if (!encode_surface(encoding, &budget->maker->out, err))
		return false;
	*fits = budget->maker->out.length <= budget->size.budget;
	return true;
}

/* The best quality at these sides, of which `worst` is known to fit. */
static bool budget_search(struct budget *budget, struct encode_job *encoding, struct error *err)
{
	int fitting = budget->worst, above = budget->best;
	bool fits = true;
	while (above - fitting > 1) {
		const int middle = fitting + (above - fitting) / 2;
		if (!budget_encode(budget, encoding, middle, &fits, err))
			return false;
		if (fits)
			fitting = middle;
		else
			above = middle;
	}
	return fits || budget_encode(budget, encoding, fitting, &fits, err);
}

/* Encodes at these sides: best, worst, and what lies between. */
static bool budget_try(
	struct budget *budget, struct encode_job *encoding, bool *fits, struct error *err)
{
	if (!budget_encode(budget, encoding, budget->best, fits, err))
		return false;
	if (*fits || budget->best == budget->worst)
		return true;
	return budget_encode(budget, encoding, budget->worst, fits, err) &&
	       (!*fits || budget_search(budget, encoding, err));
}

static uint32_t budget_side(uint32_t side)
{
	const uint32_t less = side * BUDGET_NUMERATOR / BUDGET_DENOMINATOR;
	return less ? less : 1;
}

/* False where it is as small as it may become. */
static bool budget_shrink(struct budget *budget)
{
	const struct geometry *now = &budget->maker->upright[budget->number];
	const uint32_t longer =
		now->canvas_width > now->canvas_height ? now->canvas_width : now->canvas_height;
	if (longer <= BUDGET_SHORTEST)
		return false;
	budget->size.width = budget_side(now->canvas_width);
	budget->size.height = budget_side(now->canvas_height);
	/* What came out is the box now. */
	if (budget->size.fit == FIT_OUTSIDE)
		budget->size.fit = FIT_INSIDE;
	maker_place(budget->maker, budget->picture, budget->number, &budget->size);
	return true;
}

static bool budget_fail(const struct budget *budget, struct error *err)
{
	const struct geometry *now = &budget->maker->upright[budget->number];
	return fail(err, ERROR_LIMIT,
		"its size '%s' has %zu bytes even at %" PRIu32 " x %" PRIu32 " px, %" PRIu64
		" are allowed (budget)",
		budget->size.name, budget->maker->out.length, now->canvas_width, now->canvas_height,
		budget->size.budget);
}

bool maker_encode(struct maker *maker, const struct maker_picture *picture, size_t number,
	struct encode_job *encoding, struct error *err)
{
	const struct size *asked = encoding->size;
	if (asked->budget == 0)
		return encode_surface(encoding, &maker->out, err);
	const int quality = encode_quality(encoding);
	struct budget budget = {
		.maker = maker,
		.picture = picture,
		.number = number,
		.size = *asked,
		.best = quality,
		.worst = quality > 1 ? quality / 2 : quality,
	};
	bool fits = false, fine = budget_try(&budget, encoding, &fits, err);
	while (fine && !fits) {
		if (!budget_shrink(&budget)) {
			fine = budget_fail(&budget, err);
			break;
		}
		fine = maker_lay(maker, picture, number, encoding, err) &&
		       budget_try(&budget, encoding, &fits, err);
	}
	encoding->size = asked;
	return fine;
}
