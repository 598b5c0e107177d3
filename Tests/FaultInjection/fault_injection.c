/* A library to be preloaded: lets the n-th call on files under a folder fail, or kills the process there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* MARK: What is asked for */

typedef enum Deed { Nothing, Fail, Short, KillBefore, KillAmid, KillAfter } Deed;

static struct {
    const char *under; /* a folder; null: nothing is done */
    const char *call;  /* a call's name, or "any" */
    const char *file;  /* what the path must contain; null: anything */
    long at;           /* from 1 */
    bool lasting;      /* the calls after it as well */
    Deed deed;
    int error;
    long room; /* bytes that may be written in all; negative: any number */
    int log;
} plan = {.room = -1, .log = -1};

static _Atomic long calls;
static _Atomic long written;

static const char *set(const char *name) {
    const char *value = getenv(name);
    return value != NULL && value[0] != 0 ? value : NULL;
}

__attribute__((constructor)) static void read_plan(void) {
    plan.under = set("FAULT_UNDER");
    plan.call = set("FAULT_CALL");
    plan.file = set("FAULT_FILE");
    plan.at = set("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
    plan.lasting = set("FAULT_LASTING") != NULL;
    plan.room = set("FAULT_ROOM") ? atol(getenv("FAULT_ROOM")) : -1;
    const char *deed = set("FAULT_DO"), *log = set("FAULT_LOG");
    static const struct { const char *name; Deed deed; int error; } deeds[] = {
        {"ENOSPC", Fail, ENOSPC}, {"EIO", Fail, EIO}, {"EINTR", Fail, EINTR}, {"EDQUOT", Fail, EDQUOT},
        {"EACCES", Fail, EACCES}, {"EMFILE", Fail, EMFILE}, {"short", Short, 0}, {"kill-before", KillBefore, 0},
        {"kill-amid", KillAmid, 0}, {"kill-after", KillAfter, 0},
    };
    for (size_t i = 0; deed != NULL && i < sizeof deeds / sizeof deeds[0]; i++) {
        if (strcmp(deed, deeds[i].name) == 0) plan.deed = deeds[i].deed, plan.error = deeds[i].error;
    }
    if (log != NULL) plan.log = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static _Noreturn void end(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* MARK: Which calls count */

static bool is_under(const char *path) {
    size_t count = strlen(plan.under);
    return strncmp(path, plan.under, count) == 0 && (path[count] == '/' || path[count] == 0);
}

/* The path as it would be opened, made absolute; an open file's when `path` is null. False when it does not count. */
static bool counts(int descriptor, const char *path, char *full) {
    if (plan.under == NULL) return false;
    if (path != NULL && path[0] == '/') {
        snprintf(full, PATH_MAX, "%s", path);
    } else {
        char link[64];
        if (path != NULL && descriptor == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        long count = syscall(SYS_readlinkat, AT_FDCWD, link, full, PATH_MAX - 1);
        if (count <= 0) return false;
        full[count] = 0;
        if (path != NULL) snprintf(full + count, PATH_MAX - (size_t)count, "/%s", path);
    }
    return is_under(full) && (plan.file == NULL || strstr(full, plan.file) != NULL);
}

static void note(const char *call, const char *path, long bytes) {
    if (plan.log < 0) return;
    char line[PATH_MAX + 64];
    int count = snprintf(line, sizeof line, "%s %ld %s\n", call, bytes, path);
    if (count > 0) syscall(SYS_write, plan.log, line, (size_t)count);
}

/* What is to be done at this call. */
static Deed deed_at(const char *call, int descriptor, const char *path, long bytes) {
    char full[PATH_MAX];
    int before = errno;
    bool counted = counts(descriptor, path, full);
    errno = before;
    if (!counted) return Nothing;
    note(call, full, bytes);
    if (plan.call == NULL || (strcmp(plan.call, "any") != 0 && strcmp(plan.call, call) != 0)) return Nothing;
    long number = atomic_fetch_add(&calls, 1) + 1;
    return number == plan.at || (plan.lasting && number > plan.at && plan.at > 0) ? plan.deed : Nothing;
}

/* MARK: The calls */

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* `perform` is an expression for the call itself. */
#define CALL(call, descriptor, path, perform) \
    Deed deed = deed_at(call, descriptor, path, 0); \
    if (deed == Fail) return errno = plan.error, -1; \
    if (deed == KillBefore || deed == KillAmid) end(); \
    __typeof__(perform) result = perform; \
    if (deed == KillAfter) end(); \
    return result

static bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0; }

static mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = mode_of(flags, arguments); \
        va_end(arguments); \
        CALL(writes(flags) ? "open" : "open-to-read", AT_FDCWD, path, NEXT(name)(path, flags, mode)); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = mode_of(flags, arguments); \
        va_end(arguments); \
        CALL(writes(flags) ? "open" : "open-to-read", folder, path, NEXT(name)(folder, path, flags, mode)); \
    }
OPENAT(openat)
OPENAT(openat64)

int rename(const char *from, const char *to) { CALL("rename", AT_FDCWD, to, NEXT(rename)(from, to)); }
int renameat(int f, const char *from, int t, const char *to) { CALL("rename", t, to, NEXT(renameat)(f, from, t, to)); }
int mkdir(const char *path, mode_t mode) { CALL("mkdir", AT_FDCWD, path, NEXT(mkdir)(path, mode)); }
int unlink(const char *path) { CALL("unlink", AT_FDCWD, path, NEXT(unlink)(path)); }
int fsync(int descriptor) { CALL("fsync", descriptor, NULL, NEXT(fsync)(descriptor)); }
int fdatasync(int descriptor) { CALL("fsync", descriptor, NULL, NEXT(fdatasync)(descriptor)); }
int ftruncate(int descriptor, off_t size) { CALL("ftruncate", descriptor, NULL, NEXT(ftruncate)(descriptor, size)); }
int ftruncate64(int descriptor, off64_t size) {
    CALL("ftruncate", descriptor, NULL, NEXT(ftruncate64)(descriptor, size));
}

/* How many of `count` bytes a full disk still takes. */
static size_t room_for(int descriptor, size_t count) {
    char full[PATH_MAX];
    if (plan.room < 0 || !counts(descriptor, NULL, full)) return count;
    long before = atomic_fetch_add(&written, (long)count);
    long left = plan.room - before;
    return left <= 0 ? 0 : (size_t)left < count ? (size_t)left : count;
}

/* `perform` writes `count` bytes. */
#define WRITE(descriptor, perform) \
    size_t wanted = count; \
    count = room_for(descriptor, count); \
    Deed deed = deed_at("write", descriptor, NULL, (long)count); \
    if (count == 0 && wanted > 0) return errno = ENOSPC, -1; \
    if (deed == Fail) return errno = plan.error, -1; \
    if (deed == KillBefore) end(); \
    if ((deed == Short || deed == KillAmid) && count > 1) count /= 2; \
    ssize_t result = perform; \
    if (deed == KillAmid || deed == KillAfter) end(); \
    return result

ssize_t write(int descriptor, const void *bytes, size_t count) {
    WRITE(descriptor, syscall(SYS_write, descriptor, bytes, count));
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t at) {
    WRITE(descriptor, syscall(SYS_pwrite64, descriptor, bytes, count, at));
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t at) {
    WRITE(descriptor, syscall(SYS_pwrite64, descriptor, bytes, count, at));
}

/* `perform` reads `count` bytes. */
#define READ(descriptor, perform) \
    Deed deed = deed_at("read", descriptor, NULL, (long)count); \
    if (deed == Fail) return errno = plan.error, -1; \
    if (deed == KillBefore || deed == KillAmid) end(); \
    if (deed == Short && count > 1) count /= 2; \
    ssize_t result = perform; \
    if (deed == KillAfter) end(); \
    return result

ssize_t read(int descriptor, void *bytes, size_t count) {
    READ(descriptor, syscall(SYS_read, descriptor, bytes, count));
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t at) {
    READ(descriptor, syscall(SYS_pread64, descriptor, bytes, count, at));
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t at) {
    READ(descriptor, syscall(SYS_pread64, descriptor, bytes, count, at));
}
