/* The contract of transport.h, for every row of its table that acts, against servers and programs
 * on this machine; and what `smtp` makes of a server's every way to fail. */

#include "stages/mail/transports/transport.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/post.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

enum { SUITE_MANY = 50 };

static const char suite_mail[] =
	"From: mill@localhost\r\nSubject: x\r\n\r\nDear you,\r\n.\r\n..\r\n"
	".hidden\r\n\r\nFrom here on.\r\n";
static const char suite_lines[] = "From: mill@localhost\nSubject: x\n\nDear you,\n.\n..\n"
				  ".hidden\n\nFrom here on.\n";

/* A recipient, and what becomes of a mail for it. */
struct suite_case {
	const char *recipient;
	enum deed_verdict verdict;
	size_t copies;     /* that the other side has */
	const char *words; /* that are in the outcome's error; NULL: any */
};

/* The other side of one transport. */
struct rig {
	const char *transport;
	const char *(*open)(struct rig *rig); /* gives the settings */
	bool crlf;                            /* lines as it has got them */
	const struct suite_case *cases;
	struct post post;
	char yaml[256];
};

static const char *rig_open_smtp(struct rig *rig)
{
	rig->post = post_open("");
	snprintf(rig->yaml, sizeof(rig->yaml), "{ url: 'smtp://127.0.0.1:%d', tls: off }",
		rig->post.port);
	return rig->yaml;
}

static const char *rig_open_sendmail(struct rig *rig)
{
	char folder[128];
	post_make_program();
	assert_non_null(getcwd(folder, sizeof(folder)));
	snprintf(rig->yaml, sizeof(rig->yaml), "{ program: '%s/program' }", folder);
	return rig->yaml;
}

static const char *rig_open_maildir(struct rig *rig)
{
	(void)rig;
	return "{ path: box }";
}

static const struct suite_case suite_smtp_cases[] = {
	{ "ok", DEED_ACCEPTED, 1, "250 2.0.0 taken" },
	{ "rcpt451", DEED_DEFERRED, 0, "451 4.7.1 greylisted" },
	{ "rcpt550", DEED_FAILED, 0, "550 5.1.1 no such user" },
	{ "multi550", DEED_FAILED, 0, "550-5.1.1 no such user 5.1.1 here, 5.1.1 sorry" },
	{ "data451", DEED_DEFERRED, 0, "451 4.3.0 not now" },
	{ "data554", DEED_FAILED, 0, "554 5.6.0 not this" },
	{ "drop-rcpt", DEED_DEFERRED, 0, NULL },
	{ "ok", DEED_ACCEPTED, 2, NULL },
	{ "drop-before", DEED_DOUBT, 1, "no answer to the end of the mail: " },
	{ "drop-after", DEED_ACCEPTED, 1, "250 2.0.0 taken" },
	{ "ok", DEED_ACCEPTED, 3, NULL },
	{ "garbage", DEED_DOUBT, 0, "no answer to the end of the mail: " },
	{ "closing", DEED_ACCEPTED, 1, NULL },
	{ "ok", DEED_ACCEPTED, 4, NULL },
	{ NULL, DEED_UNKNOWN, 0, NULL },
};

static const struct suite_case suite_sendmail_cases[] = {
	{ "ok", DEED_ACCEPTED, 1, "status 0" },
	{ "later", DEED_DEFERRED, 0, "status 75: not now" },
	{ "never", DEED_FAILED, 0, "status 67: no such user\\nat all" },
	{ "lost", DEED_DOUBT, 1, "was ended by signal 9" },
	{ "ok", DEED_ACCEPTED, 2, "status 0" },
	{ NULL, DEED_UNKNOWN, 0, NULL },
};

static struct rig suite_rigs[] = {
	{ .transport = "smtp", .open = rig_open_smtp, .crlf = true, .cases = suite_smtp_cases },
	{ .transport = "sendmail", .open = rig_open_sendmail, .cases = suite_sendmail_cases },
	{ .transport = "maildir", .open = rig_open_maildir },
};

static struct rig *suite_rig; /* of the tests that run now */

/* A transport at work. */
struct suite {
	const struct transport_plugin *plugin;
	struct arena arena;
	struct problems problems;
	struct yaml_node map;
	struct option_plugin self;
	struct stage_setup setup;
	void *prepared, *state;
};

static const struct transport_plugin *suite_find(const char *name)
{
	for (size_t i = 0; transports[i]; i++)
		if (strcmp(transports[i]->name, name) == 0)
			return transport_of(transports[i]);
	fail_msg("there is no transport %s", name);
	return NULL;
}

