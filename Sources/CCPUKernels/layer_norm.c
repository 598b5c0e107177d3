/* flow.modulated_layer_norm, flow.gated_residual_layer_norm, flow.embedding_add and their gradients: an item per
   image. */
#include <string.h>

#include "internal.h"

typedef struct Rows {
    int64_t rows, count; /* of one image */
    double epsilon;
    bool has_stream_gradient;
    const FlowTensor *in, *out;
} Rows;

/* Image `item`'s part of a tensor with `size` floats an image. */
static float *part(const FlowTensor *tensor, int64_t item, int64_t size) { return tensor->data + item * size; }

static FlowNumbers numbers_part(const FlowTensor *tensor, int64_t item, int64_t size) {
    return flow_numbers_from(flow_numbers(tensor), item * size);
}

static bool prepare(const FlowCall *call, const char *pattern, FlowSizes sizes, Rows *run, FlowFailure *failure) {
    if (!flow_match(call, pattern, sizes, failure)) return false;
    run->rows = sizes['L'] > 0 ? sizes['L'] : sizes['H'] * sizes['W'];
    run->count = sizes['D'];
    run->in = call->operands;
    run->out = call->results;
    return true;
}

/* An image's norm: scale and shift are operands from `modulation` on, y and the statistics results from `first` on. */
static FlowLayerNorm norm_of(const Rows *run, int64_t item, int modulation, int first) {
    int64_t size = run->rows * run->count;
    return (FlowLayerNorm){
        .rows = run->rows,
        .count = run->count,
        .epsilon = (float)run->epsilon,
        .x = part(&run->in[0], item, size),
        .scale = part(&run->in[modulation], item, run->count),
        .shift = part(&run->in[modulation + 1], item, run->count),
        .y = numbers_part(&run->out[first], item, size),
        .mean = part(&run->out[first + 1], item, run->rows),
        .inverse_deviation = part(&run->out[first + 2], item, run->rows),
    };
}

/* Its gradient: those of scale and shift are results from `modulation` on. */
static FlowLayerNormBackward norm_backward_of(const Rows *run, int64_t item, int modulation) {
    int64_t size = run->rows * run->count;
    return (FlowLayerNormBackward){
        .rows = run->rows,
        .count = run->count,
        .g = part(&run->in[0], item, size),
        .x = part(&run->in[1], item, size),
        .scale = part(&run->in[2], item, run->count),
        .mean = part(&run->in[3], item, run->rows),
        .inverse_deviation = part(&run->in[4], item, run->rows),
        .dx = part(&run->out[0], item, size),
        .dscale = part(&run->out[modulation], item, run->count),
        .dshift = part(&run->out[modulation + 1], item, run->count),
    };
}

static void layer_norm_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    FlowLayerNorm norm = norm_of(run, item, 1, 0);
    flow_vector()->modulated_layer_norm(&norm);
}

bool flow_run_modulated_layer_norm(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BD BD -> BLD~ BL BL", sizes, &run, failure)) return false;
    if (!flow_real(call, "eps", &run.epsilon, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['B'], layer_norm_item, &run);
    return true;
}

static void layer_norm_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    FlowLayerNormBackward norm = norm_backward_of(run, item, 1);
    flow_vector()->modulated_layer_norm_backward(&norm);
}

bool flow_run_modulated_layer_norm_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BLD BD BL BL -> BLD BD BD", sizes, &run, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['B'], layer_norm_backward_item, &run);
    return true;
}

static void residual_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    FlowLayerNorm norm = norm_of(run, item, 3, 1);
    norm.gate = part(&run->in[1], item, run->count);
    norm.update = numbers_part(&run->in[2], item, size);
    norm.stream = part(&run->out[0], item, size);
    flow_vector()->gated_residual_layer_norm(&norm);
}

bool flow_run_gated_residual_layer_norm(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "BLD BD BLD~ BD BD -> BLD BLD~ BL BL", sizes, &run, failure)) return false;
    if (!flow_real(call, "eps", &run.epsilon, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['B'], residual_item, &run);
    return true;
}

static void residual_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    FlowLayerNormBackward norm = norm_backward_of(run, item, 3);
    norm.gate = part(&run->in[5], item, run->count);
    norm.update = numbers_part(&run->in[6], item, size);
    if (run->has_stream_gradient) norm.g_stream = part(&run->in[7], item, size);
    norm.dgate = part(&run->out[1], item, run->count);
    norm.dupdate = numbers_part(&run->out[2], item, size);
    flow_vector()->gated_residual_layer_norm_backward(&norm);
}

bool flow_run_gated_residual_layer_norm_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {.has_stream_gradient = call->operand_count == 8};
    const char *pattern = run.has_stream_gradient ? "BLD BLD BD BL BL BD BLD~ BLD -> BLD BD BLD~ BD BD"
                                                  : "BLD BLD BD BL BL BD BLD~ -> BLD BD BLD~ BD BD";
    if (!prepare(call, pattern, sizes, &run, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['B'], residual_backward_item, &run);
    return true;
}

static void embedding_add_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    int64_t size = run->rows * run->count;
    flow_vector()->add_row(
        numbers_part(&run->in[0], item, size), part(&run->in[1], item, run->count), run->rows, run->count,
        numbers_part(&run->out[0], item, size));
}

bool flow_run_embedding_add(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "NHWD~ ND -> NHWD~", sizes, &run, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['N'], embedding_add_item, &run);
    return true;
}

static void embedding_add_backward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const Rows *run = context;
    float *total = part(&run->out[0], item, run->count);
    memset(total, 0, (size_t)run->count * sizeof(float));
    flow_vector()->add_rows(
        numbers_part(&run->in[0], item, run->rows * run->count), run->rows, run->count, run->count, total);
}

bool flow_run_embedding_add_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Rows run = {0};
    if (!prepare(call, "NHWD~ -> ND", sizes, &run, failure)) return false;
    if (call->asks) return true;
    flow_for(sizes['N'], embedding_add_backward_item, &run);
    return true;
}
