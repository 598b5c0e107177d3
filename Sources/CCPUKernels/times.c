/* How often each kernel ran, and for how long. */
#define _POSIX_C_SOURCE 200809L
#include <stdatomic.h>
#include <time.h>

#include "internal.h"

static _Atomic int64_t calls[FlowKernelCount];
static _Atomic int64_t nanoseconds[FlowKernelCount];

int64_t flow_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void flow_note_time(int64_t kernel, int64_t duration) {
    atomic_fetch_add_explicit(&calls[kernel], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&nanoseconds[kernel], duration, memory_order_relaxed);
}

FlowKernelTime flow_kernel_time(int64_t kernel) {
    if (kernel < 0 || kernel >= FlowKernelCount) return (FlowKernelTime){0, 0};
    return (FlowKernelTime){atomic_load(&calls[kernel]), 1e-9 * (double)atomic_load(&nanoseconds[kernel])};
}
