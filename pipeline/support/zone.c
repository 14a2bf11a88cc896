#include "pipeline/support/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/days.h"
#include "pipeline/support/files.h"
#include "pipeline/support/zone_private.h"

enum {
	ZONE_FILE_BYTES = 256 * 1024, /* at most; the largest there are have 4 KiB */
	ZONE_REACH = 26 * 3600,       /* seconds; no offset is larger */
	ZONE_CHANGES = 32,            /* within twice the reach, at most */
};

const char *const zone_gap_words[] = { "later", "skip", NULL };
const char *const zone_overlap_words[] = { "first", "second", NULL };

/* "Europe/Berlin": nothing that could lead anywhere else. */
static bool zone_name_sound(const char *name, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_+-/";
	if (length == 0 || length >= ZONE_NAME_BYTES || name[0] == '/' || name[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!memchr(letters, name[i], sizeof(letters) - 1))
			return false;
	return true;
}

static const char *zone_folder(void)
{
	const char *folder = getenv("TZDIR");
	return folder && *folder ? folder : "/usr/share/zoneinfo";
}

static bool zone_load(struct zone *zone, struct error *err)
{
	int folder = files_open_folder(zone_folder(), err);
	if (folder < 0)
		return error_where(err, "the tz database");
	int file = files_open_below(folder, zone->name, O_RDONLY, 0, true);
	int number = errno;
	close(folder);
	if (file < 0)
		return fail_errno(err, number, "zone '%s'", zone->name);
	unsigned char *bytes = memory_alloc(ZONE_FILE_BYTES);
	ssize_t length = files_read_all(file, bytes, ZONE_FILE_BYTES);
	number = errno;
	close(file);
	bool fine = length < 0 ? fail_errno(err, number, "zone '%s'", zone->name)
			       : zone_parse(zone, bytes, (size_t)length, err) ||
					 error_where(err, "zone '%s'", zone->name);
	free(bytes);
	return fine;
}

static bool zone_unknown(const char *name, size_t length, struct error *err)
{
	const int most = 100;
	return fail(err, ERROR_MISSING,
		"the tz database has no zone '%.*s' (expected a name like 'Europe/Berlin')",
		length < (size_t)most ? (int)length : most, name);
}

bool zones_find(struct zones *zones, const char *name, size_t length, const struct zone **found,
	struct error *err)
{
	const uint64_t hash = hashes_of(name, length);
	struct hashes_walk walk = hashes_find(&zones->hashes, hash);
	for (uint32_t number; hashes_next(&zones->hashes, &walk, &number);) {
		*found = zones->list[number];
		if (strlen((*found)->name) == length && memcmp((*found)->name, name, length) == 0)
			return true;
	}
	if (!zone_name_sound(name, length))
		return zone_unknown(name, length, err);
	struct zone *zone = memory_zeroed(1, sizeof(*zone));
	struct error why;
	memcpy(zone->name, name, length);
	if (!zone_load(zone, &why)) {
		zone_free(zone);
		if (why.code == ERROR_MISSING || why.code == ERROR_DAMAGED)
			return zone_unknown(name, length, err);
		return fail(err, why.code, "%s", why.text);
	}
	if (zones->count == zones->room) {
		zones->room = zones->room ? zones->room * 2 : 16;
		zones->list = memory_resize(zones->list, zones->room * sizeof(*zones->list));
	}
	hashes_add(&zones->hashes, hash, (uint32_t)zones->count);
	*found = zones->list[zones->count++] = zone;
	return true;
}

void zones_finish(struct zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		zone_free(zones->list[i]);
	free(zones->list);
	hashes_finish(&zones->hashes);
	*zones = (struct zones){ 0 };
}

/* How many of the table's changes are not after `utc`. */
static size_t zone_before(const struct zone *zone, int64_t utc)
{
	size_t low = 0, high = zone->count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (zone->times[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct zone_type *zone_type_at(const struct zone *zone, size_t before)
{
	return &zone->types[before > 0 ? zone->kinds[before - 1] : 0];
}

static int32_t zone_offset(const struct zone *zone, int64_t utc)
{
	const size_t before = zone_before(zone, utc);
	if (before < zone->count || !zone->rule.given)
		return zone_type_at(zone, before)->offset;
	return zone_rule_summer(&zone->rule, utc) ? zone->rule.summer : zone->rule.standard;
}

static size_t zone_add_change(int64_t *changes, size_t count, int64_t change)
{
	size_t at = count;
	if (count == ZONE_CHANGES)
		return count;
	for (; at > 0 && changes[at - 1] > change; at--)
		changes[at] = changes[at - 1];
	changes[at] = change;
	return count + 1;
}

/* The moments after `from` and not after `to` at which the offset may change, ascending. */
static size_t zone_changes(const struct zone *zone, int64_t from, int64_t to, int64_t *changes)
{
	size_t count = 0;
	for (size_t i = zone_before(zone, from); i < zone->count && zone->times[i] <= to; i++)
		count = zone_add_change(changes, count, zone->times[i]);
	const int64_t last = zone->count ? zone->times[zone->count - 1] : INT64_MIN;
	if (to <= last || !zone->rule.changes)
		return count;
	const int first = days_civil(days_of_seconds(from)).year - 1;
	const int end = days_civil(days_of_seconds(to)).year + 1;
	for (int year = first; year <= end; year++) {
		int64_t both[2];
		zone_rule_changes(&zone->rule, year, &both[0], &both[1]);
		for (size_t i = 0; i < 2; i++)
			if (both[i] > from && both[i] <= to && both[i] > last)
				count = zone_add_change(changes, count, both[i]);
	}
	return count;
}

/* What is known of a local time after a look at all offsets around it. */
struct zone_answer {
	bool found;
	int64_t first, second; /* where found; the same where there is only one */
	int64_t later;         /* where it is in a gap: by the offset before */
};

static struct zone_answer zone_ask(const struct zone *zone, int64_t local)
{
	int64_t changes[ZONE_CHANGES], since = INT64_MIN;
	const size_t count = zone_changes(zone, local - ZONE_REACH, local + ZONE_REACH, changes);
	int32_t offset = zone_offset(zone, local - ZONE_REACH);
	struct zone_answer answer = { .later = local - offset };
	for (size_t i = 0; i <= count; i++) {
		const int64_t until = i < count ? changes[i] : INT64_MAX, utc = local - offset;
		if (utc >= since && utc < until) {
			answer.first = answer.found ? answer.first : utc;
			answer.second = utc;
			answer.found = true;
		}
		if (i == count)
			break;
		const int32_t next = zone_offset(zone, until);
		if (utc >= until && local - next < until)
			answer.later = utc;
		offset = next;
		since = until;
	}
	return answer;
}

bool zone_utc(
	const struct zone *zone, int64_t local, const struct zone_policy *policy, int64_t *utc)
{
	const struct zone_answer answer = zone_ask(zone, local);
	if (!answer.found && policy->gap == ZONE_GAP_SKIP)
		return false;
	if (!answer.found)
		*utc = answer.later;
	else
		*utc = policy->overlap == ZONE_OVERLAP_FIRST ? answer.first : answer.second;
	return true;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

int64_t zone_local(const struct zone *zone, int64_t utc)
{
	return utc + zone_offset(zone, utc);
}

const char *zone_abbreviation(const struct zone *zone, int64_t utc)
{
	const size_t before = zone_before(zone, utc);
	if (before < zone->count || !zone->rule.given)
		return zone->names + zone_type_at(zone, before)->name;
	return zone_rule_summer(&zone->rule, utc) ? zone->rule.summer_name
						  : zone->rule.standard_name;
}
