/* flow.gated_selective_scan and its gradient: an item per sequence. */
#include "internal.h"

typedef struct ScanRun {
    FlowScan scan;
    int64_t batches, memory_size;
    float *memory; /* memory_size floats for every worker */
    float *da, *dskip;
} ScanRun;

static bool check(const FlowCall *call, const char *pattern, FlowSizes sizes, FlowFailure *failure) {
    if (!flow_match(call, pattern, sizes, failure)) return false;
    return sizes['N'] <= FlowScanMaximumStates ||
           flow_fail(
               call, failure, FlowFailureKindInvalidArgument, "the state size is %lld; at most %d is supported.",
               (long long)sizes['N'], FlowScanMaximumStates);
}

/* Fills what both directions share; `in` are the forward operands. */
static bool prepare(
    const FlowCall *call, const FlowSizes sizes, const FlowTensor *in, ScanRun *run, FlowFailure *failure) {
    int64_t length = sizes['L'], channels = sizes['D'], states = sizes['N'];
    const FlowVectorKernels *vector = flow_vector();
    run->batches = sizes['B'];
    run->memory_size = (vector->selective_scan_memory(length, states) + 15) / 16 * 16;
    run->memory = flow_scratch(0, run->memory_size * flow_thread_count() * (int64_t)sizeof(float));
    float *a = flow_scratch(2, (states + 3) / 4 * 4 * vector->selective_scan_channels(channels) * (int64_t)sizeof(float));
    if (run->memory == NULL || a == NULL) return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    vector->selective_scan_decays(in[2].data, channels, states, a);
    run->scan = (FlowScan){.length = length, .channels = channels, .states = states, .x = in[0].data, .dt = in[1].data,
                           .a = a, .b = in[3].data, .c = in[4].data, .skip = in[5].data, .z = in[6].data};
    return true;
}

static void forward_item(void *context, int64_t batch, int worker) {
    const ScanRun *run = context;
    flow_vector()->selective_scan(&run->scan, batch, run->memory + worker * run->memory_size);
}

bool flow_run_gated_selective_scan(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    ScanRun run = {0};
    if (!check(call, "BLD BLD DN BLN BLN D BLD -> BLD~", sizes, failure)) return false;
    if (call->asks) return true;
    if (!prepare(call, sizes, call->operands, &run, failure)) return false;
    run.scan.y = flow_numbers(&call->results[0]);
    flow_for(run.batches, forward_item, &run);
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
        double total[SumChannels] = {0};
        for (int64_t batch = 0; batch < run->batches; batch++) {
            const float *part = n < states ? run->scan.da_parts + (batch * states + n) * channels
                                           : run->scan.dskip_parts + batch * channels;
            for (int64_t d = first; d < last; d++) total[d - first] += (double)part[d];
        }
        for (int64_t d = first; d < last; d++) {
            if (n < states) run->da[d * states + n] = (float)total[d - first];
            else run->dskip[d] = (float)total[d - first];
        }
    }
}

bool flow_run_gated_selective_scan_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    ScanRun run = {0};
    if (!check(call, "BLD BLD BLD DN BLN BLN D BLD -> BLD BLD~ DN BLN BLN D BLD~", sizes, failure)) return false;
    if (call->asks) return true;
    if (!prepare(call, sizes, call->operands + 1, &run, failure)) return false;
    const FlowTensor *out = call->results;
    int64_t parts = run.batches * run.scan.channels * (run.scan.states + 1);
    run.scan.g = call->operands[0].data;
    run.scan.dx = out[0].data, run.scan.db = out[3].data, run.scan.dc = out[4].data;
    run.scan.ddt = flow_numbers(&out[1]), run.scan.dz = flow_numbers(&out[6]);
    run.da = out[2].data, run.dskip = out[5].data;
    run.scan.da_parts = flow_scratch(1, parts * (int64_t)sizeof(float));
    if (run.scan.da_parts == NULL) return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    run.scan.dskip_parts = run.scan.da_parts + run.batches * run.scan.channels * run.scan.states;
    flow_for(run.batches, backward_item, &run);
    flow_for((run.scan.channels + SumChannels - 1) / SumChannels, sum_item, &run);
    return true;
}
