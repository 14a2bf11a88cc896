#include "pipeline/executors/auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/executors/cgroup.h"
#include "tests/fakes/scratch.h"

static void auto_write(const char *path, const char *text)
{
	char folder[256];
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (access(folder, F_OK) != 0)
			scratch_folder(folder);
	}
	scratch_write(path, text, strlen(text));
}

#define V2_MOUNT "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_MOUNT "33 24 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
#define V1_OTHER "34 24 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"

static void test_auto_counts(void **state)
{
	(void)state;
	const double mib = 1024.0 * 1024, gib = 1024 * mib;
	const struct {
		struct auto_facts facts;
		uint32_t count;
		const char *why;
	} cases[] = {
		{ { 8, 0, 0, 0, 0 }, 8, "8 workers: 8 cpus" },
		{ { 8, 0.1, 0, 0, 0 }, 1, "1 worker: 8 cpus, cgroup quota 0.1" },
		{ { 8, 1, 0, 0, 0 }, 1, "1 worker: 8 cpus, cgroup quota 1.0" },
		{ { 8, 1.01, 0, 0, 0 }, 2, "2 workers: 8 cpus, cgroup quota 1.0" },
		{ { 8, 1.5, 0, 0, 0 }, 2, "2 workers: 8 cpus, cgroup quota 1.5" },
		{ { 8, 2.5, 0, 0, 0 }, 2, "2 workers: 8 cpus, cgroup quota 2.5" },
		{ { 8, 3.99, 0, 0, 0 }, 3, "3 workers: 8 cpus, cgroup quota 4.0" },
		{ { 8, 64, 0, 0, 0 }, 8, "8 workers: 8 cpus, cgroup quota 64.0" },
		{ { 1, 1.5, 0, 0, 0 }, 1, "1 worker: 1 cpu, cgroup quota 1.5" },
		{ { 0, 0, 0, 0, 0 }, 1, "1 worker: 0 cpus" },
		{ { 5000, 0, 0, 0, 0 }, 1024, "1024 workers: 5000 cpus" },
		{ { 8, 4, 4.1 * gib, 0, 0 }, 4,
			"4 workers: 8 cpus, cgroup quota 4.0, memory allows 11" },
		{ { 8, 4, gib, 0, 0 }, 2, "2 workers: 8 cpus, cgroup quota 4.0, memory allows 2" },
		{ { 8, 0, 1, 0, 0 }, 1, "1 worker: 8 cpus, memory allows 1" },
		{ { 8, 0, 1e15, 0, 0 }, 8, "8 workers: 8 cpus, memory allows over 1024" },
		{ { 8, 0, gib, 100 * mib, 2 * gib }, 8,
			"8 workers: 8 cpus, memory allows 27 of 100.0 MiB" },
		{ { 8, 0, 0.5 * gib, 100 * mib, 0 }, 3,
			"3 workers: 8 cpus, memory allows 3 of 100.0 MiB" },
		{ { 8, 0, 32 * mib, 1, 0 }, 1, "1 worker: 8 cpus, memory allows 1 of 1 B" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text why = { .data = NULL };
		assert_int_equal(auto_count(&cases[i].facts), cases[i].count);
		auto_explain(&cases[i].facts, &why);
		assert_string_equal(why.data, cases[i].why);
		text_finish(&why);
	}
}

static void test_auto_has_no_quota(void **state)
{
	(void)state;
	assert_true(cgroup_quota(".") == 0);
	auto_write("proc/self/mountinfo", "rubbish\n" V2_MOUNT V1_MOUNT " - \n - a\n");
	assert_true(cgroup_quota(".") == 0);
	auto_write("proc/self/cgroup", "0::/a\n4:cpu,cpuacct:/b\nx\n::\n");
	assert_true(cgroup_quota(".") == 0);
	auto_write("sys/fs/cgroup/a/cpu.max", "max 100000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/b/cpu.cfs_quota_us", "-1\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/b/cpu.cfs_period_us", "100000\n");
	assert_true(cgroup_quota(".") == 0);
}

/* The tightest limit may be any ancestor's. */
static void test_auto_walks_up_version_2(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V2_MOUNT);
	auto_write("proc/self/cgroup", "0::/a/b/c\n");
	auto_write("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
	assert_true(cgroup_quota(".") == 8);
	auto_write("sys/fs/cgroup/a/cpu.max", "300000 200000\n");
	assert_true(cgroup_quota(".") == 1.5);
	auto_write("sys/fs/cgroup/a/b/cpu.max", "0 0\n");
	assert_true(cgroup_quota(".") == 1.5);
	auto_write("sys/fs/cgroup/cpu.max", "50000 100000\n");
	assert_true(cgroup_quota(".") == 0.5);
}

static void test_auto_walks_up_version_1(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V1_OTHER V1_MOUNT V2_MOUNT);
	auto_write("proc/self/cgroup", "5:cpuset:/z\n4:cpu,cpuacct:/a/b\n0::/init\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "400000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
	assert_true(cgroup_quota(".") == 4);
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "30000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "10000\n");
	assert_true(cgroup_quota(".") == 3);
	auto_write("sys/fs/cgroup/init/cpu.max", "100000 100000\n");
	assert_true(cgroup_quota(".") == 1);
}

/* A container sees its own group as the mount's top, under a name that its /proc tells from
 * outside. */
static void test_auto_in_a_container(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo",
		"33 24 0:29 /docker/77 /sys/fs/cgr\\040oup rw - cgroup cgroup rw,cpu\n");
	auto_write("proc/self/cgroup", "4:cpu:/docker/77\n");
	auto_write("sys/fs/cgr oup/cpu.cfs_quota_us", "200000\n");
	auto_write("sys/fs/cgr oup/cpu.cfs_period_us", "100000\n");
	assert_true(cgroup_quota(".") == 2);
	auto_write("proc/self/cgroup", "4:cpu:/elsewhere\n");
	assert_true(cgroup_quota(".") == 2);
	auto_write("proc/self/cgroup", "4:cpu:/docker/77/inner\n");
	auto_write("sys/fs/cgr oup/inner/cpu.cfs_quota_us", "100000\n");
	auto_write("sys/fs/cgr oup/inner/cpu.cfs_period_us", "100000\n");
	assert_true(cgroup_quota(".") == 1);
	auto_write("proc/self/cgroup", "4:cpu:/docker/77/../../other\n");
	assert_true(cgroup_quota(".") == 2);
}

