/* Products of many rows with a small matrix: that is packed once, an item then does all for a span of rows. */
#include "product.h"

/* Rows of one of the scheme's blocks in an item. A block has an equal part of every group, so that rows are summed with
   rows of their own group only; a part is a multiple of every tile's rows. */
enum { BlockRows = 64 };
enum { EnoughItems = 16 }; /* when there are fewer spans of rows, the columns are shared out as well */

typedef struct Run {
    const FlowProduct *product;
    FlowCut cut;
    int64_t span;      /* rows of an item */
    int64_t part;      /* rows of a group in each block */
    int64_t groups;    /* items that share a span's columns */
    int64_t stride;    /* spans between one worker's items, more or less */
    bool direct;       /* the left matrix's rows are read where they lie */
    int64_t left_size; /* words of a worker's packed rows */
    int64_t result_size; /* floats of a worker's part of the result, where the product has no memory for it */
    float *right, *left, *result;
} Run;

static float *right_panel(const Run *run, int64_t chunk, int64_t panel, int64_t product) {
    const FlowCut *cut = &run->cut;
    return run->right + ((chunk * cut->panels + panel) * cut->scheme->count + product) * cut->panel_size;
}

static void pack_right_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Run *run = context;
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    int64_t product = item % cut->scheme->count, panel = item / cut->scheme->count % cut->panels;
    int64_t chunk = item / cut->scheme->count / cut->panels;
    int64_t step = chunk * cut->steps, column = panel * cut->kernels->columns;
    const FlowSchemeSum *sum = &cut->scheme->right[product];
    FlowTerms terms = {.stride = p->right_transposed ? p->inner : p->columns};
    const FlowNumbers right = flow_floats(p->right);
    for (int t = 0; t < sum->count; t++) {
        FlowSchemeTerm block = sum->terms[t];
        if (p->right_transposed) {
            FlowSchemeTerm turned = {block.column, block.row, block.sign};
            flow_add_term(&terms, right, turned, cut->columns, cut->inner, column, step, INT64_MAX);
        } else {
            flow_add_term(&terms, right, block, cut->inner, cut->columns, step, column, INT64_MAX);
        }
    }
    (p->right_transposed ? cut->kernels->pack_transposed : cut->kernels->pack_right)(
        &terms, flow_cut_steps(cut, chunk), flow_cut_columns(cut, panel), right_panel(run, chunk, panel, product));
}

/* How far row `row` of a block lies below the block's first. */
static int64_t depth(const Run *run, int64_t row) { return row / run->part * FlowProductGroup + row % run->part; }

static void pack_left(const Run *run, int64_t first, int64_t chunk, float *left) {
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    for (int product = 0; product < cut->scheme->count; product++) {
        const FlowSchemeSum *sum = &cut->scheme->left[product];
        for (int64_t row = 0; row < BlockRows; row += run->part, left += run->part * FlowProductStride) {
            const int64_t top = first + depth(run, row);
            FlowTerms terms = {.stride = p->inner};
            for (int t = 0; t < sum->count; t++) {
                FlowSchemeTerm block = sum->terms[t];
                flow_add_term(
                    &terms, p->left, block, run->part, cut->inner, top, chunk * cut->steps,
                    p->rows - top - block.row * run->part);
            }
            cut->kernels->pack_rows(&terms, run->part, flow_cut_steps(cut, chunk), left);
        }
    }
}

/* An item: its first row, that row's place in the result, and the panels it computes. */
typedef struct Item {
    int64_t first, panel, end;
    float *result;
} Item;

/* Asks for the part of the result that the next tiles add to: a block with every product. */
static void touch_result(const Run *run, const Item *item, int64_t row, int64_t panel, int block) {
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    const int64_t width = cut->kernels->columns;
    const int64_t down = depth(run, row) + block / cut->scheme->grid * run->part;
    const float *at = item->result + down * p->columns + block % cut->scheme->grid * cut->columns + panel * width;
    const int64_t rows = flow_smaller(cut->kernels->rows, p->rows - item->first - down);
    for (int64_t r = 0; r < rows; r++, at += p->columns) {
        for (int64_t i = 0; i < width; i += FlowCacheLine) __builtin_prefetch(at + i, 1, 2);
    }
}

/* Asks for rows of the left matrix, from `first` on, that the next item or chunk packs: part `part` of `parts`. */
static void touch_left(const Run *run, int64_t first, int64_t chunk, int64_t part, int64_t parts) {
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    const int64_t rows = flow_smaller(run->span, p->rows - first), steps = flow_cut_steps(cut, chunk);
    for (int64_t row = part * rows / parts; row < (part + 1) * rows / parts; row++) {
        for (int block = 0; block < cut->scheme->grid; block++) {
            const int64_t at = (first + row) * p->inner + block * cut->inner + chunk * cut->steps;
            flow_touch(flow_numbers_from(p->left, at), steps);
        }
    }
}

/* The product's tile in the first rows of the item's blocks. */
static FlowTile first_tile(
    const Run *run, const Item *item, int64_t chunk, int64_t panel, int64_t product, const float *left) {
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    const FlowSchemeSum *sum = &cut->scheme->result[product];
    FlowTile tile = {
        .left = run->direct ? flow_numbers_from(p->left, item->first * p->inner + chunk * cut->steps).at
                            : left + product * BlockRows * FlowProductStride,
        .left_stride = run->direct ? flow_cut_words(cut, p->inner) : FlowProductStride,
        .right = right_panel(run, chunk, panel, product),
        .steps = flow_cut_words(cut, flow_cut_steps(cut, chunk)),
        .columns = flow_cut_columns(cut, panel),
        .stride = p->columns,
        .count = sum->count,
    };
    for (int t = 0; t < sum->count; t++) {
        FlowSchemeTerm block = sum->terms[t];
        int64_t down = block.row * run->part;
        int64_t column = block.column * cut->columns + panel * cut->kernels->columns;
        tile.to[t] = item->result + down * p->columns + column;
        tile.sign[t] = (float)block.sign;
        tile.rows[t] = p->rows - item->first - down;
        if (chunk == 0 && block.first && !p->adds) tile.start[t] = p->bias != NULL ? p->bias + column : flow_zeros;
    }
    return tile;
}

