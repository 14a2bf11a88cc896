#include "stages/pair/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/message.h"

enum { SHOWN = 20 };

/* The rules that a draw breaks, and how many people's receivers are wrong. */
struct faults {
	uint32_t *people, count;
	uint32_t loops; /* givers and receivers: how many rings */
};

static bool faults_pair_fine(const struct rules *rules, uint32_t giver, uint32_t receiver)
{
	for (size_t i = 0; i < rules->must_count; i++) {
		const struct rules_pair *must = &rules->must[i];
		if (must->giver == giver || must->receiver == receiver)
			return must->giver == giver && must->receiver == receiver;
	}
	return (!rules->within || rules->within[giver] == rules->within[receiver]) &&
	       rules_allow(rules, giver, receiver);
}

static uint32_t faults_count_loops(const uint32_t *receiver, uint32_t count)
{
	bool *seen = memory_zeroed((size_t)count + 1, sizeof(*seen));
	uint32_t loops = 0;
	for (uint32_t i = 0; i < count; i++) {
		loops += !seen[i];
		for (uint32_t at = i; !seen[at]; at = receiver[at])
			seen[at] = true;
	}
	free(seen);
	return loops;
}

/* People by group: the first of each, and behind each person the next. */
struct faults_groups {
	uint32_t *first, *next;
};

static struct faults_groups faults_find_groups(const uint32_t *group, uint32_t count)
{
	const size_t bytes = ((size_t)count + 1) * sizeof(uint32_t);
	struct faults_groups groups = { memory_alloc(bytes), memory_alloc(bytes) };
	memset(groups.first, 0xff, bytes);
	for (uint32_t i = 0; i < count; i++) {
		groups.next[i] = groups.first[group[i]];
		groups.first[group[i]] = i;
	}
	return groups;
}

/* Everyone must be allowed to meet all others of the group. */
static bool faults_group_fine(const struct record *record, const struct faults_groups *groups,
	uint32_t group, uint32_t person)
{
	uint32_t members = 0;
	bool fine = true;
	for (uint32_t i = groups->first[group]; i != UINT32_MAX; i = groups->next[i]) {
		members++;
		fine = fine && (i == person || faults_pair_fine(&record->rules, person, i));
	}
	return fine && members >= 2 && members <= record->shape.size + 1;
}

static void faults_judge_groups(
	const struct record *record, const uint32_t *group, struct faults *faults)
{
	struct faults_groups groups = faults_find_groups(group, record->rules.people);
	for (uint32_t i = 0; i < record->rules.people; i++)
		if (!faults_group_fine(record, &groups, group[i], i))
			faults->people[faults->count++] = i;
	free(groups.first);
	free(groups.next);
}

static void faults_judge_pairs(
	const struct record *record, const uint32_t *receiver, struct faults *faults)
{
	const uint32_t count = record->rules.people;
	bool *got = memory_zeroed((size_t)count + 1, sizeof(*got));
	for (uint32_t i = 0; i < count; i++) {
		if (got[receiver[i]] || !faults_pair_fine(&record->rules, i, receiver[i]))
			faults->people[faults->count++] = i;
		got[receiver[i]] = true;
	}
	free(got);
	if (faults->count == 0)
		faults->loops = faults_count_loops(receiver, count);
}

/* `receiver` by the rules of `record`; everyone has one. */
static struct faults faults_judge(const struct record *record, const uint32_t *receiver)
{
	struct faults faults = {
		.people = memory_alloc(((size_t)record->rules.people + 1) * sizeof(uint32_t)),
	};
	if (record->shape.kind == SHAPE_GROUPS)
		faults_judge_groups(record, receiver, &faults);
	else
		faults_judge_pairs(record, receiver, &faults);
	return faults;
}

bool faults_report(
	const struct pair_state *state, const struct record *record, const uint32_t *receiver)
{
	struct faults faults = faults_judge(record, receiver);
	struct message message = { .pair = state->round.pair, .ids = record->ids, .most = SHOWN };
	struct text text = { 0 };
	const bool ring =
		record->shape.kind != SHAPE_SINGLE || record->rules.within || faults.loops == 1;
	bool fine = faults.count == 0 && ring;
	if (faults.count > 0) {
		text_addf(&text, "paired against the rules: ");
		message_people(&message, faults.people, faults.count, &text);
	} else if (!ring) {
		text_addf(&text, "%u rings, where a single one was asked for", faults.loops);
	} else {
		text_addf(&text, "%u people are paired by the rules", record->rules.people);
	}
	printf("%s\n", text.data);
	text_finish(&text);
	free(faults.people);
	return fine;
}
