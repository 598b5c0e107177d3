#define _GNU_SOURCE
#include "CProcessMemory.h"

#include <stdlib.h>

#if defined(__GLIBC__) && defined(__LP64__)
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spans.h"

/* The C library's own functions, under the names that do not meet the ones below. */
void *__libc_malloc(size_t size);
void __libc_free(void *block);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum {
    SmallestKept = 1 << 20,
    /* Blocks begin at multiples of this and are multiples of it long. */
    Unit = 1 << 16,
    /* Blocks from here on are taken from the range's beginning, others from its end. */
    Large = 16 << 20,
};
/* Both are 0 until memory is kept; the size is set last. */
static _Atomic(char *) range_start;
static _Atomic size_t range_size;

bool process_memory_keep(void) {
    if (atomic_load_explicit(&range_size, memory_order_acquire) > 0) return true;
    /* Addresses cost nothing until they are written to. */
    size_t size = 4 * (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) & ~(size_t)(Unit - 1);
    char *start = mmap(
        NULL, size + Unit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) return false;
    char *first = (char *)(((uintptr_t)start + Unit - 1) & ~(uintptr_t)(Unit - 1));
    if (!spans_begin(first, size)) {
        munmap(start, size + Unit);
        return false;
    }
    atomic_store_explicit(&range_start, first, memory_order_relaxed);
    atomic_store_explicit(&range_size, size, memory_order_release);
    return true;
}

static bool is_kept(const void *block) {
    size_t size = atomic_load_explicit(&range_size, memory_order_acquire);
    return (uintptr_t)block - (uintptr_t)atomic_load_explicit(&range_start, memory_order_relaxed) < size;
}

/* A block of the range, or NULL where the C library is to be asked. */
static void *kept(size_t size, size_t alignment) {
    if (size < SmallestKept || alignment > Unit) return NULL;
    if (size > atomic_load_explicit(&range_size, memory_order_acquire)) return NULL;
    return spans_take((size + Unit - 1) & ~(size_t)(Unit - 1), size >= Large ? FromBeginning : FromEnd);
}

static bool is_power_of_two(size_t value) { return value != 0 && (value & (value - 1)) == 0; }

static void *aligned(size_t alignment, size_t size) {
    void *block = kept(size, alignment);
    return block != NULL ? block : __libc_memalign(alignment, size);
}

/* What follows replaces the C library's functions in this process; see the README. */
#define REPLACEMENT __attribute__((visibility("default")))

REPLACEMENT void *malloc(size_t size) {
    void *block = kept(size, 1);
    return block != NULL ? block : __libc_malloc(size);
}

REPLACEMENT int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || !is_power_of_two(alignment)) return EINVAL;
    void *found = aligned(alignment, size);
    if (found == NULL) return ENOMEM;
    *block = found;
    return 0;
}

REPLACEMENT void *aligned_alloc(size_t alignment, size_t size) {
    if (is_power_of_two(alignment)) return aligned(alignment, size);
    errno = EINVAL;
    return NULL;
}

REPLACEMENT void free(void *block) {
    if (is_kept(block))
        spans_give_back(block);
    else
        __libc_free(block);
}

REPLACEMENT size_t malloc_usable_size(void *block) {
    static _Atomic(size_t (*)(void *)) usable_size;
    if (is_kept(block)) return spans_size(block);
    size_t (*function)(void *) = atomic_load_explicit(&usable_size, memory_order_relaxed);
    if (function == NULL) {
        function = (size_t(*)(void *))dlsym(RTLD_NEXT, "malloc_usable_size");
        atomic_store_explicit(&usable_size, function, memory_order_relaxed);
    }
    return function(block);
}

REPLACEMENT void *realloc(void *block, size_t size) {
    if (!is_kept(block)) return __libc_realloc(block, size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    size_t old = spans_size(block);
    if (size <= old && size > old / 2) return block;
    void *moved = malloc(size);
    if (moved == NULL) return NULL;
    memcpy(moved, block, size < old ? size : old);
    free(block);
    return moved;
}

void process_memory_trim(void) { malloc_trim(0); }
#else
bool process_memory_keep(void) { return false; }
void process_memory_trim(void) {}
#endif