static void multiply_panel(const Run *run, const Item *item, int64_t chunk, int64_t panel, const float *left) {
    const FlowCut *cut = &run->cut;
    const int64_t rows = cut->kernels->rows;
    const int count = cut->scheme->count, blocks = cut->scheme->grid * cut->scheme->grid;
    const int64_t next_panel = panel + 1 < cut->panels ? panel + 1 : 0;
    FlowTile tiles[FlowSchemeProducts];
    for (int product = 0; product < count; product++) {
        tiles[product] = first_tile(run, item, chunk, panel, product, left);
    }
    for (int64_t row = 0; row < BlockRows; row += rows) {
        if (run->direct && tiles[0].rows[0] <= 0) return;
        const bool last = row + rows >= BlockRows;
        const int64_t down = depth(run, row + rows) - depth(run, row);
        for (int product = 0; product < count; product++) {
            FlowTile *tile = &tiles[product];
            const FlowTile *next = &tiles[product + 1 < count ? product + 1 : 0];
            /* The first product's tile is a row on by the time the last one asks, unless it is that itself. */
            tile->next_left = next->left + (next == tile ? rows * tile->left_stride : 0);
            tile->next_right = next->right;
            if (chunk == 0 && product < blocks && run->product->result != NULL) {
                touch_result(run, item, last ? 0 : row + rows, last ? next_panel : panel, product);
            }
            cut->kernels->tile(tile);
            tile->left += rows * tile->left_stride;
            for (int t = 0; t < tile->count; t++) {
                tile->to[t] += down * tile->stride;
                tile->rows[t] -= down;
            }
        }
    }
}

static void multiply_item(void *context, int64_t item, int worker) {
    const Run *run = context;
    const FlowCut *cut = &run->cut;
    const FlowProduct *p = run->product;
    float *left = run->left + worker * run->left_size;
    const int64_t first = item / run->groups * run->span, group = item % run->groups;
    const Item own = {
        .first = first,
        .panel = group * cut->panels / run->groups,
        .end = (group + 1) * cut->panels / run->groups,
        .result = p->result != NULL ? p->result + first * p->columns : run->result + worker * run->result_size,
    };
    for (int64_t chunk = 0; chunk < cut->chunks; chunk++) {
        if (!run->direct) pack_left(run, first, chunk, left);
        const bool last = chunk + 1 == cut->chunks;
        for (int64_t panel = own.panel; panel < own.end; panel++) {
            touch_left(
                run, last ? first + run->span * run->stride : first, last ? 0 : chunk + 1, panel, cut->panels);
            multiply_panel(run, &own, chunk, panel, left);
        }
    }
    if (p->finish == NULL) return;
    const int64_t column = own.panel * cut->kernels->columns;
    const FlowProductPart part = {
        .row = first,
        .rows = flow_smaller(run->span, p->rows - first),
        .column = column,
        .columns = own.end == cut->panels ? p->columns - column : (own.end - own.panel) * cut->kernels->columns,
        .numbers = own.result + column,
    };
    p->finish(p->finish_context, &part);
}

bool flow_product(const FlowCall *call, const FlowProduct *product, FlowFailure *failure) {
    Run run = {
        .product = product,
        .cut = flow_cut(flow_products(call), product->in_groups, product->inner, product->columns)};
    const FlowCut *cut = &run.cut;
    run.span = BlockRows * cut->scheme->grid;
    run.part = FlowProductGroup / cut->scheme->grid;
    /* Rows of words need no packing; for rows of floats that become words as they are it does not pay for one panel. */
    const bool as_words = product->left.rounded ? product->inner % cut->kernels->steps_in_word == 0
                                                : cut->panels == 1 && cut->kernels->steps_in_word == 1;
    run.direct = cut->scheme->grid == 1 && as_words && product->rows % cut->kernels->rows == 0;
    run.left_size = cut->scheme->count * BlockRows * FlowProductStride;
    int64_t packs = cut->chunks * cut->panels * cut->scheme->count;
    run.right = flow_scratch(FlowProductRightSlot, packs * cut->panel_size * (int64_t)sizeof(float));
    run.left = flow_scratch(FlowProductLeftSlot, run.left_size * flow_thread_count() * (int64_t)sizeof(float));
    run.result_size = product->result == NULL ? run.span * product->columns : 0;
    run.result = flow_scratch(FlowProductResultSlot, run.result_size * flow_thread_count() * (int64_t)sizeof(float));
    if (run.right == NULL || run.left == NULL || (run.result == NULL && run.result_size > 0)) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    int64_t spans = (product->rows + run.span - 1) / run.span;
    bool shared = spans < EnoughItems && (product->finish == NULL || cut->scheme->grid == 1);
    run.groups = shared ? flow_smaller(cut->panels, (EnoughItems + spans - 1) / spans) : 1;
    run.stride = flow_thread_count() / run.groups > 1 ? flow_thread_count() / run.groups : 1;
    flow_for(packs, pack_right_item, &run);
    flow_for(spans * run.groups, multiply_item, &run);
    return true;
}
