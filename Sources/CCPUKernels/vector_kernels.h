/* The loops that are compiled once per instruction set. */
#ifndef FLOW_VECTOR_KERNELS_H
#define FLOW_VECTOR_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers that lie in memory as floats, or, rounded, as bfloat16. */
typedef struct FlowNumbers {
    void *at;
    bool rounded;
} FlowNumbers;

static inline FlowNumbers flow_floats(const float *at) { return (FlowNumbers){(void *)at, false}; }

/* Bytes that `count` numbers take. */
static inline int64_t flow_number_bytes(FlowNumbers numbers, int64_t count) {
    return count * (numbers.rounded ? (int64_t)sizeof(uint16_t) : (int64_t)sizeof(float));
}

/* The same from number `index` on. */
static inline FlowNumbers flow_numbers_from(FlowNumbers numbers, int64_t index) {
    char *at = numbers.at;
    return (FlowNumbers){at == 0 ? 0 : at + flow_number_bytes(numbers, index), numbers.rounded};
}

/* Asks for `count` numbers that will soon be read or written. */
static inline void flow_touch(FlowNumbers numbers, int64_t count) {
    const int64_t bytes = flow_number_bytes(numbers, count), line = 64;
    for (int64_t i = 0; i < bytes; i += line) __builtin_prefetch((const char *)numbers.at + i, 0, 2);
}

enum { FlowScanMaximumStates = 256 };

/* Operands and results of the gated selective scan: x, dt, z, y and g (batches, length, channels), b and c (batches,
   length, states), skip (channels); `a` as selective_scan_decays made it; gradients alike. `da_parts`, of the gradient of
   A's logarithm, has a (states, channels) array and `dskip_parts` a (channels) array for every batch. */
typedef struct FlowScan {
    int64_t length, channels, states;
    const float *x, *dt, *a, *b, *c, *skip, *z, *g;
    FlowNumbers y, ddt, dz;
    float *dx, *db, *dc, *da_parts, *dskip_parts;
} FlowScan;

/* Adam's numbers for one step; bias_correction1 is 1 - beta1^step, bias_correction2 likewise. */
typedef struct FlowAdam {
    float learning_rate, beta1, beta2, epsilon, weight_decay, bias_correction1, bias_correction2, average_decay;
} FlowAdam;

typedef struct FlowAdamRange {
    int64_t count;
    const float *parameter, *gradient, *first, *second, *average;
    float *new_parameter, *new_first, *new_second, *new_average;
} FlowAdamRange;

/* qkv and dqkv (batches, length, 3 heads head), out and g (batches, length, heads head), lse (batches, heads, length):
   the logarithm of the sum of the exponentials of the scaled scores. */
typedef struct FlowAttention {
    int64_t length, heads, head;
    int64_t next; /* the head, counted over all batches, that this worker may well be given next; negative for none */
    FlowNumbers qkv, g, out, dqkv;
    float *lse;
} FlowAttention;

/* A convolution of images (height, width, channels) to one channel, with stride 1. */
enum { FlowNarrowTaps = 49 };
typedef struct FlowNarrow {
    int64_t height, width, channels, kernel, padding, result_height, result_width;
} FlowNarrow;

/* A convolution of images (height, width, channels) by kernels of 3 x 3 with stride 1, in tiles of 4 x 4 results. */
enum { FlowWinogradPoints = 36, FlowWinogradRows = 8 };
/* Floats from one point of the kernels to the next: with the line more they do not all fall into one set of the cache. */
static inline int64_t flow_winograd_panel(int64_t channels, int64_t width) { return channels * width + 16; }
typedef struct FlowWinograd {
    int64_t height, width, channels, result_height, result_width, outputs, padding, tile_rows, tile_columns;
} FlowWinograd;

/* Tiles that will be read or written soon: `numbers` numbers of each of their pixels (height, width, channels). */
typedef struct FlowWinogradFetch {
    FlowNumbers pixels;
    int64_t height, width, channels, numbers, first, count;
} FlowWinogradFetch;

enum { FlowMaximumTaps = 16 };

/* One image's layer norm: x, update, stream and y (rows, count), scale, shift and gate (count), the statistics (rows).
   Without a residual there are no gate, update and stream; with one, stream = x + gate update is what is normalized. */
typedef struct FlowLayerNorm {
    int64_t rows, count;
    float epsilon;
    const float *x, *gate, *scale, *shift;
    float *stream, *mean, *inverse_deviation;
    FlowNumbers update, y;
} FlowLayerNorm;

