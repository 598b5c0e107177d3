/* How many cores this process may use. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Whole cores that a quota of `used` microseconds in every `period` is worth, at least 1; 0 for no quota. */
static int64_t whole_cores(int64_t used, int64_t period) {
    if (used <= 0 || period <= 0) return 0;
    return used < period ? 1 : used / period;
}

/* The first line of a file without its end; false where there is none. */
static bool read_line(const char *path, char *line, int size) {
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    bool found = fgets(line, size, file) != NULL;
    fclose(file);
    if (found) line[strcspn(line, "\n")] = 0;
    return found;
}

/* Control groups, version 2: `cpu.max` holds "used period" or "max period". */
static int64_t unified_quota(const char *folder) {
    char path[4200], line[128], *rest;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_line(path, line, sizeof line)) return 0;
    int64_t used = strtoll(line, &rest, 10);
    return rest == line ? 0 : whole_cores(used, strtoll(rest, NULL, 10));
}

/* Control groups, version 1: a file each for what may be used and for the period; -1 is no quota. */
static int64_t legacy_quota(const char *folder) {
    char path[4200], used[64], period[64];
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, used, sizeof used)) return 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (!read_line(path, period, sizeof period)) return 0;
    return whole_cores(strtoll(used, NULL, 10), strtoll(period, NULL, 10));
}

/* The least quota of a group and of those it is in, up to `root`; 0 for none. A group that cannot be seen from here, as
   in a container, counts as the root. */
static int64_t least_quota(const char *root, const char *group, int64_t (*quota)(const char *)) {
    char folder[4096];
    int length = snprintf(folder, sizeof folder, "%s%s", root, group);
    if (length < 0 || length >= (int)sizeof folder) return 0;
    int64_t least = 0;
    for (;;) {
        int64_t found = quota(folder);
        if (found > 0 && (least == 0 || found < least)) least = found;
        char *end = strrchr(folder, '/');
        if (end == NULL || end < folder + strlen(root)) return least;
        *end = 0;
    }
}

/* A line of the list of groups is "number:controllers:path"; version 2 has number 0 and no controllers. */
static bool controls_processors(const char *controllers, const char *end) {
    while (controllers < end) {
        const char *next = memchr(controllers, ',', (size_t)(end - controllers));
        if (next == NULL) next = end;
        if (next - controllers == 3 && strncmp(controllers, "cpu", 3) == 0) return true;
        controllers = next + 1;
    }
    return false;
}

int flow_quota_cores(const char *groups, const char *root) {
    FILE *file = fopen(groups, "re");
    if (file == NULL) return 0;
    char line[4096], legacy[4096];
    int64_t least = 0;
    snprintf(legacy, sizeof legacy, "%s/cpu", root);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *path = controllers == NULL ? NULL : strchr(++controllers, ':');
        if (path == NULL || path[1] != '/') continue;
        int64_t found = 0;
        if (path == controllers) {
            found = least_quota(root, path + 1, unified_quota);
        } else if (controls_processors(controllers, path)) {
            found = least_quota(legacy, path + 1, legacy_quota);
        }
        if (found > 0 && (least == 0 || found < least)) least = found;
    }
    fclose(file);
    return (int)(least > 1 << 20 ? 1 << 20 : least);
}

int flow_available_cores(void) {
    int count = 0;
#if defined(__linux__)
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0) count = CPU_COUNT(&cores);
    int quota = flow_quota_cores("/proc/self/cgroup", "/sys/fs/cgroup");
#else
    int quota = 0;
#endif
    if (count < 1) count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (quota > 0 && quota < count) count = quota;
    return count < 1 ? 1 : count;
}
