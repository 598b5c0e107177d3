/* One owner thread runs every kernel; one team of workers helps it. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

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
    count = flow_available_cores();
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
} Loop;

static void loop_run(Loop *loop, int worker) {
    for (;;) {
        int64_t item = atomic_fetch_add_explicit(&loop->next, 1, memory_order_relaxed);
        if (item >= loop->count) return;
        loop->body(loop->context, item, worker);
    }
}

/* The owner works on every loop; a worker comes in through the door as long as that is open, takes items, and leaves.
   Whoever has not come by the time the last item is handed out is not waited for: on a core that another process uses a
   worker may be away for milliseconds, a loop often takes less than one. */
static Loop *current_loop;
static Signal loop_start = SIGNAL_INITIALIZER;
static Signal loop_finish = SIGNAL_INITIALIZER;
static int worker_count;

/* How many workers are inside, and above that how many places are left; without a place the door is closed.
   The number of the last free place is the worker's number; 0 is the owner's. */
static _Atomic uint32_t door;
enum { DoorInside = 0xffff, DoorPlace = 0x10000 };

/* The worker's number, or 0 where there is no place. */
static int door_enter(void) {
    uint32_t state = atomic_load(&door);
    while (state >= DoorPlace) {
        if (atomic_compare_exchange_weak(&door, &state, state - DoorPlace + 1)) return (int)(state / DoorPlace);
    }
    return 0;
}

/* The last to leave a closed door says so. */
static void door_leave(void) {
    if (atomic_fetch_sub(&door, 1) == 1) signal_raise(&loop_finish);
}

static void door_close(void) {
    atomic_fetch_and(&door, DoorInside);
    for (;;) {
        uint32_t seen = atomic_load(&loop_finish.value);
        if (atomic_load(&door) == 0) return;
        signal_wait(&loop_finish, seen, SpinRounds);
    }
}

/* `birth` is loop_start's value at the worker's start. */
static void *worker_serve(void *birth) {
    uint32_t seen = (uint32_t)(uintptr_t)birth;
    for (;;) {
        seen = signal_wait(&loop_start, seen, SpinRounds);
        int worker = door_enter();
        if (worker == 0) continue;
        loop_run(current_loop, worker);
        door_leave();
    }
    return NULL;
}

static void hire_workers(int count) {
    while (worker_count < count) {
        pthread_t thread;
        uintptr_t birth = atomic_load(&loop_start.value);
        if (pthread_create(&thread, NULL, worker_serve, (void *)birth) != 0) return;
        pthread_detach(thread);
        worker_count++;
    }
}

void flow_for(int64_t count, FlowBody body, void *context) {
    if (count <= 0) return;
    int helpers = flow_thread_count() - 1;
    if (helpers > count - 1) helpers = (int)(count - 1);
    Loop loop = {body, context, count, 0};
    if (helpers == 0) {
        loop_run(&loop, 0);
        return;
    }
    hire_workers(helpers);
    current_loop = &loop;
    atomic_store(&door, (uint32_t)helpers * DoorPlace);
    signal_raise(&loop_start);
    loop_run(&loop, 0);
    door_close();
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
