/* A tile of a matrix product, held in registers while packed operands are multiplied. Those are of words: a word is a
   float, or the bfloat16 of two neighbouring steps, the first in its lower half. The includer defines FLOW_STEPS_IN_WORD and
   multiply_words(a, b, c), which adds the products of two words' numbers to c. */

enum {
    StepsInWord = FLOW_STEPS_IN_WORD,
    ProductRows = FLOW_TILE_ROWS,
    ProductVectors = 3,
    ProductColumns = ProductVectors * FLOW_WIDTH,
    /* A packed panel of the left matrix holds whole tiles' rows in whole vectors. */
    ProductLeftColumns = ProductRows > FLOW_WIDTH ? ProductRows : FLOW_WIDTH,
};

typedef Vector ProductTotal[ProductRows][ProductVectors];

/* A word in every lane. Its bits stay as they are: those of two bfloat16 may look like a signalling NaN. */
FLOW_INLINE Vector repeated(const float *word) {
    int32_t bits;
    memcpy(&bits, word, sizeof bits);
    return (Vector)(bits - (VectorOfInt){0});
}

/* A step is of words; `vectors` of the tile's columns are computed. */
FLOW_INLINE void product_step(
    const float *left, int64_t row_stride, const float *right, int vectors, ProductTotal total) {
    Vector b[ProductVectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) b[v] = load(right + v * FLOW_WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < ProductRows; r++) {
        Vector a = repeated(&left[r * row_stride]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) total[r][v] = multiply_words(a, b[v], total[r][v]);
    }
}

FLOW_INLINE void product_sum(
    const FlowTile *tile, int64_t row_stride, int64_t step_stride, int vectors, ProductTotal total) {
    const float *left = tile->left, *right = tile->right;
    int64_t step = 0;
    for (; step + 4 <= tile->steps; step += 4) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            product_step(left + i * step_stride, row_stride, right + i * ProductColumns, vectors, total);
        }
        left += 4 * step_stride;
        right += 4 * ProductColumns;
    }
    for (; step < tile->steps; step++, left += step_stride, right += ProductColumns) {
        product_step(left, row_stride, right, vectors, total);
    }
    /* The next tile's first lines arrive while this one is added to the result. */
    for (int i = 0; i < 2 * ProductVectors; i++) __builtin_prefetch(tile->next_right + i * FLOW_WIDTH);
    if (tile->left_in_panels) return;
    for (int r = 0; r < ProductRows; r++) __builtin_prefetch(tile->next_left + r * row_stride);
}

/* Adds the tile's first rows and columns to a place; `start` is null or a row. */
FLOW_INLINE void product_add(
    ProductTotal total, int vectors, float sign, const float *start, float *to, int64_t stride, int64_t rows,
    int64_t columns) {
#pragma clang loop unroll(full)
    for (int r = 0; r < ProductRows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            float *at = to + r * stride + v * FLOW_WIDTH;
            const float *before = start != NULL ? start + v * FLOW_WIDTH : at;
            int64_t left = columns - v * FLOW_WIDTH;
            if (r >= rows || left <= 0) continue;
            store_some(at, multiply_add(splat(sign), total[r][v], load_some(before, left)), left);
        }
    }
}

FLOW_INLINE void product_tile_of(const FlowTile *tile, int vectors) {
    Vector total[ProductRows][ProductVectors];
#pragma clang loop unroll(full)
    for (int r = 0; r < ProductRows; r++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) total[r][v] = splat(0.0f);
    }
    if (tile->left_in_panels) product_sum(tile, 1, ProductLeftColumns, vectors, total);
    else if (tile->left_stride == FlowProductStride) product_sum(tile, FlowProductStride, 1, vectors, total);
    else product_sum(tile, tile->left_stride, 1, vectors, total);
    const int64_t width = vectors * FLOW_WIDTH;
    for (int t = 0; t < tile->count; t++) {
        const float *start = tile->start[t];
        float *to = tile->to[t], sign = tile->sign[t];
        /* A whole tile's sizes are known to the compiler, which then leaves the edges' code out. */
        if (tile->columns == width && tile->rows[t] >= ProductRows) {
            product_add(total, vectors, sign, start, to, tile->stride, ProductRows, width);
        } else {
            product_add(total, vectors, sign, start, to, tile->stride, tile->rows[t], tile->columns);
        }
    }
}

static void product_tile(const FlowTile *tile) {
    if (tile->columns > 2 * FLOW_WIDTH) product_tile_of(tile, 3);
    else if (tile->columns > FLOW_WIDTH) product_tile_of(tile, 2);
    else product_tile_of(tile, 1);
}
