/* The contract of cache_tier.h, for every row of its table, against a server of the test's own. */

#include "pipeline/cache_tier.h"

#include <arpa/inet.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

enum { MANY = 256, LARGE = 200 * 1024 };

static char suite_home[PATH_MAX];
static struct arena suite_arena;

static int suite_server(const char *what)
{
	char command[PATH_MAX + 64];
	snprintf(command, sizeof(command), "\"%s/tests/fakes/redis\" %s \"$PWD/server\"",
		suite_home, what);
	return system(command); /* NOLINT(cert-env33-c): our own script */
}

static const struct cache_tier_plugin *suite_plugin(const char *name)
{
	for (size_t i = 0; cache_tiers[i]; i++)
		if (strcmp(cache_tiers[i]->name, name) == 0)
			return cache_tier_of(cache_tiers[i]);
	fail_msg("there is no tier %s", name);
	return NULL;
}

static void *suite_open(const char *yaml)
{
	struct error err = { 0 };
	const struct cache_tier_plugin *plugin = suite_plugin("redis");
	void *settings = work_fake_settings(&plugin->plugin, yaml, &suite_arena);
	if (!plugin->check(settings, &err))
		fail_msg("%s", err.text);
	return plugin->open(settings);
}

static void *suite_open_real(void)
{
	char folder[PATH_MAX], yaml[PATH_MAX + 64];
	assert_non_null(getcwd(folder, sizeof(folder)));
	snprintf(yaml, sizeof(yaml), "{ url: 'unix://%s/server/socket', timeout: 20s }", folder);
	return suite_open(yaml);
}

static struct digest suite_name(int number)
{
	return digest_of(&number, sizeof(number));
}

static void suite_put(void *tier, int number, const char *data, size_t length)
{
	struct error err = { 0 };
	const struct cache_tier_value value = {
		.name = suite_name(number),
		.bytes = { data, (uint32_t)length, false },
		.ttl_millis = 100000000,
	};
	if (!suite_plugin("redis")->put_many(tier, &value, 1, &err))
		fail_msg("%s", err.text);
}

static bool suite_get(void *tier, int number, struct slot *value, struct error *err)
{
	const struct digest name = suite_name(number);
	return suite_plugin("redis")->get_many(tier, &name, 1, value, err);
}

static void suite_expect(void *tier, int number, const char *data, size_t length)
{
	struct error err = { 0 };
	struct slot value;
	if (!suite_get(tier, number, &value, &err))
		fail_msg("%s", err.text);
	if (!data) {
		assert_null(value.data);
		return;
	}
	assert_int_equal(value.length, length);
	assert_memory_equal(value.data, data, length);
}

static void test_keeps_what_it_is_given(void **state)
{
	(void)state;
	static char large[LARGE];
	void *tier = suite_open_real();
	memset(large, '\r', sizeof(large));
	suite_expect(tier, 1, NULL, 0);
	suite_put(tier, 1, "a\0b\r\n$5\r\n", 10);
	suite_expect(tier, 1, "a\0b\r\n$5\r\n", 10);
	suite_put(tier, 1, "other", 5);
	suite_expect(tier, 1, "other", 5);
	suite_put(tier, 2, large, sizeof(large));
	suite_expect(tier, 2, large, sizeof(large));
	suite_plugin("redis")->close(tier);
	tier = suite_open_real(); /* another run */
	suite_expect(tier, 1, "other", 5);
	suite_plugin("redis")->close(tier);
}

static void test_many_at_once(void **state)
{
	(void)state;
	static char large[LARGE];
	struct cache_tier_value values[MANY];
	struct digest names[MANY];
	struct slot got[MANY];
	struct error err = { 0 };
	void *tier = suite_open_real();
	for (int i = 0; i < MANY; i++) {
		names[i] = suite_name(1000 + i);
		/* More than socket buffers hold, both ways. */
		values[i] = (struct cache_tier_value){ names[i],
			{ large, (uint32_t)(i % 7 ? 100 + i : 100000), false }, 100000000 };
	}
	assert_true(suite_plugin("redis")->put_many(tier, values + 1, MANY - 1, &err));
	assert_true(suite_plugin("redis")->get_many(tier, names, MANY, got, &err));
	assert_null(got[0].data);
	for (int i = 1; i < MANY; i++)
		assert_int_equal(got[i].length, values[i].bytes.length);
	suite_plugin("redis")->close(tier);
}

static void test_killed_and_back(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct slot value;
	void *tier = suite_open_real();
	suite_put(tier, 1, "there", 5);
	assert_int_equal(suite_server("kill"), 0);
	assert_false(suite_get(tier, 1, &value, &err));
	assert_non_null(strstr(err.text, "redis at "));
	assert_false(suite_get(tier, 1, &value, &err)); /* there is nothing to connect to */
	assert_int_equal(suite_server("start"), 0);
	suite_expect(tier, 1, NULL, 0);
	suite_put(tier, 1, "again", 5);
	suite_expect(tier, 1, "again", 5);
	suite_plugin("redis")->close(tier);
}

/* A server on loopback that says the same whatever it is asked. */
struct suite_liar {
	int listener;
	const char *says;
	bool hangs; /* keeps the connection open afterwards */
	pthread_t thread;
	char url[128];
};

