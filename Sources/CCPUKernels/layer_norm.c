/* flow.modulated_layer_norm, flow.gated_residual, flow.embedding_add and their gradients: an item per image. */
#include <string.h>

#include "internal.h"

typedef struct Rows {
    int64_t rows, count; /* of one image */
    double epsilon;
    const FlowTensor *in, *out;
} Rows;

/* Image `item`'s part of a tensor with `size` floats an image. */
static float *part(const FlowTensor *tensor, int64_t item, int64_t size) { return tensor->data + item * size; }

static bool prepare(const FlowCall *call, const char *pattern, FlowSizes sizes, Rows *run, FlowFailure *failure) {
    if (!flow_match(call, pattern, sizes, failure)) return false;
    run->rows = sizes['L'] > 0 ? sizes['L'] : sizes['H'] * sizes['W'];
    run->count = sizes['D'];
    run->in = call->operands;
    run->out = call->results;
    return true;
}

static void layer_norm_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->modulated_layer_norm(
        part(&run->in[0], item, size), run->rows, run->count, part(&run->in[1], item, run->count),
        part(&run->in[2], item, run->count), (float)run->epsilon, part(&run->out[0], item, size),
        part(&run->out[1], item, run->rows), part(&run->out[2], item, run->rows));
}

bool flow_run_modulated_layer_norm(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BD BD -> BLD BL BL", sizes, &run, failure)) return false;
    if (!flow_real(call, "eps", &run.epsilon, failure)) return false;
    flow_for(sizes['B'], layer_norm_item, &run);
    return true;
}

static void layer_norm_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->modulated_layer_norm_backward(
        part(&run->in[0], item, size), part(&run->in[1], item, size), run->rows, run->count,
        part(&run->in[2], item, run->count), part(&run->in[3], item, run->rows), part(&run->in[4], item, run->rows),
        part(&run->out[0], item, size), part(&run->out[1], item, run->count), part(&run->out[2], item, run->count));
}

bool flow_run_modulated_layer_norm_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BLD BD BL BL -> BLD BD BD", sizes, &run, failure)) return false;
    flow_for(sizes['B'], layer_norm_backward_item, &run);
    return true;
}

static void gated_residual_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->gated_residual(
        part(&run->in[0], item, size), part(&run->in[1], item, run->count), part(&run->in[2], item, size), run->rows,
        run->count, part(&run->out[0], item, size));
}

bool flow_run_gated_residual(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BD BLD -> BLD", sizes, &run, failure)) return false;
    flow_for(sizes['B'], gated_residual_item, &run);
    return true;
}

static void gated_residual_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->gated_residual_backward(
        part(&run->in[0], item, size), part(&run->in[1], item, run->count), part(&run->in[2], item, size), run->rows,
        run->count, part(&run->out[1], item, size), part(&run->out[0], item, run->count));
}

bool flow_run_gated_residual_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BD BLD -> BD BLD", sizes, &run, failure)) return false;
    flow_for(sizes['B'], gated_residual_backward_item, &run);
    return true;
}

static void embedding_add_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->add_row(
        part(&run->in[0], item, size), part(&run->in[1], item, run->count), run->rows, run->count,
        part(&run->out[0], item, size));
}

bool flow_run_embedding_add(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "NHWD ND -> NHWD", sizes, &run, failure)) return false;
    flow_for(sizes['N'], embedding_add_item, &run);
    return true;
}

static void embedding_add_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    float *total = part(&run->out[0], item, run->count);
    memset(total, 0, (size_t)run->count * sizeof(float));
    flow_vector()->add_rows(part(&run->in[0], item, run->rows * run->count), run->rows, run->count, total);
}

bool flow_run_embedding_add_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "NHWD -> ND", sizes, &run, failure)) return false;
    flow_for(sizes['N'], embedding_add_backward_item, &run);
    return true;
}
