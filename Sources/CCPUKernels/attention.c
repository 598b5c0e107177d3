/* flow.attention and its gradient: an item is an image's heads, which lie side by side in memory. */
#include "internal.h"

typedef struct AttentionRun {
    FlowAttention attention;
    const FlowProductKernels *kernels;
    float *memory;
    int64_t memory_size; /* floats a worker has */
    int64_t images, groups; /* items that share an image */
} AttentionRun;

static bool check(
    const FlowCall *call, const char *pattern, FlowSizes sizes, AttentionRun *run, FlowFailure *failure) {
    int64_t heads;
    if (!flow_integer(call, "heads", 1, 1 << 20, &heads, failure)) return false;
    sizes['H'] = heads;
    if (!flow_match(call, pattern, sizes, failure)) return false;
    if (sizes['Q'] != 3 * sizes['D'] || sizes['D'] % heads != 0) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument,
            "%lld packed features must be 3 times %lld, and those a multiple of %lld heads.", (long long)sizes['Q'],
            (long long)sizes['D'], (long long)heads);
    }
    run->attention = (FlowAttention){.length = sizes['L'], .heads = heads, .head = sizes['D'] / heads};
    run->kernels = flow_products(call);
    enum { EnoughItems = 16 };
    run->images = sizes['B'];
    run->groups = run->images >= EnoughItems ? 1 : heads;
    return true;
}

static bool take_memory(
    const FlowCall *call, AttentionRun *run, int64_t (*memory)(int64_t length, int64_t head), FlowFailure *failure) {
    run->memory_size = (memory(run->attention.length, run->attention.head) + 15) / 16 * 16;
    run->memory = flow_scratch(0, run->memory_size * flow_thread_count() * (int64_t)sizeof(float));
    return run->memory != NULL || flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
}

/* The head that this worker is given next if all items take equally long, or -1: `head` of the image, or when that is
   negative the first of a later one. */
static int64_t next_head(const AttentionRun *run, int64_t image, int64_t head) {
    int64_t heads = run->attention.heads, later = image + flow_thread_count();
    if (head >= 0) return image * heads + head;
    return run->groups == 1 && later < run->images ? later * heads : -1;
}

typedef void (*HeadKernel)(const FlowAttention *heads, int64_t batch, int64_t index, float *memory);

static void run_heads(const AttentionRun *run, int64_t item, int worker, HeadKernel kernel) {
    FlowAttention attention = run->attention;
    int64_t image = item / run->groups, group = item % run->groups;
    int64_t end = (group + 1) * attention.heads / run->groups;
    for (int64_t head = group * attention.heads / run->groups; head < end; head++) {
        attention.next = next_head(run, image, head + 1 < end ? head + 1 : -1);
        kernel(&attention, image, head, run->memory + worker * run->memory_size);
    }
}

static void forward_item(void *context, int64_t item, int worker) {
    const AttentionRun *run = context;
    run_heads(run, item, worker, run->kernels->attention);
}

bool flow_run_attention(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    AttentionRun run;
    if (!check(call, "BLQ~ -> BLD~ BHL", sizes, &run, failure)) return false;
    if (call->asks) return true;
    if (!take_memory(call, &run, run.kernels->attention_memory, failure)) return false;
    run.attention.qkv = flow_numbers(&call->operands[0]);
    run.attention.out = flow_numbers(&call->results[0]);
    run.attention.lse = call->results[1].data;
    flow_for(run.images * run.groups, forward_item, &run);
    return true;
}

static void backward_item(void *context, int64_t item, int worker) {
    const AttentionRun *run = context;
    run_heads(run, item, worker, run->kernels->attention_backward);
}

bool flow_run_attention_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    AttentionRun run;
    if (!check(call, "BLD~ BLQ~ BLD~ BHL -> BLQ~", sizes, &run, failure)) return false;
    if (call->asks) return true;
    if (!take_memory(call, &run, run.kernels->attention_backward_memory, failure)) return false;
    run.attention.g = flow_numbers(&call->operands[0]);
    run.attention.qkv = flow_numbers(&call->operands[1]);
    run.attention.out = flow_numbers(&call->operands[2]);
    run.attention.lse = call->operands[3].data;
    run.attention.dqkv = flow_numbers(&call->results[0]);
    flow_for(run.images * run.groups, backward_item, &run);
    return true;
}
