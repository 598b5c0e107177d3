#ifndef CIMAGECODECS_INTERNAL_H
#define CIMAGECODECS_INTERNAL_H

#include "CImageCodecs.h"

/* Writes a failure's text; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) void cimage_fail(cimage_failure *failure, const char *format, ...);

/* A function of a library to be loaded, and where its address goes. */
typedef struct symbol {
    const char *name;
    void **address;
} symbol;

/* Opens a library and finds its functions. */
bool cimage_open(const char *path, const symbol *symbols, size_t count, cimage_failure *failure);

/* Whether a picture is within the limit; else says so. */
bool cimage_is_possible(uint32_t width, uint32_t height, uint64_t most_pixels, cimage_failure *failure);

#endif
