/* Who has which part of a range of addresses. Safe to call from several threads. */
#ifndef SPANS_H
#define SPANS_H

#include <stdbool.h>
#include <stddef.h>

/* Where in a free span a block is put. */
typedef enum { FromBeginning, FromEnd } spans_place;

/* All of the range is free. To be called once. */
bool spans_begin(char *start, size_t size);

/* A block of the smallest free span that it fits into; NULL where there is none. */
void *spans_take(size_t size, spans_place place);

/* Frees a block; its neighbours become one span with it. */
void spans_give_back(void *block);

/* The size that a block was taken with. */
size_t spans_size(const void *block);

#endif