/* True where it can be prepared; suite->problems says why not. */
static bool suite_prepare(struct suite *suite, const char *name, const char *yaml)
{
	*suite = (struct suite){ .plugin = suite_find(name), .map = { .kind = YAML_MAP } };
	void *settings = work_fake_settings(&suite->plugin->plugin, yaml, &suite->arena);
	suite->self = (struct option_plugin){
		.plugin = &suite->plugin->plugin,
		.settings = settings,
		.node = &suite->map,
	};
	suite->setup = (struct stage_setup){
		.job = "job",
		.arena = &suite->arena,
		.self = &suite->self,
		.problems = &suite->problems,
	};
	return suite->plugin->prepare(&suite->self, &suite->setup, &suite->prepared);
}

static void suite_open(struct suite *suite, const char *name, const char *yaml)
{
	struct error err = { 0 };
	struct stage_needs needs = { 0 };
	if (!suite_prepare(suite, name, yaml))
		fail_msg("%s", suite->problems.list[0].text);
	if (suite->plugin->needs)
		suite->plugin->needs(suite->prepared, &needs);
	if (!suite->plugin->open(suite->prepared, &suite->state, &err))
		fail_msg("%s", err.text);
}

static void suite_close(struct suite *suite)
{
	if (suite->state)
		suite->plugin->close(suite->state);
	problems_finish(&suite->problems);
	arena_finish(&suite->arena);
}

static struct outcome suite_send(struct suite *suite, const char *recipient, const char *name)
{
	char to[100];
	const struct item item = { .attempt = 1 };
	struct outcome outcome = outcome_of(&item, OUTCOME_MADE);
	snprintf(to, sizeof(to), "%s@localhost", recipient);
	const struct letter letter = { "mill@localhost", to, name, suite_mail,
		sizeof(suite_mail) - 1 };
	outcome.deed.verdict = DEED_UNTOUCHED;
	suite->plugin->send(suite->state, &letter, &outcome);
	return outcome;
}

static void check_verdict(const struct outcome *outcome, const struct suite_case *expected)
{
	if (outcome->deed.verdict != expected->verdict)
		fail_msg("%s: verdict %u: %s", expected->recipient, outcome->deed.verdict,
			outcome->error.text);
	assert_int_equal(outcome->status,
		expected->verdict == DEED_ACCEPTED ? OUTCOME_MADE : OUTCOME_FAILED);
	if (expected->words && !strstr(outcome->error.text, expected->words))
		fail_msg("%s: it says '%s'", expected->recipient, outcome->error.text);
}

/* The one file in a folder. */
static void check_file(const char *folder, const char *data, size_t length)
{
	struct dirent **names;
	char path[600], bytes[1000];
	const int count = scandir(folder, &names, NULL, alphasort);
	assert_int_equal(count, 3);
	snprintf(path, sizeof(path), "%s/%s", folder, names[2]->d_name);
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	const size_t got = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_int_equal(got, length);
	assert_memory_equal(bytes, data, length);
}

static void test_bytes(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rig->transport, suite_rig->open(suite_rig));
	const struct outcome outcome = suite_send(&suite, "ok", "0123");
	check_verdict(&outcome, &(struct suite_case){ "ok", DEED_ACCEPTED, 1, NULL });
	check_file(access("taken", F_OK) == 0 ? "taken" : "box/new",
		suite_rig->crlf ? suite_mail : suite_lines,
		(suite_rig->crlf ? sizeof(suite_mail) : sizeof(suite_lines)) - 1);
	suite_close(&suite);
	post_close(&suite_rig->post);
}

static void test_many(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rig->transport, suite_rig->open(suite_rig));
	for (int i = 0; i < SUITE_MANY; i++) {
		char name[16], recipient[16];
		snprintf(name, sizeof(name), "%04x", (unsigned)i);
		snprintf(recipient, sizeof(recipient), "ok.%d", i);
		const struct outcome outcome = suite_send(&suite, recipient, name);
		check_verdict(&outcome, &(struct suite_case){ recipient, DEED_ACCEPTED, 1, NULL });
	}
	suite_close(&suite);
	post_close(&suite_rig->post);
	if (access("taken", F_OK) == 0)
		assert_int_equal(post_count("ok."), SUITE_MANY);
}

static void test_cases(void **state)
{
	(void)state;
	struct suite suite;
	const struct suite_case *row = suite_rig->cases;
	suite_open(&suite, suite_rig->transport, suite_rig->open(suite_rig));
	for (; row && row->recipient; row++) {
		const struct outcome outcome = suite_send(&suite, row->recipient, "0123");
		char prefix[64];
		check_verdict(&outcome, row);
		snprintf(prefix, sizeof(prefix), "%s@", row->recipient);
		if (post_count(prefix) != row->copies)
			fail_msg("%s: %zu copies", row->recipient, post_count(prefix));
	}
	suite_close(&suite);
	post_close(&suite_rig->post);
}