#define V1_MEMORY "35 24 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

/* What is left of the tightest limit; what a group holds of files counts as left. */
static void test_auto_memory_version_2(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V2_MOUNT);
	auto_write("proc/self/cgroup", "0::/a/b\n");
	assert_true(cgroup_memory(".") == 0);
	auto_write("sys/fs/cgroup/a/b/memory.max", "max\n");
	auto_write("sys/fs/cgroup/a/b/memory.current", "5000\n");
	assert_true(cgroup_memory(".") == 0);
	auto_write("sys/fs/cgroup/a/memory.max", "9000\n");
	assert_true(cgroup_memory(".") == 0);
	auto_write("sys/fs/cgroup/a/memory.current", "8000\n");
	assert_true(cgroup_memory(".") == 1000);
	auto_write("sys/fs/cgroup/a/memory.stat", "anon 7\ninactive_file_x 1\ninactive_file 500\n");
	assert_true(cgroup_memory(".") == 1500);
	auto_write("sys/fs/cgroup/a/memory.current", "20000\n");
	assert_true(cgroup_memory(".") == 1);
}

static void test_auto_memory_version_1(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V1_MOUNT V1_MEMORY);
	auto_write("proc/self/cgroup", "4:memory:/a\n5:cpu:/z\n");
	auto_write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
	auto_write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "100\n");
	assert_true(cgroup_memory(".") > 1e18);
	auto_write("sys/fs/cgroup/memory/memory.limit_in_bytes", "4000\n");
	auto_write("sys/fs/cgroup/memory/memory.usage_in_bytes", "3000\n");
	auto_write(
		"sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 200\n");
	assert_true(cgroup_memory(".") == 1200);
}

/* The machine's memory counts too. */
static void test_auto_looks(void **state)
{
	(void)state;
	assert_true(auto_look(".").memory == 0);
	auto_write("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    8 kB\n");
	assert_true(auto_look(".").memory == 8192);
	auto_write("proc/self/mountinfo", V2_MOUNT);
	auto_write("proc/self/cgroup", "0::/\n");
	auto_write("sys/fs/cgroup/memory.max", "9000\n");
	auto_write("sys/fs/cgroup/memory.current", "1000\n");
	auto_write("sys/fs/cgroup/cpu.max", "150000 100000\n");
	assert_true(auto_look(".").memory == 8000);
	assert_true(auto_look(".").quota == 1.5);
	assert_true(auto_look(".").cpus >= 1);
}

static void test_auto_heeds_the_option(void **state)
{
	(void)state;
	struct text why = { .data = NULL };
	struct auto_settings settings = { .workers = { .number = 7, .word = -1 } };
	assert_int_equal(auto_workers(&settings, &why), 7);
	assert_string_equal(why.data, "7 workers");
	settings.workers = (struct option_number){ .word = 0 };
	assert_in_range(auto_workers(&settings, NULL), 1, AUTO_MOST);
	text_finish(&why);
}

#define SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto_counts),
		SCRATCH(test_auto_has_no_quota),
		SCRATCH(test_auto_walks_up_version_2),
		SCRATCH(test_auto_walks_up_version_1),
		SCRATCH(test_auto_in_a_container),
		SCRATCH(test_auto_memory_version_2),
		SCRATCH(test_auto_memory_version_1),
		SCRATCH(test_auto_looks),
		cmocka_unit_test(test_auto_heeds_the_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
