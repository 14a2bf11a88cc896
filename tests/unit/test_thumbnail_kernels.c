/* Weights that are kept are those that would be made. */

#include "stages/thumbnail/kernels.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_told_apart),
		cmocka_unit_test(test_trimmed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
