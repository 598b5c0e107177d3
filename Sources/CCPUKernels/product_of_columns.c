/* Products of columns with columns, such as a linear layer's gradient by its weights. The inner size is done in chunks: the
   team packs the right matrix's rows, then multiplies them by strips of the left matrix's columns, which whoever multiplies
   them packs for itself. Every chunk is added to the result in turn. */
#include <string.h>

#include "product.h"

enum { PackSteps = 16 };   /* of the right matrix that an item packs: whole words */
enum { PieceSteps = 64 };  /* of a strip that are packed at once, while they stay in the first-level cache */
enum { LeastRows = 192 };  /* of a result that is computed by pairs of rows */
enum { MostStripRows = 64, LeastStripRows = 16 }; /* multiples of every tile's rows and every left panel's columns */
enum { ItemsAThread = 3 }; /* with fewer, strips become narrower; then their panels are shared out as well */
enum { LeastPanels = 4 };  /* that a strip is packed for */

typedef struct Run {
    const FlowProductOfColumns *product;
    FlowCut cut;
    int64_t rows;         /* of a block */
    int64_t strip_rows, strips;
    int64_t groups;       /* items that share a strip's panels */
    int64_t left_panels;  /* of a strip */
    int64_t left_size;    /* words of a packed panel of the left matrix */
    int64_t pack_items;
    int64_t chunk;
    float *right, *left;
    float *sums; /* (chunks, rows of the product) */
} Run;

static float *left_panel(const Run *run, int worker, int64_t panel, int64_t product) {
    const int64_t count = run->cut.scheme->count;
    return run->left + ((worker * run->left_panels + panel) * count + product) * run->left_size;
}

static float *right_panel(const Run *run, int64_t panel, int64_t product) {
    return run->right + (panel * run->cut.scheme->count + product) * run->cut.panel_size;
}

/* MARK: The right matrix */

static void pack_right_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Run *run = context;
    const FlowCut *cut = &run->cut;
    const FlowProductOfColumns *p = run->product;
    const int64_t step = item * PackSteps, steps = flow_smaller(PackSteps, flow_cut_steps(cut, run->chunk) - step);
    if (steps <= 0) return;
    const int64_t width = cut->kernels->columns, from = run->chunk * cut->steps + step;
    /* Packing goes through narrow columns: whole rows come into the cache before it. */
    for (int block = 0; block < cut->scheme->grid; block++) {
        flow_touch(flow_numbers_from(p->right, (block * cut->inner + from) * p->columns), steps * p->columns);
    }
    for (int product = 0; product < cut->scheme->count; product++) {
        const FlowSchemeSum *sum = &cut->scheme->right[product];
        for (int64_t panel = 0; panel < cut->panels; panel++) {
            FlowTerms terms = {.stride = p->columns};
            for (int t = 0; t < sum->count; t++) {
                flow_add_term(
                    &terms, p->right, sum->terms[t], cut->inner, cut->columns, from, panel * width, INT64_MAX);
            }
            cut->kernels->pack_right(
                &terms, steps, flow_cut_columns(cut, panel),
                right_panel(run, panel, product) + flow_cut_words(cut, step) * width);
        }
    }
}

/* MARK: A strip of the left matrix */

/* The left matrix from this step of the chunk and row of the strip's result on, in the block (row, inner). */
static FlowNumbers left_at(const Run *run, int64_t chunk, int64_t step, int64_t row, int row_block, int inner_block) {
    const FlowProductOfColumns *p = run->product;
    const int64_t inner = inner_block * run->cut.inner + chunk * run->cut.steps + step;
    return flow_numbers_from(p->left, inner * p->rows + row_block * run->rows + row);
}

static int64_t rows_of_strip(const Run *run, int64_t strip) {
    return flow_smaller(run->strip_rows, run->rows - strip * run->strip_rows);
}

static void pack_strip_piece(const Run *run, int64_t strip, int64_t step, int64_t steps, int worker) {
    const FlowCut *cut = &run->cut;
    const FlowProductOfColumns *p = run->product;
    const int64_t width = cut->kernels->left_columns, row = strip * run->strip_rows, rows = rows_of_strip(run, strip);
    for (int64_t panel = 0; panel * width < rows; panel++) {
        for (int product = 0; product < cut->scheme->count; product++) {
            const FlowSchemeSum *sum = &cut->scheme->left[product];
            FlowTerms terms = {.stride = p->rows};
            for (int t = 0; t < sum->count; t++) {
                FlowSchemeTerm turned = {sum->terms[t].column, sum->terms[t].row, sum->terms[t].sign};
                flow_add_term(
                    &terms, p->left, turned, cut->inner, run->rows, run->chunk * cut->steps + step,
                    row + panel * width, INT64_MAX);
            }
            cut->kernels->pack_left(
                &terms, steps, flow_smaller(width, rows - panel * width),
                left_panel(run, worker, panel, product) + flow_cut_words(cut, step) * width);
        }
    }
}

