#include "pipeline/executors/auto.h"

#include <ctype.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const auto_words[] = { "auto", NULL };

#define SETTINGS struct auto_settings
const struct option auto_options[] = {
	{ .name = "workers",
		NUMBER_OR_WORD(workers, auto_words),
		RANGE(1, AUTO_MOST),
		.fallback = "auto",
		.help = "How many items are worked on at a time; auto: one for each CPU that this "
			"process "
			"may use." },
	{ .name = NULL },
};
#undef SETTINGS

/* A mount of a cgroup file system: what of the hierarchy is seen where. Points into a line of
 * mountinfo. */
struct auto_mount {
	char *seen;   /* the group at the mount's top */
	char *point;  /* where it is mounted */
	bool unified; /* version 2 */
};

uint32_t auto_affinity(void)
{
	for (int room = 1024; room <= 1 << 20; room *= 2) {
		cpu_set_t *set = CPU_ALLOC(room);
		if (!set)
			break;
		int got = sched_getaffinity(0, CPU_ALLOC_SIZE(room), set);
		int count = got == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(room), set) : 0;
		CPU_FREE(set);
		if (count > 0)
			return (uint32_t)count;
	}
	return 1;
}

/* The first line of a file in `folder`, whose text is as before afterwards. */
static bool auto_read_line(struct text *folder, const char *name, char *line, size_t room)
{
	const size_t length = folder->length;
	text_addf(folder, "/%s", name);
	FILE *file = fopen(folder->data, "re");
	folder->length = length;
	folder->data[length] = '\0';
	if (!file)
		return false;
	bool read = fgets(line, (int)room, file);
	fclose(file);
	return read;
}

/* A quota that cannot be read does not limit: the kernel does it anyway. */
static double auto_group_quota(struct text *folder, bool unified)
{
	char line[64], *end;
	if (!auto_read_line(folder, unified ? "cpu.max" : "cpu.cfs_quota_us", line, sizeof(line)))
		return 0;
	double quota = strtod(line, &end);
	if (!unified && !auto_read_line(folder, "cpu.cfs_period_us", end = line, sizeof(line)))
		return 0;
	double period = strtod(end, NULL);
	return quota > 0 && period > 0 ? quota / period : 0;
}

static double auto_tighter(double a, double b)
{
	if (a <= 0)
		return b;
	return b > 0 && b < a ? b : a;
}

/* Spaces and the like stand as \040 in mountinfo. */
static void auto_unescape(char *text)
{
	char *to = text;
	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && isdigit((unsigned char)from[1]) &&
			isdigit((unsigned char)from[2]) && isdigit((unsigned char)from[3])) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0');
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool auto_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

/* One line of mountinfo: "36 25 0:31 /seen /point opts tag:1 - cgroup cgroup rw,cpu,cpuacct". */
static bool auto_parse_mount(char *line, struct auto_mount *mount)
{
	char type[16], super[512];
	char *rest = strstr(line, " - ");
	if (!rest || sscanf(rest, " - %15s %*s %511s", type, super) != 2)
		return false;
	*rest = '\0';
	char *words[5], *state = NULL;
	for (int i = 0; i < 5; i++)
		if (!(words[i] = strtok_r(i == 0 ? line : NULL, " ", &state)))
			return false;
	mount->seen = words[3];
	mount->point = words[4];
	auto_unescape(mount->seen);
	auto_unescape(mount->point);
	mount->unified = strcmp(type, "cgroup2") == 0;
	return mount->unified || (strcmp(type, "cgroup") == 0 && auto_has_word(super, "cpu"));
}

static FILE *auto_open(const char *root, const char *name)
{
	struct text path = { .data = NULL };
	text_addf(&path, "%s%s", root, name);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	return file;
}

/* This process's group in the hierarchy of `mount`, out of lines like "0::/a/b" or
 * "4:cpu,cpuacct:/a/b". */
static bool auto_own_group(const char *root, bool unified, char group[PATH_MAX])
{
	char line[PATH_MAX];
	FILE *file = auto_open(root, "/proc/self/cgroup");
	bool found = false;
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *name = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!name)
			continue;
		*name++ = '\0';
		name[strcspn(name, "\n")] = '\0';
		found = unified ? controllers[1] == '\0' : auto_has_word(controllers + 1, "cpu");
		if (found)
			memcpy(group, name, strlen(name) + 1);
	}
	if (file)
		fclose(file);
	return found;
}

/* The part of `group` below what the mount shows; "" where it shows something else (a container's
 * view). */
static const char *auto_below(const char *group, const char *seen)
{
	size_t length = strcmp(seen, "/") == 0 ? 0 : strlen(seen);
	if (strncmp(group, seen, length) != 0 || (group[length] != '/' && group[length] != '\0'))
		return "";
	return strstr(group, "..") ? "" : group + length;
}

static double auto_mount_quota(const char *root, const struct auto_mount *mount)
{
	char group[PATH_MAX];
	if (!auto_own_group(root, mount->unified, group))
		return 0;
	struct text folder = { .data = NULL };
	text_addf(&folder, "%s%s", root, mount->point);
	const size_t top = folder.length;
	text_add_string(&folder, auto_below(group, mount->seen));
	double quota = auto_group_quota(&folder, mount->unified);
	while (folder.length > top) {
		while (folder.length > top && folder.data[--folder.length] != '/')
			;
		folder.data[folder.length] = '\0';
		quota = auto_tighter(quota, auto_group_quota(&folder, mount->unified));
	}
	text_finish(&folder);
	return quota;
}

double auto_quota(const char *root)
{
	char *line = NULL;
	size_t room = 0;
	double quota = 0;
	FILE *file = auto_open(root, "/proc/self/mountinfo");
	while (file && getline(&line, &room, file) > 0) {
		struct auto_mount mount;
		line[strcspn(line, "\n")] = '\0';
		if (auto_parse_mount(line, &mount))
			quota = auto_tighter(quota, auto_mount_quota(root, &mount));
	}
	free(line);
	if (file)
		fclose(file);
	return quota;
}

uint32_t auto_count(uint32_t affinity, double quota)
{
	uint32_t count = affinity;
	if (quota > 0 && quota < affinity)
		count = quota > 1 && quota < 2 ? 2 : (uint32_t)quota;
	if (count < 1)
		return 1;
	return count < AUTO_MOST ? count : AUTO_MOST;
}

uint32_t auto_workers(const void *settings)
{
	const struct option_number *workers = &((const struct auto_settings *)settings)->workers;
	if (workers->word < 0)
		return (uint32_t)workers->number;
	return auto_count(auto_affinity(), auto_quota(""));
}
