/* flow.causal_depthwise_convolution and its gradient: an item per sequence. */
#include "internal.h"

typedef struct DepthwiseRun {
    const FlowTensor *in, *out;
    int64_t batches, length, channels, taps;
    float *memory; /* length vectors for every worker */
    int64_t memory_size;
    float *parts; /* (taps + 1, channels) for every sequence */
} DepthwiseRun;

static bool check(const FlowCall *call, const char *pattern, DepthwiseRun *run, FlowFailure *failure) {
    FlowSizes sizes = {0};
    sizes['I'] = 1;
    if (!flow_match(call, pattern, sizes, failure)) return false;
    run->in = call->operands;
    run->out = call->results;
    run->batches = sizes['B'], run->length = sizes['L'], run->channels = sizes['D'], run->taps = sizes['K'];
    return run->taps <= FlowMaximumTaps ||
           flow_fail(
               call, failure, FlowFailureKindInvalidArgument, "the kernel has %lld taps; at most %d are supported.",
               (long long)run->taps, FlowMaximumTaps);
}

static void forward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const DepthwiseRun *run = context;
    int64_t start = item * run->length * run->channels;
    flow_vector()->depthwise_convolution(
        run->in[0].data + start, run->in[1].data, run->in[2].data, run->length, run->channels, run->taps,
        run->out[0].data + start);
}

bool flow_run_causal_depthwise_convolution(const FlowCall *call, FlowFailure *failure) {
    DepthwiseRun run = {0};
    if (!check(call, "BLD DIK D -> BLD", &run, failure)) return false;
    if (call->asks) return true;
    flow_for(run.batches, forward_item, &run);
    return true;
}

static void backward_item(void *context, int64_t item, int worker) {
    const DepthwiseRun *run = context;
    int64_t start = item * run->length * run->channels;
    flow_vector()->depthwise_convolution_backward(
        run->in[0].data + start, run->in[1].data + start, run->in[2].data, run->in[3].data, run->length,
        run->channels, run->taps, run->memory + worker * run->memory_size,
        flow_numbers_from(flow_numbers(&run->out[0]), start), run->parts + item * (run->taps + 1) * run->channels);
}

bool flow_run_causal_depthwise_convolution_backward(const FlowCall *call, FlowFailure *failure) {
    DepthwiseRun run = {0};
    if (!check(call, "BLD BLD DIK D -> BLD~ DIK D", &run, failure)) return false;
    if (call->asks) return true;
    run.memory_size = run.length * flow_vector()->width;
    run.memory = flow_scratch(0, run.memory_size * flow_thread_count() * (int64_t)sizeof(float));
    run.parts = flow_scratch(1, run.batches * (run.taps + 1) * run.channels * (int64_t)sizeof(float));
    if (run.memory == NULL || run.parts == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    flow_for(run.batches, backward_item, &run);
    for (int64_t k = 0; k <= run.taps; k++) {
        for (int64_t d = 0; d < run.channels; d++) {
            double total = 0;
            for (int64_t item = 0; item < run.batches; item++) {
                total += (double)run.parts[(item * (run.taps + 1) + k) * run.channels + d];
            }
            if (k < run.taps) run.out[1].data[d * run.taps + k] = (float)total;
            else run.out[2].data[d] = (float)total;
        }
    }
    return true;
}
