#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// PNG and JPEG files by libpng (1.6) and libjpeg-turbo (ABI 62), both loaded at run time.

/// Why something failed, as text that ends with a zero.
typedef struct cimage_failure {
    char text[256];
} cimage_failure;

/// A decoded picture of 8 bits a value, rows from the top, the channels of a pixel side by side.
typedef struct cimage {
    uint32_t width;
    uint32_t height;
    /// 1: gray, 2: gray and alpha, 3: red, green and blue, 4: those and alpha.
    int channels;
    /// Of width x height x channels bytes, to be freed by the caller; null after a failure.
    uint8_t *pixels;
} cimage;

/// Loads a library for the rest of the process, once: not to be called from several threads at a time.
bool cimage_load_png(const char *path, cimage_failure *failure);
bool cimage_load_jpeg(const char *path, cimage_failure *failure);

/// Decodes a file whose header says that it has at most so many pixels; nothing is allocated for a larger one. The library
/// has been loaded. May be called from any number of threads.
bool cimage_decode_png(
    const uint8_t *bytes, size_t count, uint64_t most_pixels, cimage *image, cimage_failure *failure);
bool cimage_decode_jpeg(
    const uint8_t *bytes, size_t count, uint64_t most_pixels, cimage *image, cimage_failure *failure);

#endif
