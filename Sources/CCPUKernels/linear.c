/* flow.linear, flow.linear_gelu and their gradients. */
#include <string.h>

#include "product.h"

/* MARK: GELU */

typedef struct Gelu {
    const float *g, *x;
    float *to;
} Gelu;

/* gelu(x); or, where there is a g, g times the derivative, `to` being g itself. */
static void gelu_range(void *context, int64_t first, int64_t count) {
    const Gelu *gelu = context;
    if (gelu->g == NULL) flow_vector()->gelu(gelu->x + first, count, gelu->to + first);
    else flow_vector()->gelu_backward(gelu->g + first, gelu->x + first, count, gelu->to + first);
}

/* MARK: Forward */

/* Whether the rows of x (images, length, features) fall into the groups of a product within their images: an image's
   numbers must not depend on the others of the batch. */
static bool falls_into_groups(const FlowTensor *x) {
    return x->rank > 2 && x->shape[x->rank - 2] % FlowProductGroup == 0;
}

static FlowProduct forward_product(const FlowCall *call, const FlowSizes sizes) {
    return (FlowProduct){
        .rows = sizes['*'],
        .inner = sizes['K'],
        .columns = sizes['N'],
        .left = call->operands[0].data,
        .right = call->operands[1].data,
        .right_transposed = true,
        .in_groups = falls_into_groups(&call->operands[0]),
        .bias = call->operand_count == 3 ? call->operands[2].data : NULL,
        .result = call->results[0].data,
    };
}

bool flow_run_linear(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, call->operand_count == 3 ? "*K NK N -> *N" : "*K NK -> *N", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = forward_product(call, sizes);
    return flow_product(call, &product, failure);
}

bool flow_run_linear_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "*K NK N -> *N *N", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = forward_product(call, sizes);
    Gelu gelu = {.x = call->results[0].data, .to = call->results[1].data};
    product.finish = gelu_range;
    product.finish_context = &gelu;
    return flow_product(call, &product, failure);
}

/* MARK: Gradients */

static FlowProduct input_gradient_product(const FlowCall *call, const FlowSizes sizes) {
    return (FlowProduct){
        .rows = sizes['*'],
        .inner = sizes['N'],
        .columns = sizes['K'],
        .left = call->operands[0].data,
        .right = call->operands[1].data,
        .in_groups = falls_into_groups(&call->operands[0]),
        .result = call->results[0].data,
    };
}

bool flow_run_linear_input_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    const bool adds = call->operand_count == 3;
    if (!flow_match(call, adds ? "*N NK *K -> *K" : "*N NK -> *K", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = input_gradient_product(call, sizes);
    product.adds = adds;
    if (adds && call->operands[2].data != product.result) {
        memcpy(product.result, call->operands[2].data, (size_t)(product.rows * product.columns) * sizeof(float));
    }
    return flow_product(call, &product, failure);
}

bool flow_run_linear_input_gradient_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "*N NK *K -> *K", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = input_gradient_product(call, sizes);
    Gelu gelu = {.g = call->results[0].data, .x = call->operands[2].data, .to = call->results[0].data};
    product.finish = gelu_range;
    product.finish_context = &gelu;
    return flow_product(call, &product, failure);
}

bool flow_run_linear_weight_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    bool bias = call->result_count == 2;
    if (!flow_match(call, bias ? "*K *N -> NK N" : "*K *N -> NK", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProductOfColumns product = {
        .rows = sizes['N'],
        .inner = sizes['*'],
        .columns = sizes['K'],
        .left = call->operands[1].data,
        .right = call->operands[0].data,
        .result = call->results[0].data,
        .sums = bias ? call->results[1].data : NULL,
    };
    return flow_product_of_columns(call, &product, failure);
}