/* Its gradient: g of y, g_stream of the stream (or null), x what was normalized; dx is the gradient at what was
   normalized, which with a residual is also that of its x. */
typedef struct FlowLayerNormBackward {
    int64_t rows, count;
    const float *g, *g_stream, *x, *scale, *mean, *inverse_deviation, *gate;
    float *dx, *dgate, *dscale, *dshift;
    FlowNumbers update, dupdate;
} FlowLayerNormBackward;

/* A block of a matrix product's operand: the sum of up to two blocks of rows `stride` apart, each times its sign; rows
   past a block's own count as zeros. Packed operands are of words: a word is a float, or the bfloat16 of two neighbouring
   steps of the sum. FlowProductSteps and FlowProductStride count words. */
enum { FlowProductTerms = 2, FlowProductSteps = 256, FlowProductStride = 272 };
typedef struct FlowTerms {
    int count;
    int64_t stride;
    FlowNumbers from[FlowProductTerms];
    float sign[FlowProductTerms];
    int64_t rows[FlowProductTerms];
} FlowTerms;

/* A tile of a product of packed blocks, added with a sign to up to two places of the result. */
typedef struct FlowTile {
    const float *left, *right;
    bool left_in_panels; /* else by rows, left_stride apart */
    int64_t left_stride;
    int64_t steps; /* words */
    int64_t columns;
    const float *next_left, *next_right; /* of the tile after this one */
    int64_t stride;     /* of the result's rows */
    int count;
    float *to[FlowProductTerms];
    float sign[FlowProductTerms];
    int64_t rows[FlowProductTerms];       /* of the place that exist; may be none */
    const float *start[FlowProductTerms]; /* a row to add to instead of the place's own numbers, or null */
} FlowTile;

/* What multiplies matrices: the pieces of a product, see vector/product.h and vector/product_bfloat16.h, and attention. Where
   a word holds two steps, a product's operands are single blocks with their own sign, and may be rounded already. */
typedef struct FlowProductKernels {
    int64_t rows, columns; /* of a tile */
    int64_t left_columns;  /* of a packed panel of the left matrix: a multiple of a tile's rows */
    int64_t steps_in_word;
    void (*pack_rows)(const FlowTerms *terms, int64_t rows, int64_t steps, float *to);
    void (*pack_left)(const FlowTerms *terms, int64_t steps, int64_t columns, float *to);
    void (*pack_right)(const FlowTerms *terms, int64_t steps, int64_t columns, float *to);
    void (*pack_transposed)(const FlowTerms *terms, int64_t steps, int64_t columns, float *to);
    void (*tile)(const FlowTile *tile);
    /* Of one head; `memory` holds as many floats as the matching function says. */
    void (*attention)(const FlowAttention *heads, int64_t batch, int64_t index, float *memory);
    int64_t (*attention_memory)(int64_t length, int64_t head);
    void (*attention_backward)(const FlowAttention *heads, int64_t batch, int64_t index, float *memory);
    int64_t (*attention_backward_memory)(int64_t length, int64_t head);

    /* See vector/winograd.h and vector/winograd_products.h. A block of tiles is at most `capacity` long, for
       winograd_result a multiple of FlowWinogradRows. */
    int64_t (*winograd_plane)(int64_t tiles, int64_t channels);
    void (*winograd_image)(
        const FlowWinograd *shape, FlowNumbers x, int64_t first, int64_t count, int64_t capacity, float *points);
    void (*winograd_image_of_tiles)(
        const FlowWinograd *shape, FlowNumbers x, int64_t first, int64_t count, int64_t channel, int64_t channels,
        int64_t capacity, float *points);
    void (*winograd_gradient)(
        const FlowWinograd *shape, FlowNumbers g, int64_t first, int64_t count, int64_t channel, int64_t channels,
        int64_t capacity, float *points, float *bias);
    void (*winograd_kernel)(
        const float *w, int64_t output_stride, int64_t input_stride, bool rotated, int64_t first, int64_t count,
        int64_t channels, int64_t outputs, float *panels);
    void (*winograd_kernel_gradient)(
        const float *sums, int64_t parts, int64_t part, int64_t plane, int64_t outputs, int64_t stride, float *dw);
    void (*winograd_result)(
        const FlowWinograd *shape, const float *image, int64_t first, int64_t count, int64_t capacity,
        const float *panels, const float *bias, const float *residual, float *points, FlowNumbers y,
        const FlowWinogradFetch *next);
    void (*winograd_outer_products)(
        const FlowWinograd *shape, const float *image, const float *g, int64_t count, int64_t capacity,
        int64_t channels, int64_t outputs, bool fresh, float *sums, const FlowWinogradFetch *next_image,
        const FlowWinogradFetch *next_g);
} FlowProductKernels;

