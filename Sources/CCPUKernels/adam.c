/* flow.adam: one pass over any number of parameters. Operands: the settings, then all values, all gradients, all first
   and all second moments, and all averages if there are any; results: the same without settings and gradients. */
#include <stdlib.h>

#include "internal.h"

enum { AdamRange = 16384 }; /* floats an item */

typedef struct AdamRun {
    FlowAdam settings;
    const FlowCall *call;
    int64_t count; /* tensors of each kind */
    bool average;
    int64_t *first_items; /* the item each parameter starts at, then the number of items */
} AdamRun;

static int64_t element_count(const FlowTensor *tensor) {
    int64_t count = 1;
    for (int64_t i = 0; i < tensor->rank; i++) count *= tensor->shape[i];
    return count;
}

static bool same_shape(const FlowTensor *a, const FlowTensor *b) {
    if (a->rank != b->rank || a->rounded || b->rounded) return false;
    for (int64_t i = 0; i < a->rank; i++) {
        if (a->shape[i] != b->shape[i]) return false;
    }
    return true;
}

static void adam_item(void *context, int64_t item, int worker) {
    (void)worker;
    const AdamRun *run = context;
    int64_t low = 0, high = run->count; /* the last parameter that starts at or before the item */
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (run->first_items[middle] <= item) low = middle;
        else high = middle;
    }
    const FlowTensor *in = run->call->operands + 1, *out = run->call->results;
    int64_t n = run->count, start = (item - run->first_items[low]) * AdamRange;
    int64_t left = element_count(&in[low]) - start;
    FlowAdamRange range = {
        .count = left < AdamRange ? left : AdamRange,
        .parameter = in[low].data + start,
        .gradient = in[n + low].data + start,
        .first = in[2 * n + low].data + start,
        .second = in[3 * n + low].data + start,
        .average = run->average ? in[4 * n + low].data + start : NULL,
        .new_parameter = out[low].data + start,
        .new_first = out[n + low].data + start,
        .new_second = out[2 * n + low].data + start,
        .new_average = run->average ? out[3 * n + low].data + start : NULL,
    };
    flow_vector()->adam(&run->settings, &range);
}

static bool check(const FlowCall *call, const AdamRun *run, FlowFailure *failure) {
    int64_t kinds = run->average ? 5 : 4, n = run->count;
    if (n < 1 || call->result_count != (kinds - 1) * n) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument,
            "%lld operands and %lld results are not the settings, then for each parameter 4 operands and 3 results, or "
            "5 and 4 with an average.",
            (long long)call->operand_count, (long long)call->result_count);
    }
    if (call->operands[0].rank != 1 || call->operands[0].shape[0] != 8) {
        return flow_fail(call, failure, FlowFailureKindInvalidArgument, "operand 0 must hold the 8 settings.");
    }
    for (int64_t i = 0; i < kinds * n; i++) {
        if (!same_shape(&call->operands[1 + i], &call->operands[1 + i % n])) {
            return flow_fail(
                call, failure, FlowFailureKindInvalidArgument, "operand %lld differs in shape from parameter %lld.",
                (long long)(1 + i), (long long)(i % n));
        }
    }
    for (int64_t i = 0; i < (kinds - 1) * n; i++) {
        if (!same_shape(&call->results[i], &call->operands[1 + i % n])) {
            return flow_fail(
                call, failure, FlowFailureKindInvalidArgument, "result %lld differs in shape from parameter %lld.",
                (long long)i, (long long)(i % n));
        }
    }
    return true;
}

bool flow_run_adam(const FlowCall *call, FlowFailure *failure) {
    /* A parameter adds one operand more than results: its gradient. */
    AdamRun run = {.call = call, .count = call->operand_count - 1 - call->result_count};
    run.average = run.count > 0 && call->result_count == 4 * run.count;
    if (!check(call, &run, failure)) return false;
    if (call->asks) return true;
    const float *s = call->operands[0].data;
    run.settings = (FlowAdam){s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]};
    run.first_items = flow_scratch(0, (run.count + 1) * (int64_t)sizeof(int64_t));
    if (run.first_items == NULL) return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    int64_t items = 0;
    for (int64_t i = 0; i < run.count; i++) {
        run.first_items[i] = items;
        items += (element_count(&call->operands[1 + i]) + AdamRange - 1) / AdamRange;
    }
    flow_for(items, adam_item, &run);
    return true;
}
