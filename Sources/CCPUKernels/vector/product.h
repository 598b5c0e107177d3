/* The pieces of a matrix product: sums of blocks, packed, and a tile of the result held in registers. */

enum {
    ProductRows = FLOW_TILE_ROWS,
    ProductVectors = 3,
    ProductColumns = ProductVectors * FLOW_WIDTH,
    /* A packed panel of the left matrix holds whole tiles' rows in whole vectors. */
    ProductLeftColumns = ProductRows > FLOW_WIDTH ? ProductRows : FLOW_WIDTH,
};

/* MARK: Packing */

/* The terms of one row, those that end above it left out. */
typedef struct RowOfTerms {
    int count;
    const float *from[FlowProductTerms];
    float sign[FlowProductTerms];
} RowOfTerms;

FLOW_INLINE RowOfTerms row_of_terms(const FlowTerms *terms, int64_t row) {
    RowOfTerms found = {0};
    for (int t = 0; t < terms->count; t++) {
        if (row >= terms->rows[t]) continue;
        found.from[found.count] = terms->from[t] + row * terms->stride;
        found.sign[found.count++] = terms->sign[t];
    }
    return found;
}

FLOW_INLINE Vector row_vector(const RowOfTerms *row, int64_t column, int64_t left) {
    if (row->count == 0) return splat(0.0f);
    Vector first = load_some(row->from[0] + column, left) * splat(row->sign[0]);
    if (row->count == 1) return first;
    return multiply_add(load_some(row->from[1] + column, left), splat(row->sign[1]), first);
}

/* Whether every term has `rows` rows and comes first with its own sign. */
FLOW_INLINE bool terms_are_simple(const FlowTerms *terms, int64_t rows) {
    for (int t = 0; t < terms->count; t++) {
        if (terms->rows[t] < rows) return false;
    }
    return terms->sign[0] == 1.0f;
}

/* Simple terms, `columns` a multiple of the vector. */
FLOW_INLINE void sum_simple_terms(
    const FlowTerms *terms, int64_t rows, int64_t columns, float *to, int64_t to_stride) {
    const float *a = terms->from[0], *b = terms->from[1];
    Vector sign = splat(terms->sign[1]);
    for (int64_t row = 0; row < rows; row++, a += terms->stride, to += to_stride) {
        if (terms->count == 1) {
            for (int64_t i = 0; i < columns; i += FLOW_WIDTH) store(to + i, load(a + i));
        } else {
            for (int64_t i = 0; i < columns; i += FLOW_WIDTH) {
                store(to + i, multiply_add(load(b + i), sign, load(a + i)));
            }
            b += terms->stride;
        }
    }
}

/* Rows of `columns` floats to rows FlowProductStride apart. */
static void product_pack_rows(const FlowTerms *terms, int64_t rows, int64_t columns, float *to) {
    if (terms_are_simple(terms, rows) && columns % FLOW_WIDTH == 0) {
        sum_simple_terms(terms, rows, columns, to, FlowProductStride);
        return;
    }
    for (int64_t row = 0; row < rows; row++, to += FlowProductStride) {
        RowOfTerms from = row_of_terms(terms, row);
        for (int64_t i = 0; i < columns; i += FLOW_WIDTH) {
            store_some(to + i, row_vector(&from, i, columns - i), columns - i);
        }
    }
}

/* Rows, a step each, to a panel `width` wide: a step's floats after the other's, filled up with zeros to `filled`, a
   multiple of the vector. */
FLOW_INLINE void pack_panel(
    const FlowTerms *terms, int64_t steps, int64_t columns, float *to, int64_t width, int64_t filled) {
    if (terms_are_simple(terms, steps) && columns == filled) {
        sum_simple_terms(terms, steps, columns, to, width);
        return;
    }
    for (int64_t step = 0; step < steps; step++, to += width) {
        RowOfTerms from = row_of_terms(terms, step);
        for (int64_t i = 0; i < filled; i += FLOW_WIDTH) {
            store(to + i, i < columns ? row_vector(&from, i, columns - i) : splat(0.0f));
        }
    }
}

static void product_pack_left(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    pack_panel(terms, steps, columns, to, ProductLeftColumns, ProductLeftColumns);
}

static void product_pack_right(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    int64_t filled = (columns + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH;
    pack_panel(terms, steps, columns, to, ProductColumns, filled);
}

/* The same from rows that are the panel's columns. */
static void product_pack_transposed(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    for (int v = 0; v < ProductVectors; v++) {
        RowOfTerms rows[FLOW_WIDTH];
        for (int i = 0; i < FLOW_WIDTH; i++) {
            int64_t column = v * FLOW_WIDTH + i;
            rows[i] = column < columns ? row_of_terms(terms, column) : (RowOfTerms){0};
        }
        for (int64_t step = 0; step < steps; step += FLOW_WIDTH) {
            int64_t left = steps - step < FLOW_WIDTH ? steps - step : FLOW_WIDTH;
            Vector block[FLOW_WIDTH];
            for (int i = 0; i < FLOW_WIDTH; i++) block[i] = row_vector(&rows[i], step, left);
            transpose_block(block);
            for (int64_t i = 0; i < left; i++) store(to + (step + i) * ProductColumns + v * FLOW_WIDTH, block[i]);
        }
    }
}

/* MARK: Tiles */

typedef Vector ProductTotal[ProductRows][ProductVectors];

/* `vectors` of the tile's columns are computed. */
FLOW_INLINE void product_step(
    const float *left, int64_t row_stride, const float *right, int vectors, ProductTotal total) {
    Vector b[ProductVectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) b[v] = load(right + v * FLOW_WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < ProductRows; r++) {
        Vector a = splat(left[r * row_stride]);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) total[r][v] = multiply_add(a, b[v], total[r][v]);
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
