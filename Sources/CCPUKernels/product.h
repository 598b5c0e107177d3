/* Matrix products of this library's own. */
#ifndef FLOW_PRODUCT_H
#define FLOW_PRODUCT_H

#include "internal.h"

/* A way to multiply matrices cut into grid x grid blocks: product p is (sum left[p]) (sum right[p]), and is added to
   the blocks result[p]. */
enum { FlowSchemeProducts = 7 };

typedef struct FlowSchemeTerm {
    int row, column, sign;
    bool first; /* of a result: no product before this one is added to this block */
} FlowSchemeTerm;

typedef struct FlowSchemeSum {
    int count;
    FlowSchemeTerm terms[FlowProductTerms];
} FlowSchemeSum;

typedef struct FlowScheme {
    int grid, count;
    FlowSchemeSum left[FlowSchemeProducts], right[FlowSchemeProducts], result[FlowSchemeProducts];
} FlowScheme;

extern const FlowScheme flow_plain_scheme;    /* one product */
extern const FlowScheme flow_strassen_scheme; /* seven products of a quarter's size in place of eight */

/* result (rows, columns) = left (rows, inner) right (inner, columns), for a right matrix that is small. */
enum { FlowProductGroup = 64 };
typedef struct FlowProductPart {
    int64_t row, rows, column, columns;
    const float *numbers; /* of these columns, rows as far apart as the result's */
} FlowProductPart;

typedef struct FlowProduct {
    int64_t rows, inner, columns;
    FlowNumbers left;
    const float *right;
    bool right_transposed; /* stored as (columns, inner) */
    bool in_groups;        /* every FlowProductGroup rows belong together: rounding may depend on all of them */
    bool adds;             /* to what the result holds, in place of a bias */
    const float *bias;     /* (columns), added to every row; or null */
    float *result;         /* or null: there is no more of it than `finish` is given */
    /* When not null: called for every part of the result once it is complete, in the cache. */
    void (*finish)(void *context, const FlowProductPart *part);
    void *finish_context;
} FlowProduct;
bool flow_product(const FlowCall *call, const FlowProduct *product, FlowFailure *failure);

/* result (rows, columns) = left^T right, with left (inner, rows) and right (inner, columns), summed over a large inner;
   sums (rows) are left's sums over inner, or null. */
typedef struct FlowProductOfColumns {
    int64_t rows, inner, columns;
    FlowNumbers left, right;
    float *result, *sums;
} FlowProductOfColumns;
bool flow_product_of_columns(const FlowCall *call, const FlowProductOfColumns *product, FlowFailure *failure);

/* MARK: What both have in common */

enum { FlowCacheLine = 16 };        /* floats */
extern const float flow_zeros[64]; /* as many as the widest tile has columns */
static inline int64_t flow_smaller(int64_t a, int64_t b) { return a < b ? a : b; }


enum { FlowProductRightSlot = 1, FlowProductLeftSlot = 2, FlowProductSumSlot = 3, FlowProductResultSlot = 4 };

/* How a product is cut; sizes are of one block of the scheme. */
typedef struct FlowCut {
    const FlowScheme *scheme;
    const FlowProductKernels *kernels;
    int64_t inner, columns;
    int64_t steps, chunks;  /* inner is done in chunks of so many steps; the last may have fewer */
    int64_t panels;         /* of columns, each as wide as a tile */
    int64_t panel_size;     /* words of a packed panel of the right matrix, one chunk high */
} FlowCut;

/* Strassen's scheme for large products of even sizes, if rows of the result may be computed in pairs; but not where words
   are of bfloat16, since a sum of two blocks would be rounded again. */
FlowCut flow_cut(const FlowProductKernels *kernels, bool may_pair, int64_t inner, int64_t columns);
/* The steps of this chunk. */
int64_t flow_cut_steps(const FlowCut *cut, int64_t chunk);
/* As many words as hold so many steps. */
int64_t flow_cut_words(const FlowCut *cut, int64_t steps);
/* The columns of this panel. */
int64_t flow_cut_columns(const FlowCut *cut, int64_t panel);
/* Adds block `block` of the matrix at `from` to the terms: its element at (row, column), `rows` rows of it valid. */
void flow_add_term(
    FlowTerms *terms, FlowNumbers from, FlowSchemeTerm block, int64_t block_rows, int64_t block_columns, int64_t row,
    int64_t column, int64_t rows);

#endif