static void pack_strip(const Run *run, int64_t strip, bool sums, int worker) {
    const FlowCut *cut = &run->cut;
    const FlowProductOfColumns *p = run->product;
    const int64_t steps = flow_cut_steps(cut, run->chunk), row = strip * run->strip_rows;
    for (int64_t step = 0; step < steps; step += PieceSteps) {
        const int64_t piece = flow_smaller(PieceSteps, steps - step);
        pack_strip_piece(run, strip, step, piece, worker);
        const int blocks = sums ? cut->scheme->grid : 0;
        for (int row_block = 0; row_block < blocks; row_block++) {
            for (int inner_block = 0; inner_block < blocks; inner_block++) {
                flow_vector()->add_rows(
                    left_at(run, run->chunk, step, row, row_block, inner_block), piece, p->rows,
                    rows_of_strip(run, strip), run->sums + run->chunk * p->rows + row_block * run->rows + row);
            }
        }
    }
}

/* Asks for what this item, of this chunk or the next, will pack: part `part` of `parts`. */
static void touch_strip(const Run *run, int64_t item, int64_t part, int64_t parts) {
    const FlowCut *cut = &run->cut;
    const bool later = item >= run->strips * run->groups;
    const int64_t chunk = later ? run->chunk + 1 : run->chunk;
    if (chunk >= cut->chunks) return;
    const int64_t strip = (later ? item - run->strips * run->groups : item) / run->groups;
    if (strip >= run->strips) return;
    const int64_t steps = flow_cut_steps(cut, chunk), rows = rows_of_strip(run, strip);
    for (int64_t step = part * steps / parts; step < (part + 1) * steps / parts; step++) {
        for (int block = 0; block < cut->scheme->grid * cut->scheme->grid; block++) {
            flow_touch(
                left_at(run, chunk, step, strip * run->strip_rows, block / cut->scheme->grid, block % cut->scheme->grid),
                rows);
        }
    }
}

/* MARK: Products */

/* The product's tile in this row of the strip's blocks. */
static FlowTile tile_at(
    const Run *run, int64_t strip, int64_t down, int64_t panel, int64_t product, int worker) {
    const FlowProductOfColumns *p = run->product;
    const FlowCut *cut = &run->cut;
    const FlowSchemeSum *sum = &cut->scheme->result[product];
    const int64_t width = cut->kernels->left_columns, row = strip * run->strip_rows + down;
    FlowTile tile = {
        .left = left_panel(run, worker, down / width, product) + down % width,
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
                     panel * cut->kernels->columns;
        tile.sign[t] = (float)block.sign;
        tile.rows[t] = run->rows - row;
        if (run->chunk == 0 && block.first) tile.start[t] = flow_zeros;
    }
    return tile;
}

static void multiply_item(void *context, int64_t item, int worker) {
    const Run *run = context;
    const FlowCut *cut = &run->cut;
    const int64_t strip = item / run->groups, group = item % run->groups, rows = rows_of_strip(run, strip);
    const int64_t first = group * cut->panels / run->groups, end = (group + 1) * cut->panels / run->groups;
    pack_strip(run, strip, group == 0 && run->product->sums != NULL, worker);
    for (int64_t panel = first; panel < end; panel++) {
        touch_strip(run, item + flow_thread_count(), panel - first, end - first);
        for (int64_t down = 0; down < rows; down += cut->kernels->rows) {
            for (int product = 0; product < cut->scheme->count; product++) {
                FlowTile tile = tile_at(run, strip, down, panel, product, worker);
                cut->kernels->tile(&tile);
            }
        }
    }
}

bool flow_product_of_columns(const FlowCall *call, const FlowProductOfColumns *product, FlowFailure *failure) {
    Run run = {.product = product};
    run.cut = flow_cut(
        flow_products(call), product->rows >= LeastRows && product->rows % 2 == 0, product->inner, product->columns);
    const FlowCut *cut = &run.cut;
    const int64_t width = cut->kernels->left_columns, floats = (int64_t)sizeof(float);
    run.rows = product->rows / cut->scheme->grid;
    const int64_t enough = ItemsAThread * flow_thread_count();
    run.strip_rows = MostStripRows;
    while (run.strip_rows > LeastStripRows && run.rows < enough * run.strip_rows) run.strip_rows /= 2;
    run.strips = (run.rows + run.strip_rows - 1) / run.strip_rows;
    const int64_t wanted = (enough + run.strips - 1) / run.strips;
    run.groups = flow_smaller(wanted, (cut->panels + LeastPanels - 1) / LeastPanels);
    run.left_panels = run.strip_rows / width;
    run.left_size = flow_cut_words(cut, cut->steps) * width;
    run.pack_items = (cut->steps + PackSteps - 1) / PackSteps;
    const int64_t strip_size = run.left_panels * cut->scheme->count * run.left_size;
    run.left = flow_scratch(FlowProductLeftSlot, flow_thread_count() * strip_size * floats);
    run.right = flow_scratch(FlowProductRightSlot, cut->panels * cut->scheme->count * cut->panel_size * floats);
    run.sums = flow_scratch(FlowProductSumSlot, cut->chunks * product->rows * floats);
    if (run.right == NULL || run.left == NULL || run.sums == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    memset(run.sums, 0, (size_t)(cut->chunks * product->rows * floats));
    for (run.chunk = 0; run.chunk < cut->chunks; run.chunk++) {
        flow_for(run.pack_items, pack_right_item, &run);
        flow_for(run.strips * run.groups, multiply_item, &run);
    }
    if (product->sums == NULL) return true;
    for (int64_t i = 0; i < product->rows; i++) {
        double total = 0;
        for (int64_t chunk = 0; chunk < cut->chunks; chunk++) total += (double)run.sums[chunk * product->rows + i];
        product->sums[i] = (float)total;
    }
    return true;
}
