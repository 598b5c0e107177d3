/* The pieces of a matrix product of floats: sums of blocks, packed, and the tile. */
#define FLOW_STEPS_IN_WORD 1

FLOW_INLINE Vector multiply_words(Vector a, Vector b, Vector c) { return multiply_add(a, b, c); }

#include "product_tile.h"

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
        found.from[found.count] = (const float *)terms->from[t].at + row * terms->stride;
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
    const float *a = terms->from[0].at, *b = terms->from[1].at;
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