typedef struct FlowVectorKernels {
    int64_t width; /* floats in a vector */

    /* Batch normalization over rows of `channels`; `silu_first`: of silu(x), else followed by silu.
       Adds into sums[0..<channels] the sum over the rows of f - pivot, into the next `channels` that of its square,
       where f is what is normalized. */
    void (*batch_norm_sums)(
        bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *pivot, double *sums);
    /* y = scale f + shift, then silu unless it came first. */
    void (*batch_norm_apply)(
        bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *scale, const float *shift,
        FlowNumbers y);
    /* Sums of the gradient at the normalization, and of it times (f - mean). */
    void (*batch_norm_gradient_sums)(
        bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
        const float *shift, const float *mean, double *sums);
    /* dx = a gradient + b f + c, then through silu if it came first. */
    void (*batch_norm_gradient_apply)(
        bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
        const float *shift, const float *abc, FlowNumbers dx);
    /* What the sums are taken about: f of the first row. */
    void (*batch_norm_pivot)(bool silu_first, FlowNumbers x, int64_t channels, float *pivot);

    /* Gated selective scan of one sequence; see vector/selective_scan.h. `memory` has selective_scan_memory floats. */
    void (*selective_scan)(const FlowScan *scan, int64_t batch, float *memory);
    void (*selective_scan_backward)(const FlowScan *scan, int64_t batch, float *memory);
    int64_t (*selective_scan_memory)(int64_t length, int64_t states);
    /* A = -exp(a_log), transposed to (states, channels), both padded: the states to a multiple of 4, the channels to
       selective_scan_channels. */
    void (*selective_scan_decays)(const float *a_log, int64_t channels, int64_t states, float *a);
    int64_t (*selective_scan_channels)(int64_t channels);

    /* Rows of one image with its modulation; see vector/layer_norm.h. */
    void (*modulated_layer_norm)(const FlowLayerNorm *norm);
    void (*modulated_layer_norm_backward)(const FlowLayerNormBackward *norm);
    void (*gated_residual_layer_norm)(const FlowLayerNorm *norm);
    void (*gated_residual_layer_norm_backward)(const FlowLayerNormBackward *norm);
    void (*add_row)(FlowNumbers x, const float *e, int64_t rows, int64_t count, FlowNumbers y);
    /* Adds rows of `count` numbers, `stride` apart, to `total`. */
    void (*add_rows)(FlowNumbers g, int64_t rows, int64_t stride, int64_t count, float *total);

    FlowProductKernels products; /* of floats */

    void (*copy)(const float *x, int64_t count, FlowNumbers y);
    void (*gelu)(const float *x, int64_t count, FlowNumbers y);
    void (*gelu_backward)(const float *g, FlowNumbers x, int64_t count, FlowNumbers dx);
    void (*adam)(const FlowAdam *settings, const FlowAdamRange *range);

    /* One sequence; see vector/depthwise_convolution.h. */
    void (*depthwise_convolution)(
        const float *x, const float *weight, const float *bias, int64_t length, int64_t channels, int64_t taps,
        float *y);
    void (*depthwise_convolution_backward)(
        const float *g, const float *x, const float *weight, const float *bias, int64_t length, int64_t channels,
        int64_t taps, float *memory, FlowNumbers dx, float *dweight);

    /* See vector/upsample.h. */
    void (*upsample_rows)(
        const float *x, int64_t height, int64_t width, int64_t channels, int64_t row, float *memory, FlowNumbers y);
    void (*upsample_backward_row)(
        const float *g, int64_t height, int64_t width, int64_t channels, int64_t row, float *memory, float *dx);

    /* See vector/narrow_convolution.h. */
    void (*narrow_convolution_row)(
        const FlowNarrow *shape, const float *x, const float *weight, float bias, const float *addend, int64_t row,
        float *y);
    int64_t (*narrow_gradient_memory)(const FlowNarrow *shape);
    void (*narrow_convolution_weight_gradient)(
        const FlowNarrow *shape, const float *x, const float *g, float *memory, float *dweight);
} FlowVectorKernels;

extern const FlowVectorKernels flow_vector_baseline;
#if defined(__x86_64__)
extern const FlowVectorKernels flow_vector_avx2;
extern const FlowVectorKernels flow_vector_avx512;
extern const FlowProductKernels flow_products_avx512_bfloat16;
#endif
extern const FlowProductKernels flow_products_emulated_bfloat16;

#endif