static void test_unused(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rig->transport, suite_rig->open(suite_rig));
	suite_close(&suite);
	post_close(&suite_rig->post);
}

/* Every transport that acts has a rig. */
static void test_all_are_tested(void **state)
{
	(void)state;
	for (size_t i = 0; transports[i]; i++) {
		bool found = !transport_of(transports[i])->acts;
		for (size_t k = 0; k < sizeof(suite_rigs) / sizeof(suite_rigs[0]); k++)
			found = found || strcmp(suite_rigs[k].transport, transports[i]->name) == 0;
		if (!found)
			fail_msg("%s", transports[i]->name);
	}
}

/* Fails as the place, with nothing done to the mail. */
static void check_halts(const struct outcome *outcome, const char *words)
{
	assert_int_equal(outcome->deed.verdict, DEED_UNTOUCHED);
	assert_int_equal(outcome->status, OUTCOME_FAILED);
	assert_int_equal(outcome->error.blame, BLAME_PLACE);
	if (!strstr(outcome->error.text, words))
		fail_msg("it says '%s'", outcome->error.text);
}

static void test_sendmail_halts(void **state)
{
	(void)state;
	struct suite suite;
	struct rig rig = { 0 };
	struct error err = { 0 };
	suite_open(&suite, "sendmail", rig_open_sendmail(&rig));
	const struct outcome outcome = suite_send(&suite, "usage", "0123");
	check_halts(&outcome, "ended with status 64");
	suite_close(&suite);
	assert_true(suite_prepare(&suite, "sendmail", "{ program: /nowhere/at/all }"));
	assert_false(suite.plugin->open(suite.prepared, &suite.state, &err));
	assert_string_equal(err.text, "sendmail: '/nowhere/at/all': No such file or directory");
	suite_close(&suite);
}

/* A mail that is there already is not there twice. */
static void test_maildir_once(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, "maildir", "{ path: box }");
	suite_send(&suite, "ok", "0123");
	suite_send(&suite, "ok", "0123");
	check_file("box/new", suite_lines, sizeof(suite_lines) - 1);
	suite_close(&suite);
}

/* No server: a few mails wait, then the run does. */
static void test_smtp_unreachable(void **state)
{
	(void)state;
	struct suite suite;
	struct rig rig = { 0 };
	const char *yaml = rig_open_smtp(&rig);
	post_close(&rig.post);
	suite_open(&suite, "smtp", yaml);
	for (int i = 0; i < 2; i++) {
		const struct outcome outcome = suite_send(&suite, "ok", "0123");
		check_verdict(&outcome, &(struct suite_case){ "ok", DEED_DEFERRED, 0, NULL });
	}
	const struct outcome outcome = suite_send(&suite, "ok", "0123");
	check_halts(&outcome, "no way to smtp://127.0.0.1:");
	suite_close(&suite);
}

static void check_hangs(const char *transport, const char *yaml, const struct suite_case *row)
{
	struct suite suite;
	suite_open(&suite, transport, yaml);
	const struct outcome outcome = suite_send(&suite, row->recipient, "0123");
	check_verdict(&outcome, row);
	const struct outcome next = suite_send(&suite, "ok", "0123");
	assert_int_not_equal(next.deed.verdict, DEED_FAILED);
	suite_close(&suite);
}

/* Only the other side decides how long it takes; we decide how long we wait. */
static void test_hangs(void **state)
{
	(void)state;
	char yaml[300];
	struct rig rig = { 0 };
	rig_open_smtp(&rig);
	snprintf(yaml, sizeof(yaml), "{ url: 'smtp://127.0.0.1:%d', tls: off, final_timeout: 1s }",
		rig.post.port);
	check_hangs("smtp", yaml,
		&(struct suite_case){ "hang", DEED_DOUBT, 0,
			"no answer to the end of the mail: the server said nothing for too long" });
	snprintf(yaml, sizeof(yaml), "{ url: 'smtp://127.0.0.1:%d', tls: off, timeout: 1s }",
		rig.post.port);
	check_hangs("smtp", yaml, &(struct suite_case){ "hang-rcpt", DEED_DEFERRED, 0, NULL });
	post_close(&rig.post);
	rig_open_sendmail(&rig);
	snprintf(yaml, sizeof(yaml), "%.*s, timeout: 1s }", (int)strcspn(rig.yaml, "}"), rig.yaml);
	check_hangs("sendmail", yaml,
		&(struct suite_case){
			"hang", DEED_DOUBT, 0, "the program took too long and was killed" });
}

