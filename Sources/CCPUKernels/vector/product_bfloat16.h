/* The pieces of a matrix product whose operands are rounded to bfloat16, here or before, two steps in a word; an odd last step is
   followed by a zero. Needs FLOW_BFLOAT16: 1 where the machine multiplies such words, else 0. */

#define FLOW_STEPS_IN_WORD 2

#if FLOW_BFLOAT16
/* The sums of both products are rounded to a float twice; numbers below 2^-126 count as zero. */
FLOW_INLINE Vector multiply_words(Vector a, Vector b, Vector c) {
    return (Vector)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b);
}

typedef int16_t VectorOfBoth __attribute__((vector_size(FLOW_WIDTH * 4)));

/* The words of neighbouring floats: those of `a`, then those of `b`. */
FLOW_INLINE Vector words_of_neighbours(Vector a, Vector b) {
    return (Vector)_mm512_cvtne2ps_pbh((__m512)b, (__m512)a);
}

/* In every lane the word of a first and a second step. */
FLOW_INLINE Vector words_of_steps(Vector first, Vector second) {
    VectorOfBoth halves = (VectorOfBoth)words_of_neighbours(first, second);
    return (Vector)__builtin_shufflevector(
        halves, halves, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
        29, 14, 30, 15, 31);
}
#else
FLOW_INLINE Vector first_of_words(Vector words) { return (Vector)((VectorOfBits)words << 16); }
FLOW_INLINE Vector second_of_words(Vector words) { return (Vector)((VectorOfBits)words & 0xFFFF0000); }

FLOW_INLINE Vector multiply_words(Vector a, Vector b, Vector c) {
    c = multiply_add(first_of_words(a), first_of_words(b), c);
    return multiply_add(second_of_words(a), second_of_words(b), c);
}

FLOW_INLINE Vector words_of_steps(Vector first, Vector second) {
    return (Vector)(rounded_bits(first) >> 16 | rounded_bits(second));
}

FLOW_INLINE Vector words_of_neighbours(Vector a, Vector b) {
    float all[2 * FLOW_WIDTH], first[FLOW_WIDTH], second[FLOW_WIDTH];
    store(all, a);
    store(all + FLOW_WIDTH, b);
    for (int i = 0; i < FLOW_WIDTH; i++) {
        first[i] = all[2 * i];
        second[i] = all[2 * i + 1];
    }
    return words_of_steps(load(first), load(second));
}
#endif

#include "product_tile.h"

/* The words of at most `count` numbers of a row from `index` on, at most two vectors; the others 0. */
FLOW_INLINE Vector words_of_row(FlowNumbers from, int64_t index, int64_t count) {
    if (from.rounded) {
        const uint16_t *halves = (const uint16_t *)from.at + index;
        Vector words = splat(0.0f);
        if (count >= 2 * FLOW_WIDTH) memcpy(&words, halves, sizeof words);
        else if (count > 0) memcpy(&words, halves, (size_t)count * sizeof(uint16_t));
        return words;
    }
    const float *at = (const float *)from.at + index;
    if (count >= 2 * FLOW_WIDTH) return words_of_neighbours(load(at), load(at + FLOW_WIDTH));
    if (count <= FLOW_WIDTH) return words_of_neighbours(count > 0 ? load_some(at, count) : splat(0.0f), splat(0.0f));
    return words_of_neighbours(load(at), load_some(at + FLOW_WIDTH, count - FLOW_WIDTH));
}

/* The words of at most `count` numbers of two rows `stride` apart, of which there may be fewer. */
FLOW_INLINE Vector words_of_rows(FlowNumbers from, int64_t index, int64_t stride, int64_t rows, int64_t count) {
    if (rows <= 0 || count <= 0) return splat(0.0f);
    if (from.rounded) {
        const uint16_t *halves = (const uint16_t *)from.at + index;
        VectorOfBits words = load_halves(halves, count);
        return (Vector)(rows > 1 ? words | load_halves(halves + stride, count) << 16 : words);
    }
    const float *at = (const float *)from.at + index;
    return words_of_steps(load_some(at, count), rows > 1 ? load_some(at + stride, count) : splat(0.0f));
}

/* Rows of `steps` numbers to rows of words FlowProductStride apart. */
static void product_pack_rows(const FlowTerms *terms, int64_t rows, int64_t steps, float *to) {
    for (int64_t row = 0; row < rows; row++, to += FlowProductStride) {
        const int64_t present = row < terms->rows[0] ? steps : 0;
        for (int64_t step = 0; step < steps; step += 2 * FLOW_WIDTH) {
            const int64_t words = (steps - step + 1) / 2;
            store_some(to + step / 2, words_of_row(terms->from[0], row * terms->stride + step, present - step), words);
        }
    }
}

/* Rows, a step each, to a panel of words `width` wide, filled up with zeros to `filled`, a multiple of the vector. */
FLOW_INLINE void pack_panel(
    const FlowTerms *terms, int64_t steps, int64_t columns, float *to, int64_t width, int64_t filled) {
    for (int64_t step = 0; step < steps; step += 2, to += width) {
        for (int64_t i = 0; i < filled; i += FLOW_WIDTH) {
            const int64_t index = step * terms->stride + i;
            store(to + i, words_of_rows(terms->from[0], index, terms->stride, steps - step, columns - i));
        }
    }
}

static void product_pack_left(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    pack_panel(terms, steps, columns, to, ProductLeftColumns, ProductLeftColumns);
}

static void product_pack_right(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    pack_panel(terms, steps, columns, to, ProductColumns, (columns + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH);
}

/* The same from rows that are the panel's columns. */
static void product_pack_transposed(const FlowTerms *terms, int64_t steps, int64_t columns, float *to) {
    for (int64_t column = 0; column < columns; column += FLOW_WIDTH) {
        for (int64_t step = 0; step < steps; step += 2 * FLOW_WIDTH) {
            Vector block[FLOW_WIDTH];
            for (int i = 0; i < FLOW_WIDTH; i++) {
                const bool present = column + i < columns;
                const int64_t index = (column + i) * terms->stride + step;
                block[i] = present ? words_of_row(terms->from[0], index, steps - step) : splat(0.0f);
            }
            transpose_block(block);
            const int64_t words = (steps - step + 1) / 2;
            for (int64_t i = 0; i < FLOW_WIDTH && i < words; i++) {
                store(to + (step / 2 + i) * ProductColumns + column, block[i]);
            }
        }
    }
}
