/* Weights that are kept are those that would be made. */

#include "stages/thumbnail/kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct kernel_job job_of(uint32_t count)
{
	return (struct kernel_job){
		.pixels = 400, .extent = 399.5, .length = 399.5, .count = count, .sum = KERNEL_ONE
	};
}

static const struct kernel *found(struct kernels *kernels, const struct kernel_job *job)
{
	struct error err;
	const struct kernel *kernel = kernels_find(kernels, job, &err);
	assert_non_null(kernel);
	return kernel;
}

static void assert_as_made(const struct kernel *kept, const struct kernel_job *job)
{
	struct kernel made = { .taps = 0 };
	struct error err;
	assert_true(kernel_make(&made, job, &err));
	assert_int_equal(kept->taps, made.taps);
	assert_int_equal(kept->low, made.low);
	assert_int_equal(kept->high, made.high);
	assert_memory_equal(kept->spans, made.spans, job->count * sizeof(*made.spans));
	for (uint32_t i = 0; i < job->count; i++)
		assert_memory_equal(kept->weights + (size_t)i * kept->taps,
			made.weights + (size_t)i * made.taps,
			made.spans[i].count * sizeof(*made.weights));
	kernel_finish(&made);
}

static void test_kept(void **state)
{
	(void)state;
	struct kernels kernels = { .questions = 0 };
	const struct kernel *first[KERNELS_KEPT];
	for (uint32_t i = 0; i < KERNELS_KEPT; i++) {
		const struct kernel_job job = job_of(50 + i);
		first[i] = found(&kernels, &job);
	}
	for (uint32_t i = 0; i < KERNELS_KEPT; i++) {
		const struct kernel_job job = job_of(50 + i);
		assert_ptr_equal(found(&kernels, &job), first[i]);
		assert_as_made(first[i], &job);
	}
	kernels_finish(&kernels);
}

/* The one that was asked for last stays, the one whose turn was longest ago goes. */
static void test_replaced(void **state)
{
	(void)state;
	struct kernels kernels = { .questions = 0 };
	const struct kernel_job often = job_of(30);
	const struct kernel *stays = found(&kernels, &often);
	for (uint32_t i = 0; i < 3 * KERNELS_KEPT; i++) {
		const struct kernel_job job = job_of(50 + i);
		const struct kernel *kernel = found(&kernels, &job);
		assert_ptr_not_equal(kernel, stays);
		assert_as_made(kernel, &job);
		assert_ptr_equal(found(&kernels, &often), stays);
		assert_as_made(stays, &often);
		assert_as_made(kernel, &job);
	}
	kernels_finish(&kernels);
}

/* Whatever the weights follow from tells one job from another. */
static void test_told_apart(void **state)
{
	(void)state;
	const struct kernel_job base = job_of(40);
	struct kernel_job others[] = { base, base, base, base, base, base, base };
	others[0].pixels = 390;
	others[1].extent -= 0.25;
	others[2].start = 3;
	others[3].length -= 0.5;
	others[4].count++;
	others[5].blur = 0.03;
	others[6].sum--;
	struct kernels kernels = { .questions = 0 };
	found(&kernels, &base);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_as_made(found(&kernels, &others[i]), &others[i]);
	assert_as_made(found(&kernels, &base), &base);
	kernels_finish(&kernels);
}

static void test_trimmed(void **state)
{
	(void)state;
	struct kernels kernels = { .questions = 0 };
	const struct kernel_job small = job_of(40),
				large = { 100000, 100000, 0, 100000, 90000, 0, KERNEL_ONE };
	const struct kernel *kept = found(&kernels, &small);
	kernels_trim(&kernels);
	assert_true(kernel_fits(kept, &small));
	for (uint32_t i = 0; i < KERNELS_KEPT; i++) {
		struct kernel_job job = large;
		job.count += i;
		found(&kernels, &job);
	}
	kernels_trim(&kernels);
	for (uint32_t i = 0; i < KERNELS_KEPT; i++)
		assert_null(kernels.kept[i].weights);
	assert_as_made(found(&kernels, &small), &small);
	kernels_finish(&kernels);
}

static int weight_of(const struct kernel *kernel, uint32_t number, uint32_t pixel)
{
	const struct kernel_span *span = &kernel->spans[number];
	if (pixel < span->first || pixel >= span->first + span->count)
		return 0;
	return kernel->weights[(size_t)number * kernel->taps + pixel - span->first];
}

/* Of which an eighth, or more, is picture: its weight is that part of what it would be, whatever
 * blur is given back or added. */
static void check_part(uint32_t eighths, uint32_t count, double blur)
{
	enum { LAST = 200 };
	struct kernel whole = { .taps = 0 }, part = { .taps = 0 };
	struct error err;
	const double extent = LAST + eighths / 8.0, side = extent / count;
	struct kernel_job job = { LAST + 1, LAST + 1, 0, extent, count, blur * side * side,
		KERNEL_ONE };
	assert_true(kernel_make(&whole, &job, &err));
	job.extent = extent;
	assert_true(kernel_make(&part, &job, &err));
	const uint32_t end = count - 1;
	const double before =
		(double)weight_of(&part, end, LAST - 1) / weight_of(&whole, end, LAST - 1);
	const double wanted = weight_of(&whole, end, LAST) * before * eighths / 8;
	const int found = weight_of(&part, end, LAST);
	if (fabs(found - wanted) > 3 + wanted / 50)
		fail_msg("%u of 8, %u px, blur %g: %d instead of %g", eighths, count, blur, found,
			wanted);
	kernel_finish(&whole);
	kernel_finish(&part);
}

static void test_part_of_a_pixel(void **state)
{
	(void)state;
	for (uint32_t eighths = 1; eighths <= 8; eighths++)
		for (uint32_t count = 7; count <= 100; count += 1 + count / 4) {
			check_part(eighths, count, -0.02);
			check_part(eighths, count, 0);
			check_part(eighths, count, 0.005);
		}
}

/* Pixels that stand for what lies beyond either edge too have no weights that sums of rows have no
 * room for. */
static void test_beyond_the_edges(void **state)
{
	(void)state;
	struct kernel kernel = { .taps = 0 };
	struct error err;
	for (uint32_t pixels = 1; pixels < 90; pixels += 1 + pixels / 5)
		for (uint32_t n = 0; n < 2 * 30; n++) {
			const uint32_t count = 1 + n / 2;
			const double extent = pixels - 0.9375, side = extent / (count - 0.5);
			const struct kernel_job job = { pixels, extent, n % 2 ? -side / 2 : 0,
				side * count, count, -0.02 * side * side, KERNEL_ONE };
			assert_true(kernel_make(&kernel, &job, &err));
			for (uint32_t i = 0; i < count; i++) {
				int sum = 0;
				for (uint32_t k = 0; k < pixels; k++)
					sum += abs(weight_of(&kernel, i, k));
				assert_in_range(sum, KERNEL_ONE, 2 * KERNEL_ONE - 1);
			}
		}
	kernel_finish(&kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_told_apart),
		cmocka_unit_test(test_trimmed),
		cmocka_unit_test(test_part_of_a_pixel),
		cmocka_unit_test(test_beyond_the_edges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
