/* Convolution with one output channel by our own loops, and the gradient of its weight. */
#include "convolution.h"

typedef struct NarrowRun {
    FlowNarrow shape;
    const float *x, *g, *weight, *addend;
    float bias;
    float *y, *parts, *memory;
    int64_t memory_size;
} NarrowRun;

bool flow_is_narrow(const FlowConvolution *c) {
    return c->o == 1 && c->stride == 1 && c->k == c->l && c->k * c->k <= FlowNarrowTaps && c->padding < c->k;
}

static FlowNarrow shape_of(const FlowConvolution *c) {
    return (FlowNarrow){
        .height = c->h, .width = c->w, .channels = c->i, .kernel = c->k, .padding = c->padding, .result_height = c->p,
        .result_width = c->q};
}

static void row_item(void *context, int64_t item, int worker) {
    (void)worker;
    const NarrowRun *run = context;
    const FlowNarrow *shape = &run->shape;
    int64_t image = item / shape->result_height, row = item % shape->result_height;
    const float *x = run->x + image * shape->height * shape->width * shape->channels;
    const float *addend = run->addend != NULL ? run->addend + item * shape->result_width : NULL;
    flow_vector()->narrow_convolution_row(
        shape, x, run->weight, run->bias, addend, row, run->y + item * shape->result_width);
}

bool flow_narrow_convolution(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    int64_t taps = c->k * c->k;
    float *weight = flow_scratch(0, taps * c->i * (int64_t)sizeof(float));
    if (weight == NULL) return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    for (int64_t tap = 0; tap < taps; tap++) {
        for (int64_t i = 0; i < c->i; i++) weight[tap * c->i + i] = call->operands[1].data[i * taps + tap];
    }
    NarrowRun run = {
        .shape = shape_of(c),
        .x = call->operands[0].data,
        .weight = weight,
        .addend = c->residual ? call->operands[3].data : NULL,
        .bias = c->bias ? call->operands[2].data[0] : 0,
        .y = call->results[0].data,
    };
    flow_for(c->n * c->p, row_item, &run);
    return true;
}

static void image_item(void *context, int64_t image, int worker) {
    const NarrowRun *run = context;
    const FlowNarrow *shape = &run->shape;
    flow_vector()->narrow_convolution_weight_gradient(
        shape, run->x + image * shape->height * shape->width * shape->channels,
        run->g + image * shape->result_height * shape->result_width, run->memory + worker * run->memory_size,
        run->parts + image * shape->kernel * shape->kernel * shape->channels);
}

bool flow_narrow_convolution_weight_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    int64_t taps = c->k * c->k;
    NarrowRun run = {.shape = shape_of(c), .x = call->operands[0].data, .g = call->operands[1].data};
    run.memory_size = (flow_vector()->narrow_gradient_memory(&run.shape) + 15) / 16 * 16;
    run.memory = flow_scratch(0, run.memory_size * flow_thread_count() * (int64_t)sizeof(float));
    run.parts = flow_scratch(1, c->n * taps * c->i * (int64_t)sizeof(float));
    if (run.memory == NULL || run.parts == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    flow_for(c->n, image_item, &run);
    for (int64_t i = 0; i < c->i; i++) {
        for (int64_t tap = 0; tap < taps; tap++) {
            double total = 0;
            for (int64_t image = 0; image < c->n; image++) {
                total += (double)run.parts[(image * taps + tap) * c->i + i];
            }
            call->results[0].data[i * taps + tap] = (float)total;
        }
    }
    double bias = 0;
    for (int64_t i = 0; i < c->n * c->p * c->q; i++) bias += (double)run.g[i];
    call->results[1].data[0] = (float)bias;
    return true;
}
