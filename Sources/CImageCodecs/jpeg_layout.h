#ifndef CIMAGECODECS_JPEG_LAYOUT_H
#define CIMAGECODECS_JPEG_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* The layout of libjpeg's structures, ABI 62 on 64-bit (LP64) systems, as far as they are used here; `unused` stands for
   what is not. jpeg.c asserts the places, and the library refuses a structure of another size. */

typedef struct jpeg_decompression jpeg_decompression;

enum {
    JPEG_ABI = 62,
    JPEG_MESSAGE_SIZE = 200,
    JPEG_GRAY = 1,
    JPEG_RGB = 2,
    JPEG_CMYK = 4,
    JPEG_YCCK = 5,
};

typedef struct jpeg_error_manager {
    void (*error_exit)(jpeg_decompression *);
    void (*emit_message)(jpeg_decompression *, int level);
    void (*output_message)(jpeg_decompression *);
    void (*format_message)(jpeg_decompression *, char *text);
    uint8_t unused[136];
} jpeg_error_manager;

typedef struct jpeg_source {
    const uint8_t *next;
    size_t left;
    void (*begin)(jpeg_decompression *);
    int (*fill)(jpeg_decompression *);
    void (*skip)(jpeg_decompression *, long count);
    int (*resynchronize)(jpeg_decompression *, int desired);
    void (*end)(jpeg_decompression *);
} jpeg_source;

typedef struct jpeg_progress {
    void (*monitor)(jpeg_decompression *);
    long pass_counter;
    long pass_limit;
    int completed_passes;
    int total_passes;
} jpeg_progress;

struct jpeg_decompression {
    jpeg_error_manager *errors;
    void *memory;
    jpeg_progress *progress;
    void *context;
    int is_decompressor;
    int state;
    jpeg_source *source;
    uint32_t width;
    uint32_t height;
    int component_count;
    int color_space;
    int output_color_space;
    uint8_t unused_options[68];
    uint32_t output_width;
    uint32_t output_height;
    int output_color_components;
    int output_components;
    uint8_t unused_colormap[16];
    uint32_t output_scanline;
    int input_scan;
    uint8_t unused_tables[208];
    int has_adobe_marker;
    uint8_t unused_rest[244];
};

#endif
