#include "stages/thumbnail/kernel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double kernel_lobes = 3;
static const double kernel_pi = 3.14159265358979323846;

/* What all output pixels share: the ratio, and the turn of the angle from tap to tap. */
struct kernel_turn {
	double stretch;
	double step, sine, cosine;
};

static struct kernel_turn kernel_turn_of(double scale)
{
	const double stretch = scale > 1 ? scale : 1;
	const double step = kernel_pi / (kernel_lobes * stretch);
	return (struct kernel_turn){ stretch, step, sin(step), cos(step) };
}

/* sinc(x) * sinc(x / 3) but for a factor that is the same for all, `distance` source pixels from
 * the centre, where `sine` is that of pi x / 3: one is enough, since sin 3a = 3 sin a - 4
 * sin^3 a. */
static inline double kernel_lanczos(const struct kernel_turn *turn, double distance, double sine)
{
	static const double nothing = 1e-6;
	if (fabs(distance) < nothing * turn->stretch)
		return kernel_lobes * turn->step * turn->step;
	if (fabs(distance) >= kernel_lobes * turn->stretch)
		return 0;
	const double square = sine * sine;
	return square * (3 - 4 * square) / (distance * distance);
}

static bool kernel_room(void **memory, size_t *room, size_t bytes)
{
	if (bytes <= *room)
		return true;
	free(*memory);
	*memory = malloc(bytes);
	*room = *memory ? bytes : 0;
	return *memory != NULL;
}

static bool kernel_reserve(struct kernel *kernel, uint32_t count)
{
	void *spans = kernel->spans, *weights = kernel->weights, *scratch = kernel->scratch;
	const size_t weight_bytes = (size_t)count * kernel->taps * sizeof(*kernel->weights);
	bool done = kernel_room(&spans, &kernel->span_room, count * sizeof(*kernel->spans));
	done &= kernel_room(&weights, &kernel->weight_room, weight_bytes);
	done &= kernel_room(
		&scratch, &kernel->scratch_room, kernel->taps * sizeof(*kernel->scratch));
	kernel->spans = spans;
	kernel->weights = weights;
	kernel->scratch = scratch;
	return done;
}

/* Real weights into `scratch`; their sum. From tap to tap the angle grows by the same, so its sine
 * is turned by that instead of being computed anew. */
static double kernel_weigh(struct kernel *kernel, const struct kernel_turn *turn,
	const struct kernel_span *span, double centre)
{
	assert(span->count > 0);
	const double start = span->first + 0.5 - centre;
	double sine = sin(start * turn->step), cosine = cos(start * turn->step);
	double sum = 0;
	for (uint32_t k = 0; k < span->count; k++) {
		kernel->scratch[k] = kernel_lanczos(turn, start + k, sine);
		sum += kernel->scratch[k];
		const double turned = sine * turn->cosine + cosine * turn->sine;
		cosine = cosine * turn->cosine - sine * turn->sine;
		sine = turned;
	}
	return sum;
}

/* A blur of second moment b is 1 + b / 2 d^2/dx^2 to the second order; the inverse of that is
 * applied to the weights instead of the pixels. (A mean over a width of h has h^2 / 12.) The ends
 * are repeated, so that the sum stays. */
static void kernel_restore(double *weights, uint32_t count, double blur)
{
	assert(count > 0);
	const double amount = blur / 2;
	double before = weights[0];
	for (uint32_t k = 0; k < count; k++) {
		const double here = weights[k];
		const double after = k + 1 < count ? weights[k + 1] : here;
		weights[k] += amount * (2 * here - before - after);
		before = here;
	}
}

/* A last pixel counts for as much of it as is picture; what that takes off the sum. Weights are
 * restored before: as a step among them it would come back many times as high. */
static double kernel_cut(struct kernel *kernel, const struct kernel_span *span)
{
	double *last = &kernel->scratch[span->count - 1];
	const double covered = kernel->job.extent - (span->first + span->count - 1);
	const double lost = covered < 1 ? *last * (1 - covered) : 0;
	*last -= lost;
	return lost;
}

/* What rounding leaves over goes to the heaviest tap, where it is least felt. */
static void kernel_round(const struct kernel *kernel, uint32_t count, double sum, int16_t *weights)
{
	assert(count > 0);
	const double scale = kernel->job.sum / sum;
	int left = kernel->job.sum;
	uint32_t heaviest = 0;
	for (uint32_t k = 0; k < count; k++) {
		weights[k] = (int16_t)lrint(kernel->scratch[k] * scale);
		left -= weights[k];
		if (weights[k] > weights[heaviest])
			heaviest = k;
	}
	weights[heaviest] = (int16_t)(weights[heaviest] + left);
}

/* Leading and trailing zeros cost time and nothing else. */
static void kernel_trim(struct kernel_span *span, int16_t *weights)
{
	uint32_t zeros = 0;
	while (zeros + 1 < span->count && weights[zeros] == 0)
		zeros++;
	for (uint32_t k = zeros; k < span->count; k++)
		weights[k - zeros] = weights[k];
	span->first += zeros;
	span->count -= zeros;
	while (span->count > 1 && weights[span->count - 1] == 0)
		span->count--;
}

static void kernel_pixel(struct kernel *kernel, const struct kernel_turn *turn, uint32_t number)
{
	const struct kernel_job *job = &kernel->job;
	const double centre = job->start + (number + 0.5) * (job->length / job->count);
	const double low = floor(centre - kernel_lobes * turn->stretch);
	const double high = ceil(centre + kernel_lobes * turn->stretch);
	const double end = job->extent < job->pixels ? ceil(job->extent) : job->pixels;
	struct kernel_span *span = &kernel->spans[number];
	span->first = low > 0 ? (uint32_t)low : 0;
	span->count = (uint32_t)(high < end ? high : end) - span->first;
	int16_t *weights = kernel->weights + (size_t)number * kernel->taps;
	const double sum = kernel_weigh(kernel, turn, span, centre);
	kernel_restore(kernel->scratch, span->count, job->blur);
	const double lost = kernel_cut(kernel, span);
	kernel_round(kernel, span->count, sum - lost, weights);
	kernel_trim(span, weights);
	if (number == 0 || span->first < kernel->low)
		kernel->low = span->first;
	if (number == 0 || span->first + span->count > kernel->high)
		kernel->high = span->first + span->count;
}

bool kernel_fits(const struct kernel *kernel, const struct kernel_job *job)
{
	const struct kernel_job *made = &kernel->job;
	return made->pixels == job->pixels && made->extent == job->extent &&
	       made->start == job->start && made->length == job->length &&
	       made->count == job->count && made->blur == job->blur && made->sum == job->sum;
}

bool kernel_make(struct kernel *kernel, const struct kernel_job *job, struct error *err)
{
	if (kernel_fits(kernel, job))
		return true;
	kernel->job = *job;
	const struct kernel_turn turn = kernel_turn_of(job->length / job->count);
	const double most = ceil(2 * kernel_lobes * turn.stretch) + 2;
	kernel->taps = most < job->pixels ? (uint32_t)most : job->pixels;
	if (!kernel_reserve(kernel, job->count)) {
		kernel->job.count = 0;
		return fail(err, ERROR_MEMORY, "no memory to resample %u px", job->count);
	}
	for (uint32_t number = 0; number < job->count; number++)
		kernel_pixel(kernel, &turn, number);
	return true;
}

void kernel_finish(struct kernel *kernel)
{
	free(kernel->spans);
	free(kernel->weights);
	free(kernel->scratch);
	*kernel = (struct kernel){ .taps = 0 };
}
