#ifndef NIGHTMILL_TESTS_TRIAL_H
#define NIGHTMILL_TESTS_TRIAL_H

/* Runs of a plan whose only stage is `act` (tests/fakes/act.h), each in a process of its own, which
 * can be killed at any point; and what they leave on record and in the world. In a scratch folder.
 * A program that calls these has tables of its own: the source `table` and the stage `act`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/commands/command.h"
#include "pipeline/ledger_deeds.h"
#include "pipeline/run.h"

enum { TRIAL_UNHARMED = -1, TRIAL_COUNTED = -2 };

struct trial {
	const char *executor; /* NULL: sequential */
	const char *options;  /* of the stage, "most: 3, "; NULL: none */
	const char *more;     /* lines at the top of the config; NULL: no retries, no halt */
	struct run_options run;
	int kill_at; /* number of the point, from 0; TRIAL_UNHARMED, or TRIAL_COUNTED: points are
			counted */
};

/* A run with --yes that is not harmed. */
struct trial trial_of(const char *executor);

/* The rows of the source, "a@one,ok": to whom, and how the world answers; ids from 1. NULL ends
 * them. */
void trial_rows(const char *const *rows);

/* Runs it; the exit status, 128 and more: the signal that ended it. */
int trial_run(const struct trial *trial);

/* Runs a command with these words behind it; the exit status. */
int trial_command(const struct command *command, const char *line);

/* Runs a verb of the stage, "doubts test.yaml"; the exit status. */
int trial_verb(const char *line);

/* A point is passed, in main or in a worker: the fake stage calls this, and whatever a program puts
 * in the way of calls to the system. */
void trial_point(void);

/* How many points the last run passed, where it was TRIAL_COUNTED. */
int trial_points(void);

/* Removes what runs have left. */
void trial_forget(void);

/* What is on record, and how many lines are in the world. */
struct trial_picture {
	uint64_t counts[LEDGER_STATES], all;
	size_t lines;
};

/* Fails where a line is there twice, where what is accepted is not in the world, or where what is
 * neither that nor in doubt is. */
void trial_look(struct trial_picture *picture);

/* Fail where it is otherwise. */
void trial_expect(enum ledger_state state, uint64_t count);
void trial_expect_lines(size_t lines);
void trial_expect_said(const char *words);  /* on standard error */
void trial_expect_shown(const char *words); /* on standard output */

/* One of each kind: with one retry 7 are accepted, one deferred, 2 failed, 2 in doubt; 8 lines. */
extern const char *const trial_every_kind[];
extern const char *const trial_one_retry;

#endif