static void *suite_lie(void *context)
{
	struct suite_liar *liar = context;
	char asked[4096];
	for (int connection; (connection = accept(liar->listener, NULL, NULL)) >= 0;) {
		if (recv(connection, asked, sizeof(asked), 0) > 0)
			send(connection, liar->says, strlen(liar->says), MSG_NOSIGNAL);
		while (liar->hangs && recv(connection, asked, sizeof(asked), 0) > 0)
			;
		close(connection);
	}
	return NULL;
}

static void *suite_open_liar(
	struct suite_liar *liar, const char *says, bool hangs, const char *yaml)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	char text[256];
	*liar = (struct suite_liar){ .says = says, .hangs = hangs };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	liar->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(liar->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(liar->listener, 4), 0);
	assert_int_equal(getsockname(liar->listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(pthread_create(&liar->thread, NULL, suite_lie, liar), 0);
	snprintf(text, sizeof(text), "{ url: 'redis://:hush@127.0.0.1:%d/3', %s }",
		ntohs(address.sin_port), yaml);
	return suite_open(text);
}

static void suite_close_liar(struct suite_liar *liar, void *tier)
{
	suite_plugin("redis")->close(tier);
	shutdown(liar->listener, SHUT_RDWR);
	pthread_join(liar->thread, NULL);
	close(liar->listener);
}

static void test_what_makes_no_sense(void **state)
{
	(void)state;
	static const struct {
		const char *says, *why;
	} cases[] = {
		{ "", "has closed the connection" },
		{ "+OK\r\n+OK\r\n*1\r\n$100\r\nshort", "has closed the connection" },
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", "is no redis" },
		{ "+OK\r\n+OK\r\n*3\r\n+a\r\n+b\r\n+c\r\n", "makes no sense" },
		{ "+OK\r\n+OK\r\n:7\r\n", "makes no sense" },
		{ "+OK\r\n+OK\r\n-LOADING in a moment\r\n", "LOADING in a moment" },
		{ "-ERR wrong password\r\n+OK\r\n*1\r\n$-1\r\n", "wrong password" },
		{ "+OK\r\n-ERR no such database\r\n*1\r\n$-1\r\n", "no such database" },
		{ "+OK\r\n+OK\r\n*1\r\n$-1\r\n+more\r\n", "more replies than commands" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct suite_liar liar;
		struct error err = { 0 };
		struct slot value;
		void *tier = suite_open_liar(&liar, cases[i].says, false, "timeout: 60s");
		assert_false(suite_get(tier, 1, &value, &err));
		if (!strstr(err.text, cases[i].why))
			fail_msg("'%s', not '%s'", err.text, cases[i].why);
		assert_null(strstr(err.text, "hush"));
		suite_close_liar(&liar, tier);
	}
}

static void test_slow(void **state)
{
	(void)state;
	struct suite_liar liar;
	struct error err = { 0 };
	struct slot value;
	void *tier = suite_open_liar(&liar, "+OK\r\n+OK\r\n*1\r\n$9\r\nhal", true, "timeout: 20ms");
	assert_false(suite_get(tier, 1, &value, &err));
	assert_int_equal(err.code, ERROR_TIMEOUT);
	assert_non_null(strstr(err.text, "did not answer within 0.02 s"));
	suite_close_liar(&liar, tier);
}

static void test_greeting(void **state)
{
	(void)state;
	struct suite_liar liar;
	void *tier =
		suite_open_liar(&liar, "+OK\r\n+OK\r\n*1\r\n$2\r\nhi\r\n", true, "timeout: 60s");
	suite_expect(tier, 1, "hi", 2);
	suite_close_liar(&liar, tier);
}

static void test_urls(void **state)
{
	(void)state;
	static const struct {
		const char *url, *why;
	} cases[] = {
		{ "redis://localhost", NULL },
		{ "redis://[::1]:6380/2", NULL },
		{ "redis://user:p%40ss@host:1", NULL },
		{ "unix:///run/redis.sock", NULL },
		{ "unix:run/redis.sock", "expected redis://" },
		{ "http://localhost", "expected redis://" },
		{ "redis://", "expected a host" },
		{ "redis://host:port", "expected a host" },
		{ "redis://host:70000", "expected a host" },
		{ "redis://host/one", "'one' is no number" },
		{ "redis://hush@", "expected a host" },
	};
	const struct cache_tier_plugin *plugin = suite_plugin("redis");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char yaml[256];
		struct error err = { 0 };
		snprintf(yaml, sizeof(yaml), "{ url: '%s' }", cases[i].url);
		void *settings = work_fake_settings(&plugin->plugin, yaml, &suite_arena);
		if (!cases[i].why) {
			assert_true(plugin->check(settings, &err));
			continue;
		}
		assert_false(plugin->check(settings, &err));
		assert_non_null(strstr(err.text, cases[i].why));
		assert_null(strstr(err.text, "hush"));
	}
}

static int suite_start(void **state)
{
	scratch_setup(state);
	if (suite_server("start >/dev/null") != 0)
		skip();
	return 0;
}

static int suite_stop(void **state)
{
	suite_server("kill");
	return scratch_teardown(state);
}

static int suite_end(void **state)
{
	(void)state;
	arena_finish(&suite_arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_keeps_what_it_is_given, suite_start, suite_stop),
		cmocka_unit_test_setup_teardown(test_many_at_once, suite_start, suite_stop),
		cmocka_unit_test_setup_teardown(test_killed_and_back, suite_start, suite_stop),
		cmocka_unit_test(test_what_makes_no_sense),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_urls),
	};
	assert_non_null(getcwd(suite_home, sizeof(suite_home)));
	return cmocka_run_group_tests(tests, NULL, suite_end);
}
