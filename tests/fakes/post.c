#include "tests/fakes/post.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/scratch.h"

static char post_home[PATH_MAX];

void post_begin(void)
{
	assert_non_null(getcwd(post_home, sizeof(post_home)));
}

/* Its output comes through a named pipe, its input is ours. */
struct post post_open(const char *arguments)
{
	struct post post = { 0 };
	char command[2 * PATH_MAX];
	mkdir("taken", 0700);
	unlink("port");
	assert_int_equal(mkfifo("port", 0600), 0);
	snprintf(command, sizeof(command),
		"exec /usr/bin/python3 '%s/tests/fakes/smtp' taken %s >port", post_home, arguments);
	post.input = popen(command, "w"); /* NOLINT(cert-env33-c): our own script */
	assert_non_null(post.input);
	FILE *port = fopen("port", "r");
	char line[16] = "";
	assert_non_null(port);
	assert_non_null(fgets(line, sizeof(line), port));
	fclose(port);
	post.port = (int)strtol(line, NULL, 10);
	assert_int_not_equal(post.port, 0);
	return post;
}

void post_close(struct post *post)
{
	if (post->input)
		pclose(post->input);
	post->input = NULL;
}

void post_make_program(void)
{
	static const char text[] =
		"#!/bin/sh\n"
		"for to; do :; done\n"
		"echo \"$@\" >>arguments\n"
		"case $to in\n"
		"later@*) echo 'not now' >&2; exit 75 ;;\n"
		"never@*) echo 'no such user'; echo 'at all'; exit 67 ;;\n"
		"usage@*) exit 64 ;;\n"
		"esac\n"
		"cat >\"taken/$to.$$~\" && mv \"taken/$to.$$~\" \"taken/$to.$$\"\n"
		"case $to in\n"
		"lost@*) kill -9 $$ ;;\n"
		"hang@*) sleep 600 ;;\n"
		"esac\n";
	mkdir("taken", 0700);
	scratch_write("program", text, sizeof(text) - 1);
	assert_int_equal(chmod("program", 0700), 0);
}

void post_make_certificate(void)
{
	/* NOLINTNEXTLINE(cert-env33-c): no one else's words */
	assert_int_equal(system("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem "
				"-out only.pem -days 2 -subj /CN=localhost "
				"-addext subjectAltName=DNS:localhost >/dev/null 2>&1 "
				"&& cat key.pem only.pem >cert.pem"),
		0);
}

size_t post_count(const char *recipient)
{
	DIR *folder = opendir("taken");
	size_t count = 0;
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)))
		count += strncmp(entry->d_name, recipient, strlen(recipient)) == 0 &&
			 !strchr(entry->d_name, '~');
	if (folder)
		closedir(folder);
	return count;
}
