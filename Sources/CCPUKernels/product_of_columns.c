/* Products of columns with columns, such as a linear layer's gradient by its weights. Chunks of the inner size are
   packed by the team, then multiplied by it; every chunk is added to the result in turn. */
#include <string.h>

#include "product.h"

enum { PackSteps = 16 };  /* steps an item packs: whole words */
enum { LeastRows = 192 }; /* of a result that is computed by pairs of rows */
enum { StripRows = 64 };  /* rows of the result an item computes in one panel; a multiple of every tile's rows */

typedef struct Run {
    const FlowProductOfColumns *product;
    FlowCut cut;
    int64_t rows, left_panels, strips; /* of a block */
    int64_t left_size;                 /* words of a packed panel of the left matrix */
    int64_t pack_items;
    int64_t chunk;
    float *right, *left;
    float *sums; /* (pack_items, rows of the product) */
} Run;

static float *left_panel(const Run *run, int64_t panel, int64_t product) {
    return run->left + (panel * run->cut.scheme->count + product) * run->left_size;
}

static float *right_panel(const Run *run, int64_t panel, int64_t product) {
    return run->right + (panel * run->cut.scheme->count + product) * run->cut.panel_size;
}

static void pack_left(const Run *run, int64_t step, int64_t steps) {
    const FlowProductOfColumns *p = run->product;
    int64_t width = run->cut.kernels->left_columns;
    for (int product = 0; product < run->cut.scheme->count; product++) {
        const FlowSchemeSum *sum = &run->cut.scheme->left[product];
        for (int64_t panel = 0; panel < run->left_panels; panel++) {
            FlowTerms terms = {.stride = p->rows};
            for (int t = 0; t < sum->count; t++) {
                FlowSchemeTerm turned = {sum->terms[t].column, sum->terms[t].row, sum->terms[t].sign};
                flow_add_term(
                    &terms, p->left, turned, run->cut.inner, run->rows, run->chunk * run->cut.steps + step,
                    panel * width, INT64_MAX);
            }
            run->cut.kernels->pack_left(
                &terms, steps, flow_smaller(width, run->rows - panel * width),
                left_panel(run, panel, product) + flow_cut_words(&run->cut, step) * width);
        }
    }
}

static void pack_right(const Run *run, int64_t step, int64_t steps) {
    const FlowProductOfColumns *p = run->product;
    int64_t width = run->cut.kernels->columns;
    for (int product = 0; product < run->cut.scheme->count; product++) {
        const FlowSchemeSum *sum = &run->cut.scheme->right[product];
        for (int64_t panel = 0; panel < run->cut.panels; panel++) {
            FlowTerms terms = {.stride = p->columns};
            for (int t = 0; t < sum->count; t++) {
                flow_add_term(
                    &terms, p->right, sum->terms[t], run->cut.inner, run->cut.columns,
                    run->chunk * run->cut.steps + step, panel * width, INT64_MAX);
            }
            run->cut.kernels->pack_right(
                &terms, steps, flow_cut_columns(&run->cut, panel),
                right_panel(run, panel, product) + flow_cut_words(&run->cut, step) * width);
        }
    }
}

static void pack_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Run *run = context;
    const FlowProductOfColumns *p = run->product;
    int64_t step = item * PackSteps, steps = flow_smaller(PackSteps, flow_cut_steps(&run->cut, run->chunk) - step);
    if (steps <= 0) return;
    /* Packing goes through narrow columns: whole rows come into the cache before it. */
    for (int block = 0; block < run->cut.scheme->grid; block++) {
        int64_t row = block * run->cut.inner + run->chunk * run->cut.steps + step;
        FlowNumbers left = flow_numbers_from(p->left, row * p->rows);
        FlowNumbers right = flow_numbers_from(p->right, row * p->columns);
        if (p->sums != NULL) flow_vector()->add_rows(left, steps, p->rows, run->sums + item * p->rows);
        else flow_touch(left, steps * p->rows);
        flow_touch(right, steps * p->columns);
    }
    pack_left(run, step, steps);
    pack_right(run, step, steps);
}

/* The product's tile in this row of its blocks. */
static FlowTile tile_at(const Run *run, int64_t row, int64_t panel, int64_t product) {
    const FlowProductOfColumns *p = run->product;
    const FlowCut *cut = &run->cut;
    const FlowSchemeSum *sum = &cut->scheme->result[product];
    int64_t width = run->cut.kernels->left_columns;
    FlowTile tile = {
        .left = left_panel(run, row / width, product) + row % width,
        .right = right_panel(run, panel, product),
        .left_in_panels = true,
        .steps = flow_cut_words(cut, flow_cut_steps(cut, run->chunk)),
        .columns = flow_cut_columns(cut, panel),
        .next_right = right_panel(run, panel, product + 1 < cut->scheme->count ? product + 1 : 0),
        .stride = p->columns,
        .count = sum->count,
    };
    for (int t = 0; t < sum->count; t++) {
        FlowSchemeTerm block = sum->terms[t];
        tile.to[t] = p->result + (block.row * run->rows + row) * p->columns + block.column * cut->columns +
                     panel * run->cut.kernels->columns;
        tile.sign[t] = (float)block.sign;
        tile.rows[t] = run->rows - row;
        if (run->chunk == 0 && block.first) tile.start[t] = flow_zeros;
    }
    return tile;
}

static void multiply_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Run *run = context;
    int64_t panel = item / run->strips, strip = item % run->strips;
    int64_t end = flow_smaller((strip + 1) * StripRows, run->rows);
    for (int64_t row = strip * StripRows; row < end; row += run->cut.kernels->rows) {
        for (int product = 0; product < run->cut.scheme->count; product++) {
            FlowTile tile = tile_at(run, row, panel, product);
            run->cut.kernels->tile(&tile);
        }
    }
}

bool flow_product_of_columns(const FlowCall *call, const FlowProductOfColumns *product, FlowFailure *failure) {
    Run run = {.product = product};
    run.cut = flow_cut(
        flow_products(call), product->rows >= LeastRows && product->rows % 2 == 0, product->inner, product->columns);
    const FlowCut *cut = &run.cut;
    int64_t width = cut->kernels->left_columns, floats = (int64_t)sizeof(float);
    run.rows = product->rows / cut->scheme->grid;
    run.left_panels = (run.rows + width - 1) / width;
    run.left_size = flow_cut_words(cut, cut->steps) * width;
    run.strips = (run.rows + StripRows - 1) / StripRows;
    run.pack_items = (cut->steps + PackSteps - 1) / PackSteps;
    run.left = flow_scratch(FlowProductLeftSlot, run.left_panels * cut->scheme->count * run.left_size * floats);
    run.right = flow_scratch(FlowProductRightSlot, cut->panels * cut->scheme->count * cut->panel_size * floats);
    run.sums = flow_scratch(FlowProductSumSlot, run.pack_items * product->rows * floats);
    if (run.right == NULL || run.left == NULL || run.sums == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    memset(run.sums, 0, (size_t)(run.pack_items * product->rows * floats));
    for (run.chunk = 0; run.chunk < cut->chunks; run.chunk++) {
        flow_for(run.pack_items, pack_item, &run);
        flow_for(cut->panels * run.strips, multiply_item, &run);
    }
    if (product->sums == NULL) return true;
    for (int64_t i = 0; i < product->rows; i++) {
        double total = 0;
        for (int64_t item = 0; item < run.pack_items; item++) total += (double)run.sums[item * product->rows + i];
        product->sums[i] = (float)total;
    }
    return true;
}
