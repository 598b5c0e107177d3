/* flow.linear, flow.linear_gelu, flow.gelu and their gradients. Matrix products by oneDNN. */
#include <string.h>

#include "onednn.h"

/* Rows of x (rows, inputs), w (outputs, inputs), y (rows, outputs). */
typedef struct Linear {
    int64_t rows, inputs, outputs;
} Linear;

typedef enum Product { Forward = 32, ForwardWithoutBias, InputGradient, WeightGradient } Product;

static OneDNNMemoryDescriptorRef matrix(int64_t rows, int64_t columns, bool transposed) {
    int64_t sizes[] = {rows, columns};
    int64_t strides[] = {transposed ? 1 : columns, transposed ? rows : 1};
    return flow_layout(2, sizes, strides);
}

static FlowPrimitive *primitive_for(const FlowCall *call, const Linear *l, Product product, FlowFailure *failure) {
    const OneDNN *dnn = flow_onednn(call, failure);
    if (dnn == NULL) return NULL;
    FlowPrimitiveKey key = {{
        (int32_t)product, (int32_t)l->rows, (int32_t)l->inputs, (int32_t)l->outputs, flow_thread_count()}};
    FlowPrimitive *known = flow_primitive_find(&key);
    if (known != NULL) return known;
    FlowRecipe recipe = {
        .argument_count = 3,
        .arguments = {OneDNNArgumentSource, OneDNNArgumentWeights, OneDNNArgumentDestination, OneDNNArgumentBias},
        .weights = 1,
        .weights_query = OneDNNQueryWeights,
    };
    /* The small matrix may be packed; in the gradient of the weights both are large and taken as they are. */
    OneDNNMemoryDescriptorRef packed = NULL, bias = NULL;
    int64_t forward_sizes[] = {l->inputs, l->outputs}, backward_sizes[] = {l->outputs, l->inputs};
    switch (product) {
    case Forward:
    case ForwardWithoutBias:
        recipe.layouts[0] = matrix(l->rows, l->inputs, false);
        recipe.layouts[1] = matrix(l->inputs, l->outputs, true);
        recipe.layouts[2] = matrix(l->rows, l->outputs, false);
        packed = flow_any_layout(2, forward_sizes);
        if (product == Forward) recipe.layouts[recipe.argument_count++] = bias = matrix(1, l->outputs, false);
        break;
    case InputGradient:
        recipe.layouts[0] = matrix(l->rows, l->outputs, false);
        recipe.layouts[1] = matrix(l->outputs, l->inputs, false);
        recipe.layouts[2] = matrix(l->rows, l->inputs, false);
        packed = flow_any_layout(2, backward_sizes);
        break;
    case WeightGradient:
        recipe.layouts[0] = matrix(l->outputs, l->rows, true);
        recipe.layouts[1] = matrix(l->rows, l->inputs, false);
        recipe.layouts[2] = matrix(l->outputs, l->inputs, false);
        packed = matrix(l->rows, l->inputs, false);
        break;
    }
    OneDNNAttributesRef attributes = NULL;
    int status = dnn->primitive_attr_create(&attributes);
    if (status == OneDNNSuccess) {
        dnn->primitive_attr_set_scratchpad_mode(attributes, OneDNNScratchpadUser);
        status = dnn->matmul_primitive_desc_create(
            &recipe.descriptor, flow_onednn_engine(), recipe.layouts[0], packed, bias, recipe.layouts[2], attributes);
        dnn->primitive_attr_destroy(attributes);
    }
    dnn->memory_desc_destroy(packed);
    if (status != OneDNNSuccess) {
        for (int i = 0; i < recipe.argument_count; i++) dnn->memory_desc_destroy(recipe.layouts[i]);
        flow_onednn_refused(call, failure, status, "the matrix product");
        return NULL;
    }
    return flow_primitive_keep(call, &key, &recipe, failure);
}

static bool check(const FlowCall *call, const FlowSizes sizes, Linear *l, FlowFailure *failure) {
    *l = (Linear){sizes['*'], sizes['K'], sizes['N']};
    return (l->rows <= INT32_MAX && l->inputs <= INT32_MAX && l->outputs <= INT32_MAX) ||
           flow_fail(call, failure, FlowFailureKindInvalidArgument, "a size exceeds 2^31 - 1.");
}

