/* flow.upsample_bilinear_2x and its gradient: an item per row of the smaller image. */
#include "internal.h"

typedef struct UpsampleRun {
    const float *from;
    FlowNumbers to;
    int64_t height, width, channels; /* of the smaller image */
    float *memory;
    int64_t memory_size;
} UpsampleRun;

static bool check(
    const FlowCall *call, const char *pattern, FlowSizes sizes, UpsampleRun *run, FlowFailure *failure) {
    if (!flow_match(call, pattern, sizes, failure)) return false;
    if (sizes['P'] != 2 * sizes['H'] || sizes['Q'] != 2 * sizes['W']) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument, "%lld x %lld is not twice %lld x %lld.",
            (long long)sizes['P'], (long long)sizes['Q'], (long long)sizes['H'], (long long)sizes['W']);
    }
    *run = (UpsampleRun){
        .from = call->operands[0].data, .to = flow_numbers(&call->results[0]), .height = sizes['H'], .width = sizes['W'],
        .channels = sizes['C']};
    return true;
}

static bool take_memory(const FlowCall *call, UpsampleRun *run, FlowFailure *failure) {
    run->memory_size = (2 * run->width * run->channels + 15) / 16 * 16;
    run->memory = flow_scratch(0, run->memory_size * flow_thread_count() * (int64_t)sizeof(float));
    return run->memory != NULL || flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
}

static void forward_item(void *context, int64_t item, int worker) {
    const UpsampleRun *run = context;
    int64_t image = item / run->height, size = run->height * run->width * run->channels;
    flow_vector()->upsample_rows(
        run->from + image * size, run->height, run->width, run->channels, item % run->height,
        run->memory + worker * run->memory_size, flow_numbers_from(run->to, image * 4 * size));
}

bool flow_run_upsample_bilinear_2x(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    UpsampleRun run;
    if (!check(call, "NHWC -> NPQC~", sizes, &run, failure)) return false;
    if (call->asks) return true;
    if (!take_memory(call, &run, failure)) return false;
    flow_for(sizes['N'] * run.height, forward_item, &run);
    return true;
}

static void backward_item(void *context, int64_t item, int worker) {
    const UpsampleRun *run = context;
    int64_t image = item / run->height, size = run->height * run->width * run->channels;
    flow_vector()->upsample_backward_row(
        run->from + image * 4 * size, run->height, run->width, run->channels, item % run->height,
        run->memory + worker * run->memory_size, (float *)run->to.at + image * size);
}

bool flow_run_upsample_bilinear_2x_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    UpsampleRun run;
    if (!check(call, "NPQC -> NHWC", sizes, &run, failure)) return false;
    if (call->asks) return true;
    if (!take_memory(call, &run, failure)) return false;
    flow_for(sizes['N'] * run.height, backward_item, &run);
    return true;
}
