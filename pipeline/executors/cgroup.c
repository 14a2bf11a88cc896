#include "pipeline/executors/cgroup.h"

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"

/* A mount of a cgroup file system: what of the hierarchy is seen where. Points into a line of
 * mountinfo. */
struct cgroup_mount {
	char *seen;   /* the group at the mount's top */
	char *point;  /* where it is mounted */
	bool unified; /* version 2 */
};

/* A limit of which the tightest counts. `read` gives that of one group, 0 where it has none;
 * `folder` is as before afterwards. */
struct cgroup_kind {
	const char *controller;
	double (*read)(struct text *folder, bool unified);
};

/* The first line of a file in `folder`, whose text is as before afterwards. */
static bool cgroup_read_line(struct text *folder, const char *name, char *line, size_t room)
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
static double cgroup_group_quota(struct text *folder, bool unified)
{
	char line[64], *end;
	if (!cgroup_read_line(folder, unified ? "cpu.max" : "cpu.cfs_quota_us", line, sizeof(line)))
		return 0;
	double quota = strtod(line, &end);
	if (!unified && !cgroup_read_line(folder, "cpu.cfs_period_us", end = line, sizeof(line)))
		return 0;
	double period = strtod(end, NULL);
	return quota > 0 && period > 0 ? quota / period : 0;
}

/* A number in a file of lines like "inactive_file 4096"; 0 where there is none. */
static double cgroup_read_word(struct text *folder, const char *name, const char *word)
{
	char line[128];
	double found = 0;
	const size_t length = folder->length, word_length = strlen(word);
	text_addf(folder, "/%s", name);
	FILE *file = fopen(folder->data, "re");
	folder->length = length;
	folder->data[length] = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, word_length) == 0 && line[word_length] == ' ')
			found = strtod(line + word_length, NULL);
	if (file)
		fclose(file);
	return found;
}

/* What is left of the group's limit; what it holds of files can be dropped. Never 0: that would say
 * that there is no limit. */
static double cgroup_group_memory(struct text *folder, bool unified)
{
	char line[64];
	if (!cgroup_read_line(
		    folder, unified ? "memory.max" : "memory.limit_in_bytes", line, sizeof(line)))
		return 0;
	const double limit = strtod(line, NULL);
	if (limit <= 0 ||
		!cgroup_read_line(folder, unified ? "memory.current" : "memory.usage_in_bytes",
			line, sizeof(line)))
		return 0;
	const double used =
		strtod(line, NULL) - cgroup_read_word(folder, "memory.stat",
					     unified ? "inactive_file" : "total_inactive_file");
	return limit - used > 1 ? limit - used : 1;
}

static double cgroup_tighter(double a, double b)
{
	if (a <= 0)
		return b;
	return b > 0 && b < a ? b : a;
}

/* Spaces and the like stand as \040 in mountinfo. */
static void cgroup_unescape(char *text)
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

static bool cgroup_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

/* One line of mountinfo: "36 25 0:31 /seen /point opts tag:1 - cgroup cgroup rw,cpu,cpuacct". */
static bool cgroup_parse_mount(char *line, const char *controller, struct cgroup_mount *mount)
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
	cgroup_unescape(mount->seen);
	cgroup_unescape(mount->point);
	mount->unified = strcmp(type, "cgroup2") == 0;
	return mount->unified ||
	       (strcmp(type, "cgroup") == 0 && cgroup_has_word(super, controller));
}

static FILE *cgroup_open(const char *root, const char *name)
{
	struct text path = { .data = NULL };
	text_addf(&path, "%s%s", root, name);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	return file;
}

/* This process's group in a hierarchy, out of lines like "0::/a/b" or
 * "4:cpu,cpuacct:/a/b". */
static bool cgroup_own_group(
	const char *root, bool unified, const char *controller, char group[PATH_MAX])
{
	char line[PATH_MAX];
	FILE *file = cgroup_open(root, "/proc/self/cgroup");
	bool found = false;
	while (file && !found && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *name = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!name)
			continue;
		*name++ = '\0';
		name[strcspn(name, "\n")] = '\0';
		found = unified ? controllers[1] == '\0'
				: cgroup_has_word(controllers + 1, controller);
		if (found)
			memcpy(group, name, strlen(name) + 1);
	}
	if (file)
		fclose(file);
	return found;
}

/* The part of `group` below what the mount shows; "" where it shows something else (a container's
 * view). */
static const char *cgroup_below(const char *group, const char *seen)
{
	size_t length = strcmp(seen, "/") == 0 ? 0 : strlen(seen);
	if (strncmp(group, seen, length) != 0 || (group[length] != '/' && group[length] != '\0'))
		return "";
	return strstr(group, "..") ? "" : group + length;
}

/* The tightest limit of the own group and of all above it. */
static double cgroup_mount_limit(
	const char *root, const struct cgroup_mount *mount, const struct cgroup_kind *kind)
{
	char group[PATH_MAX];
	if (!cgroup_own_group(root, mount->unified, kind->controller, group))
		return 0;
	struct text folder = { .data = NULL };
	text_addf(&folder, "%s%s", root, mount->point);
	const size_t top = folder.length;
	text_add_string(&folder, cgroup_below(group, mount->seen));
	double limit = kind->read(&folder, mount->unified);
	while (folder.length > top) {
		while (folder.length > top && folder.data[--folder.length] != '/')
			;
		folder.data[folder.length] = '\0';
		limit = cgroup_tighter(limit, kind->read(&folder, mount->unified));
	}
	text_finish(&folder);
	return limit;
}

static double cgroup_limit(const char *root, const struct cgroup_kind *kind)
{
	char *line = NULL;
	size_t room = 0;
	double limit = 0;
	FILE *file = cgroup_open(root, "/proc/self/mountinfo");
	while (file && getline(&line, &room, file) > 0) {
		struct cgroup_mount mount;
		line[strcspn(line, "\n")] = '\0';
		if (cgroup_parse_mount(line, kind->controller, &mount))
			limit = cgroup_tighter(limit, cgroup_mount_limit(root, &mount, kind));
	}
	free(line);
	if (file)
		fclose(file);
	return limit;
}

double cgroup_quota(const char *root)
{
	static const struct cgroup_kind kind = { "cpu", cgroup_group_quota };
	return cgroup_limit(root, &kind);
}

double cgroup_memory(const char *root)
{
	static const struct cgroup_kind kind = { "memory", cgroup_group_memory };
	return cgroup_limit(root, &kind);
}
