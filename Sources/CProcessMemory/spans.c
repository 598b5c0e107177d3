#define _GNU_SOURCE
#include "spans.h"

#include <stdlib.h>

#if defined(__GLIBC__) && defined(__LP64__)
#include <pthread.h>
#include <string.h>
#include <time.h>

/* The tables are the C library's own memory. */
void *__libc_realloc(void *block, size_t size);

typedef struct span {
    char *start;
    size_t size;
} span;

/* Spans that do not touch, in the order of their addresses. There are as many as there are large blocks, at most: a few
   hundred, which one memmove moves in less time than a page of a block is cleared. */
typedef struct table {
    span *spans;
    size_t count, capacity;
} table;

static table free_spans, blocks;
/* What lies before it was taken from a span's beginning once, and has its pages. */
static char *used_end;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The first span that begins at an address or after it. */
static size_t place_of(const table *table, const char *start) {
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->spans[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool reserve(table *table, size_t count) {
    if (count <= table->capacity) return true;
    size_t capacity = count < 64 ? 64 : 2 * count;
    span *spans = __libc_realloc(table->spans, capacity * sizeof(span));
    if (spans == NULL) return false;
    table->spans = spans;
    table->capacity = capacity;
    return true;
}

static void insert(table *table, size_t index, span span) {
    memmove(table->spans + index + 1, table->spans + index, (table->count - index) * sizeof span);
    table->spans[index] = span;
    table->count++;
}

static void erase(table *table, size_t index) {
    table->count--;
    memmove(table->spans + index, table->spans + index + 1, (table->count - index) * sizeof(span));
}

bool spans_begin(char *start, size_t size) {
    pthread_mutex_lock(&lock);
    bool is_done = reserve(&free_spans, 1);
    if (is_done) insert(&free_spans, 0, (span){start, size});
    used_end = start;
    pthread_mutex_unlock(&lock);
    return is_done;
}

/* The smallest free span that a block fits into; the count where there is none. */
static size_t best_fit(size_t size) {
    size_t best = free_spans.count;
    for (size_t i = 0; i < free_spans.count; i++) {
        size_t fitting = free_spans.spans[i].size;
        if (fitting >= size && (best == free_spans.count || fitting < free_spans.spans[best].size)) best = i;
    }
    return best;
}

static void *take(size_t size, spans_place place) {
    size_t best = best_fit(size);
    if (best == free_spans.count) return NULL;
    /* Giving back must not need memory: n blocks have at most n + 1 free spans between them. */
    size_t count = blocks.count + 1;
    if (!reserve(&blocks, count) || !reserve(&free_spans, count + 1)) return NULL;
    span *found = free_spans.spans + best;
    char *start = place == FromBeginning ? found->start : found->start + found->size - size;
    if (place == FromBeginning) {
        found->start += size;
        if (found->start > used_end) used_end = found->start;
    }
    found->size -= size;
    if (found->size == 0) erase(&free_spans, best);
    insert(&blocks, place_of(&blocks, start), (span){start, size});
    return start;
}

/* Whether a block would mostly lie on pages that no block has had. */
static bool needs_fresh_pages(size_t size) {
    size_t best = best_fit(size);
    return best < free_spans.count && free_spans.spans[best].start + size / 2 > used_end;
}

void *spans_take(size_t size, spans_place place) {
    pthread_mutex_lock(&lock);
    /* A run's end is told a moment before its temporaries are given back. The next run's must not settle beside them,
       where they would stay. */
    for (int turn = 0; place == FromBeginning && turn < 10 && needs_fresh_pages(size); turn++) {
        pthread_mutex_unlock(&lock);
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        pthread_mutex_lock(&lock);
    }
    void *block = take(size, place);
    pthread_mutex_unlock(&lock);
    return block;
}

static void give_back(char *start) {
    size_t index = place_of(&blocks, start);
    if (index == blocks.count || blocks.spans[index].start != start) abort();
    span given = blocks.spans[index];
    erase(&blocks, index);
    size_t next = place_of(&free_spans, start);
    if (next < free_spans.count && free_spans.spans[next].start == given.start + given.size) {
        given.size += free_spans.spans[next].size;
        erase(&free_spans, next);
    }
    if (next > 0 && free_spans.spans[next - 1].start + free_spans.spans[next - 1].size == given.start) {
        free_spans.spans[next - 1].size += given.size;
        return;
    }
    insert(&free_spans, next, given);
}

void spans_give_back(void *block) {
    pthread_mutex_lock(&lock);
    give_back(block);
    pthread_mutex_unlock(&lock);
}

size_t spans_size(const void *block) {
    pthread_mutex_lock(&lock);
    size_t index = place_of(&blocks, block);
    size_t size = index < blocks.count && blocks.spans[index].start == block ? blocks.spans[index].size : 0;
    pthread_mutex_unlock(&lock);
    return size;
}
#endif