static bool multiply(
    const FlowCall *call, const Linear *l, const float *x, const float *w, const float *bias, float *y,
    FlowFailure *failure) {
    FlowPrimitive *primitive = primitive_for(call, l, bias != NULL ? Forward : ForwardWithoutBias, failure);
    if (primitive == NULL) return false;
    void *data[] = {(void *)x, (void *)w, y, (void *)bias};
    return flow_primitive_run(call, primitive, data, failure);
}

bool flow_run_linear(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Linear l;
    bool bias = call->operand_count == 3;
    if (!flow_match(call, bias ? "*K NK N -> *N" : "*K NK -> *N", sizes, failure)) return false;
    if (!check(call, sizes, &l, failure)) return false;
    const FlowTensor *in = call->operands;
    return multiply(call, &l, in[0].data, in[1].data, bias ? in[2].data : NULL, call->results[0].data, failure);
}

/* MARK: GELU */

enum { GeluRange = 16384 }; /* floats an item */

typedef struct GeluRun {
    const float *g, *x;
    float *to;
    int64_t count;
} GeluRun;

static void gelu_item(void *context, int64_t item, int worker) {
    (void)worker;
    const GeluRun *run = context;
    int64_t start = item * GeluRange, left = run->count - start;
    int64_t count = left < GeluRange ? left : GeluRange;
    if (run->g == NULL) flow_vector()->gelu(run->x + start, count, run->to + start);
    else flow_vector()->gelu_backward(run->g + start, run->x + start, count, run->to + start);
}

static void apply_gelu(GeluRun run) { flow_for((run.count + GeluRange - 1) / GeluRange, gelu_item, &run); }

bool flow_run_linear_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Linear l;
    if (!flow_match(call, "*K NK N -> *N *N", sizes, failure) || !check(call, sizes, &l, failure)) return false;
    const FlowTensor *in = call->operands, *out = call->results;
    if (!multiply(call, &l, in[0].data, in[1].data, in[2].data, out[0].data, failure)) return false;
    apply_gelu((GeluRun){NULL, out[0].data, out[1].data, l.rows * l.outputs});
    return true;
}

bool flow_run_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "* -> *", sizes, failure)) return false;
    apply_gelu((GeluRun){NULL, call->operands[0].data, call->results[0].data, sizes['*']});
    return true;
}

bool flow_run_gelu_backward(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "* * -> *", sizes, failure)) return false;
    apply_gelu((GeluRun){call->operands[0].data, call->operands[1].data, call->results[0].data, sizes['*']});
    return true;
}

/* MARK: Gradients */

bool flow_run_linear_input_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Linear l;
    if (!flow_match(call, "*N NK -> *K", sizes, failure) || !check(call, sizes, &l, failure)) return false;
    FlowPrimitive *primitive = primitive_for(call, &l, InputGradient, failure);
    if (primitive == NULL) return false;
    void *data[] = {call->operands[0].data, call->operands[1].data, call->results[0].data};
    return flow_primitive_run(call, primitive, data, failure);
}

enum { SumRows = 128 }; /* rows an item sums: fixed, so that results do not depend on the team's size */

typedef struct SumRun {
    const float *g;
    float *parts;
    int64_t rows, columns;
} SumRun;

static void sum_item(void *context, int64_t item, int worker) {
    (void)worker;
    const SumRun *run = context;
    int64_t first = item * SumRows, left = run->rows - first;
    flow_vector()->sum_of_rows(
        run->g + first * run->columns, left < SumRows ? left : SumRows, run->columns,
        run->parts + item * run->columns);
}

bool flow_run_linear_weight_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    Linear l;
    bool bias = call->result_count == 2;
    if (!flow_match(call, bias ? "*K *N -> NK N" : "*K *N -> NK", sizes, failure)) return false;
    if (!check(call, sizes, &l, failure)) return false;
    FlowPrimitive *primitive = primitive_for(call, &l, WeightGradient, failure);
    if (primitive == NULL) return false;
    void *data[] = {call->operands[1].data, call->operands[0].data, call->results[0].data};
    if (!flow_primitive_run(call, primitive, data, failure)) return false;
    if (!bias) return true;
    int64_t items = (l.rows + SumRows - 1) / SumRows;
    float *parts = flow_scratch(0, items * l.outputs * (int64_t)sizeof(float));
    SumRun run = {call->operands[1].data, parts, l.rows, l.outputs};
    if (run.parts == NULL) return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    flow_for(items, sum_item, &run);
    for (int64_t i = 0; i < l.outputs; i++) {
        double total = 0;
        for (int64_t item = 0; item < items; item++) total += (double)run.parts[item * l.outputs + i];
        call->results[1].data[i] = (float)total;
    }
    return true;
}