static void test_smtp_greeting(void **state)
{
	(void)state;
	struct suite suite;
	struct rig rig = { 0 };
	suite_open(&suite, "smtp", rig_open_smtp(&rig));
	scratch_write("taken/greeting", "554 go away", 11);
	const struct outcome refused = suite_send(&suite, "ok", "0123");
	check_verdict(&refused, &(struct suite_case){ "ok", DEED_DEFERRED, 0, "554 go away" });
	unlink("taken/greeting");
	const struct outcome fine = suite_send(&suite, "ok", "0123");
	check_verdict(&fine, &(struct suite_case){ "ok", DEED_ACCEPTED, 1, NULL });
	suite_close(&suite);
	post_close(&rig.post);
}

/* Sends one mail to a server with a certificate. */
static struct outcome send_safely(const struct post *post, const char *scheme, const char *rest)
{
	struct suite suite;
	char yaml[256];
	snprintf(yaml, sizeof(yaml), "{ url: '%s://localhost:%d', %s }", scheme, post->port, rest);
	suite_open(&suite, "smtp", yaml);
	const struct outcome outcome = suite_send(&suite, "ok", "0123");
	suite_close(&suite);
	return outcome;
}

static void test_smtp_safe(void **state)
{
	(void)state;
	const struct suite_case fine = { "ok", DEED_ACCEPTED, 1, NULL };
	post_make_certificate();
	scratch_write("secret", "sesame\n", 7);
	scratch_write("wrong", "please\n", 7);
	chmod("secret", 0600);
	chmod("wrong", 0600);
	struct post post = post_open("cert.pem");
	struct outcome outcome = send_safely(&post, "smtp", "ca: only.pem");
	check_verdict(&outcome, &fine);
	outcome = send_safely(&post, "smtp", "tls: required");
	check_halts(&outcome, "no safe connection to smtp://localhost:");
	outcome = send_safely(&post, "smtp", "tls: optional");
	check_halts(&outcome, "no safe connection to smtp://localhost:");
	outcome = send_safely(&post, "smtp", "ca: only.pem, user: mill, password_file: secret");
	check_verdict(&outcome, &fine);
	outcome = send_safely(&post, "smtp", "ca: only.pem, user: mill, password_file: wrong");
	check_halts(&outcome, "lets us send nothing: 535 5.7.8 not you");
	assert_null(strstr(outcome.error.text, "please"));
	post_close(&post);
	post = post_open("");
	outcome = send_safely(&post, "smtp", "tls: required");
	check_halts(&outcome, "no safe connection to smtp://localhost:");
	outcome = send_safely(&post, "smtp", "tls: optional");
	check_verdict(&outcome, &fine);
	post_close(&post);
	post = post_open("cert.pem implicit");
	outcome = send_safely(&post, "smtps", "ca: only.pem");
	check_verdict(&outcome, &fine);
	outcome = send_safely(&post, "smtps", "tls: off");
	check_halts(&outcome, "no safe connection to smtps://localhost:");
	post_close(&post);
}

static void check_complains(const char *yaml, const char *text)
{
	struct suite suite;
	assert_false(suite_prepare(&suite, "smtp", yaml));
	assert_true(suite.problems.count > 0);
	assert_string_equal(suite.problems.list[0].text, text);
	suite_close(&suite);
}

static void test_smtp_settings(void **state)
{
	(void)state;
	scratch_write("open", "sesame\n", 7);
	chmod("open", 0640);
	scratch_touch("empty");
	chmod("empty", 0600);
	check_complains("{ url: 'http://x' }",
		"expected smtp://HOST:PORT or smtps://HOST:PORT, found 'http://x'");
	check_complains("{ url: 'smtp://a:b@x' }",
		"expected smtp://HOST:PORT or smtps://HOST:PORT, found "
		"'smtp://a:b@x'");
	check_complains("{ url: 'smtp://x', user: u }", "user and password go together");
	check_complains("{ url: 'smtp://x', user: u, password_file: open }",
		"others may read or write 'open': chmod 600 it");
	check_complains("{ url: 'smtp://x', user: u, password_file: empty }",
		"'empty' does not begin with a password of 1 to 1023 "
		"bytes");
	check_complains("{ url: 'smtp://x', tls: off, user: u, password_file: none }",
		"a password goes over TLS only: expected 'required'");
	check_complains("{ url: 'smtp://x', hello: 'a b' }", "expected a host's name, found 'a b'");
}

static int run_rig(struct rig *rig)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bytes, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_many, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_cases, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_unused, scratch_setup, scratch_teardown),
	};
	suite_rig = rig;
	return cmocka_run_group_tests_name(rig->transport, tests, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_tested),
		cmocka_unit_test_setup_teardown(
			test_sendmail_halts, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_maildir_once, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_smtp_unreachable, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_hangs, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_smtp_greeting, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_smtp_safe, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_smtp_settings, scratch_setup, scratch_teardown),
	};
	int failed = 0;
	post_begin();
	for (size_t i = 0; i < sizeof(suite_rigs) / sizeof(suite_rigs[0]); i++)
		failed += run_rig(&suite_rigs[i]);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
