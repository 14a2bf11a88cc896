#include "pipeline/executors/auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

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
	static const struct {
		uint32_t affinity;
		double quota;
		uint32_t count;
	} cases[] = {
		{ 8, 0, 8 }, /* no quota */
		{ 8, 0.1, 1 },
		{ 8, 1, 1 },
		{ 8, 1.01, 2 },
		{ 8, 1.5, 2 },
		{ 8, 2.5, 2 },
		{ 8, 3.99, 3 },
		{ 8, 64, 8 },
		{ 1, 1.5, 1 },
		{ 0, 0, 1 },
		{ 5000, 0, 1024 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(auto_count(cases[i].affinity, cases[i].quota), cases[i].count);
}

static void test_auto_has_no_quota(void **state)
{
	(void)state;
	assert_true(auto_quota(".") == 0);
	auto_write("proc/self/mountinfo", "rubbish\n" V2_MOUNT V1_MOUNT " - \n - a\n");
	assert_true(auto_quota(".") == 0);
	auto_write("proc/self/cgroup", "0::/a\n4:cpu,cpuacct:/b\nx\n::\n");
	assert_true(auto_quota(".") == 0);
	auto_write("sys/fs/cgroup/a/cpu.max", "max 100000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/b/cpu.cfs_quota_us", "-1\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/b/cpu.cfs_period_us", "100000\n");
	assert_true(auto_quota(".") == 0);
}

/* The tightest limit may be any ancestor's. */
static void test_auto_walks_up_version_2(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V2_MOUNT);
	auto_write("proc/self/cgroup", "0::/a/b/c\n");
	auto_write("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
	assert_true(auto_quota(".") == 8);
	auto_write("sys/fs/cgroup/a/cpu.max", "300000 200000\n");
	assert_true(auto_quota(".") == 1.5);
	auto_write("sys/fs/cgroup/a/b/cpu.max", "0 0\n");
	assert_true(auto_quota(".") == 1.5);
	auto_write("sys/fs/cgroup/cpu.max", "50000 100000\n");
	assert_true(auto_quota(".") == 0.5);
}

static void test_auto_walks_up_version_1(void **state)
{
	(void)state;
	auto_write("proc/self/mountinfo", V1_OTHER V1_MOUNT V2_MOUNT);
	auto_write("proc/self/cgroup", "5:cpuset:/z\n4:cpu,cpuacct:/a/b\n0::/init\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "400000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
	assert_true(auto_quota(".") == 4);
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "30000\n");
	auto_write("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "10000\n");
	assert_true(auto_quota(".") == 3);
	auto_write("sys/fs/cgroup/init/cpu.max", "100000 100000\n");
	assert_true(auto_quota(".") == 1);
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
	assert_true(auto_quota(".") == 2);
	auto_write("proc/self/cgroup", "4:cpu:/elsewhere\n");
	assert_true(auto_quota(".") == 2);
	auto_write("proc/self/cgroup", "4:cpu:/docker/77/inner\n");
	auto_write("sys/fs/cgr oup/inner/cpu.cfs_quota_us", "100000\n");
	auto_write("sys/fs/cgr oup/inner/cpu.cfs_period_us", "100000\n");
	assert_true(auto_quota(".") == 1);
	auto_write("proc/self/cgroup", "4:cpu:/docker/77/../../other\n");
	assert_true(auto_quota(".") == 2);
}

static void test_auto_heeds_the_option(void **state)
{
	(void)state;
	struct auto_settings settings = { .workers = { .number = 7, .word = -1 } };
	assert_int_equal(auto_workers(&settings), 7);
	settings.workers = (struct option_number){ .word = 0 };
	assert_in_range(auto_workers(&settings), 1, AUTO_MOST);
	assert_true(auto_affinity() >= 1);
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
		cmocka_unit_test(test_auto_heeds_the_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
