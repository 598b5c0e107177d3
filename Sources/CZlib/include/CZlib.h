#ifndef CZLIB_H
#define CZLIB_H

// The part of zlib's stable C interface (major version 1) that the package calls after loading the library at run
// time. Building therefore needs no zlib headers; CZlib.c checks the layout.

#include <stddef.h>

typedef struct czlib_stream {
    const unsigned char *next_in;
    unsigned int avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned int avail_out;
    unsigned long total_out;
    const char *message;
    void *internal_state;
    void *allocate;
    void *release;
    void *opaque;
    int data_type;
    unsigned long checksum;
    unsigned long reserved;
} czlib_stream;

enum {
    CZLIB_OK = 0,
    CZLIB_STREAM_END = 1,
    CZLIB_BUFFER_ERROR = -5,
    CZLIB_NO_FLUSH = 0,
};

typedef int (*czlib_inflate_init2_function)(czlib_stream *stream, int window_bits, const char *version, int size);
typedef int (*czlib_inflate_function)(czlib_stream *stream, int flush);
typedef int (*czlib_inflate_reset_function)(czlib_stream *stream);
typedef int (*czlib_inflate_end_function)(czlib_stream *stream);
typedef unsigned long (*czlib_compress_bound_function)(unsigned long source_length);
typedef int (*czlib_compress2_function)(
    unsigned char *destination, unsigned long *destination_length,
    const unsigned char *source, unsigned long source_length, int level);

#endif
