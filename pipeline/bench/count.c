#include <stdlib.h>

#include "pipeline/bench/bench.h"

static const double count_million = 1e6;

static int count_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct bench_spread bench_spread_of(double *values, size_t count)
{
	if (count == 0)
		return (struct bench_spread){ 0 };
	qsort(values, count, sizeof(*values), count_compare);
	double median = (values[(count - 1) / 2] + values[count / 2]) / 2;
	return (struct bench_spread){ values[0], median, values[count - 1] };
}

/* What is asked of one measurement; `base` is that of the base in the same round. */
typedef double count_figure(const struct measured *measured, const struct measured *base);

static double count_wall(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)(measured->wall_micros > 0 ? measured->wall_micros : 1) / count_million;
}

static double count_items(const struct measured *measured, const struct measured *base)
{
	return (double)measured->items / count_wall(measured, base);
}

static double count_megapixels(const struct measured *measured, const struct measured *base)
{
	return (double)measured->pixels / count_million / count_wall(measured, base);
}

static double count_cpu(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->cpu_micros / count_million;
}

static double count_peak(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->peak_bytes;
}

static double count_speed_up(const struct measured *measured, const struct measured *base)
{
	return (double)base->wall_micros / (double)measured->wall_micros;
}

static double count_cpus_busy(const struct measured *measured, const struct measured *base)
{
	return count_cpu(measured, base) / count_wall(measured, base);
}

static double count_busy(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->busy_micros / (double)measured->wall_micros;
}

static double count_item_cpu(const struct measured *measured, const struct measured *base)
{
	return (double)measured->cpu_micros / ((double)base->cpu_micros + 1);
}

static double count_stalled(const struct measured *measured, const struct measured *base)
{
	(void)base;
	if (measured->stalled_micros < 0)
		return -1;
	return (double)measured->stalled_micros / (double)measured->wall_micros;
}

static double count_queued(const struct measured *measured, const struct measured *base)
{
	(void)base;
	if (measured->queued_micros < 0)
		return -1;
	return (double)measured->queued_micros / (double)measured->wall_micros;
}

static double count_longest(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->longest_micros / (double)measured->wall_micros;
}

static double count_major_faults(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->major_faults;
}

static double count_read(const struct measured *measured, const struct measured *base)
{
	(void)base;
	return (double)measured->read_bytes;
}

static struct bench_spread count_over_rounds(
	const struct bench *bench, const struct bench_case *which, count_figure *figure)
{
	double *values = memory_zeroed(bench->done, sizeof(*values));
	for (uint32_t i = 0; i < bench->done; i++)
		values[i] = figure(&which->measured[i], &bench->cases[0].measured[i]);
	struct bench_spread spread = bench_spread_of(values, bench->done);
	free(values);
	return spread;
}

static void count_case(const struct bench *bench, struct bench_case *which)
{
	struct bench_figures *figures = &which->figures;
	double workers = which->workers;
	figures->wall_seconds = count_over_rounds(bench, which, count_wall);
	figures->items_per_second = count_over_rounds(bench, which, count_items);
	figures->megapixels_per_second = count_over_rounds(bench, which, count_megapixels);
	figures->cpu_seconds = count_over_rounds(bench, which, count_cpu);
	figures->peak_bytes = count_over_rounds(bench, which, count_peak);
	figures->speed_up = count_over_rounds(bench, which, count_speed_up);
	figures->efficiency = (struct bench_spread){
		figures->speed_up.least / workers,
		figures->speed_up.median / workers,
		figures->speed_up.most / workers,
	};
	figures->cpus_busy = count_over_rounds(bench, which, count_cpus_busy).median;
	figures->workers_busy = count_over_rounds(bench, which, count_busy).median / workers;
	figures->item_cpu = count_over_rounds(bench, which, count_item_cpu).median;
	figures->stalled = count_over_rounds(bench, which, count_stalled).median;
	figures->queued = count_over_rounds(bench, which, count_queued).median;
	figures->longest = count_over_rounds(bench, which, count_longest).median;
	figures->major_faults = count_over_rounds(bench, which, count_major_faults).median;
	figures->read_bytes = count_over_rounds(bench, which, count_read).median;
}

static void count_judge(const struct bench *bench, struct bench_case *which)
{
	which->trouble = "";
	for (uint32_t i = 0; i < bench->done && !*which->trouble; i++)
		which->trouble = which->measured[i].trouble;
	which->fine = bench->done > 0 && !*which->trouble;
}

void bench_count(struct bench *bench)
{
	for (size_t i = 0; i < bench->count; i++)
		count_judge(bench, &bench->cases[i]);
	if (bench->count == 0 || !bench->cases[0].fine)
		return;
	bench->not_made = bench->cases[0].measured[0].outcomes[OUTCOME_FAILED];
	for (size_t i = 0; i < bench->count; i++)
		if (bench->cases[i].fine)
			count_case(bench, &bench->cases[i]);
}
