/* How matrix products are cut. */
#include "product.h"

const float flow_zeros[64];

FlowCut flow_cut(const FlowProductKernels *kernels, bool may_pair, int64_t inner, int64_t columns) {
    enum { Least = 192 }; /* below, the sums cost more than the product they save */
    bool large = inner >= Least && columns >= Least && inner % 2 == 0 && columns % 2 == 0;
    const int64_t in_word = kernels->steps_in_word, width = kernels->columns;
    const FlowScheme *scheme = may_pair && large && in_word == 1 ? &flow_strassen_scheme : &flow_plain_scheme;
    FlowCut cut = {
        .scheme = scheme,
        .kernels = kernels,
        .inner = inner / scheme->grid,
        .columns = columns / scheme->grid};
    const int64_t words = flow_cut_words(&cut, cut.inner);
    cut.chunks = (words + FlowProductSteps - 1) / FlowProductSteps;
    cut.steps = (words + cut.chunks - 1) / cut.chunks * in_word;
    cut.panels = (cut.columns + width - 1) / width;
    cut.panel_size = flow_cut_words(&cut, cut.steps) * width;
    return cut;
}

int64_t flow_cut_steps(const FlowCut *cut, int64_t chunk) {
    return flow_smaller(cut->inner - chunk * cut->steps, cut->steps);
}

int64_t flow_cut_words(const FlowCut *cut, int64_t steps) {
    const int64_t in_word = cut->kernels->steps_in_word;
    return (steps + in_word - 1) / in_word;
}

int64_t flow_cut_columns(const FlowCut *cut, int64_t panel) {
    int64_t width = cut->kernels->columns;
    return flow_smaller(cut->columns - panel * width, width);
}

void flow_add_term(
    FlowTerms *terms, FlowNumbers from, FlowSchemeTerm block, int64_t block_rows, int64_t block_columns, int64_t row,
    int64_t column, int64_t rows) {
    int t = terms->count++;
    terms->from[t] = flow_numbers_from(
        from, (block.row * block_rows + row) * terms->stride + block.column * block_columns + column);
    terms->sign[t] = (float)block.sign;
    terms->rows[t] = rows;
}
