#define _GNU_SOURCE
#include <stdlib.h>

#include "CProcessMemory.h"

#if defined(__GLIBC__)
#include <errno.h>
#include <malloc.h>
#include <stdint.h>

bool process_memory_keep(void) {
    /* Never map, never trim, one arena: what is freed after a step stays in the heap for the next. */
    return mallopt(M_MMAP_MAX, 0) == 1 && mallopt(M_TRIM_THRESHOLD, -1) == 1 && mallopt(M_ARENA_MAX, 1) == 1;
}

enum { LargeBlock = 1 << 20 };

static void *aligned(size_t alignment, size_t size) {
    void *block = size >= LargeBlock ? malloc(size) : NULL;
    if (block != NULL && (uintptr_t)block % alignment == 0) return block;
    free(block);
    return memalign(alignment, size);
}

static bool is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

/* The next two replace the C library's functions in this process; see the README. */
__attribute__((visibility("default"))) int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || !is_power_of_two(alignment)) return EINVAL;
    void *found = aligned(alignment, size);
    if (found == NULL) return ENOMEM;
    *block = found;
    return 0;
}

__attribute__((visibility("default"))) void *aligned_alloc(size_t alignment, size_t size) {
    if (is_power_of_two(alignment)) return aligned(alignment, size);
    errno = EINVAL;
    return NULL;
}
#else
bool process_memory_keep(void) { return false; }
#endif
