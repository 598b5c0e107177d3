/* One owner thread runs every kernel; one team of workers helps it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#if defined(__x86_64__)
#define FLOW_PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define FLOW_PAUSE() __asm__ volatile("yield")
#else
#define FLOW_PAUSE() ((void)0)
#endif

enum { MaximumThreads = 256, SpinRounds = 2000 };

/* MARK: Waiting */

/* A counter that can be waited on: a short spin, then sleep. */
typedef struct Signal {
    _Atomic uint32_t value;
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    _Atomic int sleepers;
} Signal;

#define SIGNAL_INITIALIZER {0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

static void signal_raise(Signal *signal) {
    atomic_fetch_add(&signal->value, 1);
    if (atomic_load(&signal->sleepers) == 0) return;
    pthread_mutex_lock(&signal->mutex);
    pthread_cond_broadcast(&signal->condition);
    pthread_mutex_unlock(&signal->mutex);
}

/* Waits until the counter differs from `seen`; returns its value. */
static uint32_t signal_wait(Signal *signal, uint32_t seen, int spins) {
    for (int i = 0; i < spins; i++) {
        uint32_t value = atomic_load_explicit(&signal->value, memory_order_acquire);
        if (value != seen) return value;
        FLOW_PAUSE();
    }
    pthread_mutex_lock(&signal->mutex);
    atomic_fetch_add(&signal->sleepers, 1);
    uint32_t value;
    while ((value = atomic_load(&signal->value)) == seen) pthread_cond_wait(&signal->condition, &signal->mutex);
    atomic_fetch_sub(&signal->sleepers, 1);
    pthread_mutex_unlock(&signal->mutex);
    return value;
}

/* MARK: Thread count */

static _Atomic int chosen_threads;

int flow_thread_count(void) {
    int count = atomic_load(&chosen_threads);
    if (count > 0) return count;
#if defined(__linux__)
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0) count = CPU_COUNT(&cores);
#endif
    if (count < 1) count = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1) count = 1;
    if (count > MaximumThreads) count = MaximumThreads;
    atomic_store(&chosen_threads, count);
    return count;
}

static void set_thread_count_as_owner(void *context) {
    int count = *(const int *)context;
    atomic_store(&chosen_threads, count < 1 ? 1 : count > MaximumThreads ? MaximumThreads : count);
}

/* By the owner, between kernels: a kernel may rely on the count while it runs. */
void flow_set_thread_count(int count) { flow_own(set_thread_count_as_owner, &count); }

/* MARK: Team */

typedef struct Loop {
    FlowBody body;
    void *context;
    int64_t count;
    _Atomic int64_t next;
    _Atomic int arrivals; /* hands out worker numbers */
} Loop;

static void loop_run(Loop *loop) {
    int worker = atomic_fetch_add(&loop->arrivals, 1);
    for (;;) {
        int64_t item = atomic_fetch_add_explicit(&loop->next, 1, memory_order_relaxed);
        if (item >= loop->count) return;
        loop->body(loop->context, item, worker);
    }
}

static void loop_run_erased(void *loop) { loop_run(loop); }

/* libgomp's team, when oneDNN brought one; a team belongs to the thread that starts it, here the owner. */
static void (*openmp_parallel)(void (*)(void *), void *, unsigned, unsigned);
static void (*openmp_set_threads)(int);

void flow_share_openmp(void *library) {
    openmp_set_threads = (void (*)(int))dlsym(library, "omp_set_num_threads");
    openmp_parallel = (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(library, "GOMP_parallel");
}

/* This library's own team, for when there is no OpenMP runtime. `own_workers` threads besides the owner. */
static int own_workers;
static Signal own_start = SIGNAL_INITIALIZER;
static Signal own_finish = SIGNAL_INITIALIZER;
static Loop *own_loop;
static int own_wanted; /* workers that take part in the current loop */
static _Atomic int own_running;

/* `birth` is the worker's number in its low half and own_start's value at its start in the high one. */
static void *own_worker(void *birth) {
    int self = (int)((uint64_t)(uintptr_t)birth & 0xffffffffu);
    uint32_t seen = (uint32_t)((uint64_t)(uintptr_t)birth >> 32);
    for (;;) {
        seen = signal_wait(&own_start, seen, SpinRounds);
        if (self < own_wanted) loop_run(own_loop);
        if (atomic_fetch_sub(&own_running, 1) == 1) signal_raise(&own_finish);
    }
    return NULL;
}

static void own_parallel(Loop *loop, int threads) {
    while (own_workers < threads - 1) {
        pthread_t thread;
        uint64_t birth = (uint64_t)atomic_load(&own_start.value) << 32 | (uint64_t)own_workers;
        if (pthread_create(&thread, NULL, own_worker, (void *)(uintptr_t)birth) != 0) break;
        pthread_detach(thread);
        own_workers++;
    }
    if (own_workers == 0) {
        loop_run(loop);
        return;
    }
    uint32_t finished = atomic_load(&own_finish.value);
    own_loop = loop;
    own_wanted = threads - 1;
    atomic_store(&own_running, own_workers);
    signal_raise(&own_start);
    loop_run(loop);
    signal_wait(&own_finish, finished, SpinRounds);
}

void flow_for(int64_t count, FlowBody body, void *context) {
    if (count <= 0) return;
    int threads = flow_thread_count();
    Loop loop = {body, context, count, 0, 0};
    if (threads == 1 || count == 1) {
        loop_run(&loop);
    } else if (openmp_parallel != NULL) {
        openmp_parallel(loop_run_erased, &loop, (unsigned)threads, 0);
    } else {
        own_parallel(&loop, threads);
    }
}

/* MARK: Owner */

static pthread_mutex_t owner_turn = PTHREAD_MUTEX_INITIALIZER; /* held by the thread whose kernel runs */
static Signal owner_request = SIGNAL_INITIALIZER;
static Signal owner_reply = SIGNAL_INITIALIZER;
static void (*owner_work)(void *);
static void *owner_context;
static bool owner_started;

static void *owner_serve(void *unused) {
    (void)unused;
    uint32_t seen = 0;
    for (;;) {
        seen = signal_wait(&owner_request, seen, SpinRounds);
        if (openmp_set_threads != NULL) openmp_set_threads(flow_thread_count());
        owner_work(owner_context);
        signal_raise(&owner_reply);
    }
    return NULL;
}

void flow_own(void (*work)(void *), void *context) {
    pthread_mutex_lock(&owner_turn);
    if (!owner_started) {
        pthread_t thread;
        owner_started = pthread_create(&thread, NULL, owner_serve, NULL) == 0;
        if (owner_started) pthread_detach(thread);
    }
    if (owner_started) {
        uint32_t replied = atomic_load(&owner_reply.value);
        owner_work = work;
        owner_context = context;
        signal_raise(&owner_request);
        signal_wait(&owner_reply, replied, 0);
    } else {
        work(context);
    }
    pthread_mutex_unlock(&owner_turn);
}

/* MARK: Scratch */

static struct {
    void *data;
    int64_t bytes;
} scratch[FlowScratchSlots];

void *flow_scratch(int slot, int64_t bytes) {
    if (bytes <= scratch[slot].bytes) return scratch[slot].data;
    free(scratch[slot].data);
    int64_t rounded = (bytes + 4095) / 4096 * 4096;
    scratch[slot].data = aligned_alloc(64, (size_t)rounded);
    scratch[slot].bytes = scratch[slot].data != NULL ? rounded : 0;
    return scratch[slot].data;
}
