/* flow.selective_scan and its gradient. */
#include "internal.h"

typedef struct ScanRun {
    FlowScan scan;
    int64_t batches, blocks, memory_size;
    float *memory; /* memory_size floats for every worker */
    float *da, *dskip;
} ScanRun;

static bool check_states(const FlowCall *call, const FlowSizes sizes, FlowFailure *failure) {
    return sizes['N'] <= FlowScanMaximumStates ||
           flow_fail(
               call, failure, FlowFailureKindInvalidArgument, "the state size is %lld; at most %d is supported.",
               (long long)sizes['N'], FlowScanMaximumStates);
}

static void forward_item(void *context, int64_t item, int worker) {
    (void)worker;
    const ScanRun *run = context;
    flow_vector()->selective_scan(&run->scan, item / run->blocks, item % run->blocks);
}

bool flow_run_selective_scan(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "BLD BLD DN BLN BLN D -> BLD", sizes, failure)) return false;
    if (!check_states(call, sizes, failure)) return false;
    const FlowTensor *in = call->operands;
    int64_t width = flow_vector()->width;
    ScanRun run = {
        .scan = {.length = sizes['L'], .channels = sizes['D'], .states = sizes['N'], .x = in[0].data, .dt = in[1].data,
                 .a = in[2].data, .b = in[3].data, .c = in[4].data, .skip = in[5].data, .y = call->results[0].data},
        .blocks = (sizes['D'] + width - 1) / width,
    };
    flow_for(sizes['B'] * run.blocks, forward_item, &run);
    return true;
}

static void backward_item(void *context, int64_t batch, int worker) {
    const ScanRun *run = context;
    flow_vector()->selective_scan_backward(&run->scan, batch, run->memory + worker * run->memory_size);
}

/* Sums the batches' parts in order for some channels. */
enum { SumChannels = 16 };

static void sum_item(void *context, int64_t item, int worker) {
    (void)worker;
    const ScanRun *run = context;
    int64_t channels = run->scan.channels, states = run->scan.states;
    int64_t first = item * SumChannels, last = first + SumChannels < channels ? first + SumChannels : channels;
    for (int64_t n = 0; n <= states; n++) {
        for (int64_t d = first; d < last; d++) {
            double total = 0;
            for (int64_t batch = 0; batch < run->batches; batch++) {
                total += n < states ? (double)run->scan.da_parts[(batch * states + n) * channels + d]
                                    : (double)run->scan.dskip_parts[batch * channels + d];
            }
            if (n < states) run->da[d * states + n] = (float)total;
            else run->dskip[d] = (float)total;
        }
    }
}

bool flow_run_selective_scan_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "BLD BLD BLD DN BLN BLN D -> BLD BLD DN BLN BLN D", sizes, failure)) return false;
    if (!check_states(call, sizes, failure)) return false;
    const FlowTensor *in = call->operands, *out = call->results;
    int64_t batches = sizes['B'], channels = sizes['D'], states = sizes['N'];
    ScanRun run = {
        .scan = {.length = sizes['L'], .channels = channels, .states = states, .g = in[0].data, .x = in[1].data,
                 .dt = in[2].data, .a = in[3].data, .b = in[4].data, .c = in[5].data, .skip = in[6].data,
                 .dx = out[0].data, .ddt = out[1].data, .db = out[3].data, .dc = out[4].data},
        .batches = batches,
        .memory_size = flow_vector()->selective_scan_memory(sizes['L'], states),
        .da = out[2].data,
        .dskip = out[5].data,
    };
    run.memory_size = (run.memory_size + 15) / 16 * 16;
    run.memory = flow_scratch(0, run.memory_size * flow_thread_count() * (int64_t)sizeof(float));
    run.scan.da_parts = flow_scratch(1, batches * channels * (states + 1) * (int64_t)sizeof(float));
    if (run.memory == NULL || run.scan.da_parts == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    run.scan.dskip_parts = run.scan.da_parts + batches * channels * states;
    flow_for(batches, backward_item, &run);
    flow_for((channels + SumChannels - 1) / SumChannels, sum_item, &run);
    return true;
}
