/* How matrix products are cut. */
#include "product.h"

const float flow_zeros[64];

FlowCut flow_cut(bool may_pair, int64_t inner, int64_t columns) {
    enum { Least = 192 }; /* below, the sums cost more than the product they save */
    bool large = inner >= Least && columns >= Least && inner % 2 == 0 && columns % 2 == 0;
    const FlowScheme *scheme = may_pair && large ? &flow_strassen_scheme : &flow_plain_scheme;
    FlowCut cut = {.scheme = scheme, .inner = inner / scheme->grid, .columns = columns / scheme->grid};
    int64_t width = flow_vector()->product_columns;
    cut.chunks = (cut.inner + FlowProductSteps - 1) / FlowProductSteps;
    cut.steps = (cut.inner + cut.chunks - 1) / cut.chunks;
    cut.panels = (cut.columns + width - 1) / width;
    cut.panel_size = cut.steps * width;
    return cut;
}

int64_t flow_cut_steps(const FlowCut *cut, int64_t chunk) {
    return flow_smaller(cut->inner - chunk * cut->steps, cut->steps);
}

int64_t flow_cut_columns(const FlowCut *cut, int64_t panel) {
    int64_t width = flow_vector()->product_columns;
    return flow_smaller(cut->columns - panel * width, width);
}

void flow_add_term(
    FlowTerms *terms, const float *from, FlowSchemeTerm block, int64_t block_rows, int64_t block_columns, int64_t row,
    int64_t column, int64_t rows) {
    int t = terms->count++;
    terms->from[t] = from + (block.row * block_rows + row) * terms->stride + block.column * block_columns + column;
    terms->sign[t] = (float)block.sign;
    terms->rows[t] = rows;
}
