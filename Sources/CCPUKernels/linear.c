/* flow.linear, flow.linear_gelu and their gradients. */
#include <string.h>

#include "product.h"

/* MARK: What follows a product */

/* What becomes of a product that a pass follows; all have the product's shape. */
typedef struct Finish {
    int64_t columns; /* of a row */
    FlowNumbers x;   /* the product itself, rounded; or for a gradient through gelu, gelu's operand */
    FlowNumbers to;
} Finish;

static FlowNumbers row_of(FlowNumbers numbers, const Finish *finish, const FlowProductPart *part, int64_t row) {
    return flow_numbers_from(numbers, (part->row + row) * finish->columns + part->column);
}

/* to = the product, rounded. */
static void round_part(void *context, const FlowProductPart *part) {
    const Finish *finish = context;
    for (int64_t row = 0; row < part->rows; row++) {
        flow_vector()->copy(
            part->numbers + row * finish->columns, part->columns, row_of(finish->to, finish, part, row));
    }
}

/* to = gelu(product), and x = the product where it is wanted and not there already. */
static void gelu_part(void *context, const FlowProductPart *part) {
    const Finish *finish = context;
    for (int64_t row = 0; row < part->rows; row++) {
        const float *numbers = part->numbers + row * finish->columns;
        if (finish->x.rounded) flow_vector()->copy(numbers, part->columns, row_of(finish->x, finish, part, row));
        flow_vector()->gelu(numbers, part->columns, row_of(finish->to, finish, part, row));
    }
}

/* to = product times the derivative of gelu at x. */
static void gelu_backward_part(void *context, const FlowProductPart *part) {
    const Finish *finish = context;
    for (int64_t row = 0; row < part->rows; row++) {
        flow_vector()->gelu_backward(
            part->numbers + row * finish->columns, row_of(finish->x, finish, part, row), part->columns,
            row_of(finish->to, finish, part, row));
    }
}

/* A result that is rounded is so by a pass, and never held as floats. */
static void set_result(FlowProduct *product, const FlowTensor *result, Finish *finish) {
    finish->columns = product->columns;
    if (!result->rounded) {
        product->result = result->data;
        return;
    }
    finish->to = flow_numbers(result);
    product->finish = round_part;
    product->finish_context = finish;
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
        .left = flow_numbers(&call->operands[0]),
        .right = call->operands[1].data,
        .right_transposed = true,
        .in_groups = falls_into_groups(&call->operands[0]),
        .bias = call->operand_count == 3 ? call->operands[2].data : NULL,
    };
}

bool flow_run_linear(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    const char *pattern = call->operand_count == 3 ? "*K~ NK N -> *N~" : "*K~ NK -> *N~";
    if (!flow_match(call, pattern, sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = forward_product(call, sizes);
    Finish finish = {0};
    set_result(&product, &call->results[0], &finish);
    return flow_product(call, &product, failure);
}

bool flow_run_linear_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    const bool keeps = call->result_count == 2;
    if (!flow_match(call, keeps ? "*K~ NK N -> *N~ *N~" : "*K~ NK N -> *N~", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = forward_product(call, sizes);
    Finish finish = {.columns = product.columns, .to = flow_numbers(&call->results[0])};
    if (keeps) finish.x = flow_numbers(&call->results[1]);
    product.result = keeps && !finish.x.rounded ? call->results[1].data : NULL;
    product.finish = gelu_part;
    product.finish_context = &finish;
    return flow_product(call, &product, failure);
}

/* MARK: Gradients */

static FlowProduct input_gradient_product(const FlowCall *call, const FlowSizes sizes) {
    return (FlowProduct){
        .rows = sizes['*'],
        .inner = sizes['N'],
        .columns = sizes['K'],
        .left = flow_numbers(&call->operands[0]),
        .right = call->operands[1].data,
        .in_groups = falls_into_groups(&call->operands[0]),
    };
}

bool flow_run_linear_input_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    const bool adds = call->operand_count == 3;
    if (!flow_match(call, adds ? "*N~ NK *K -> *K" : "*N~ NK -> *K~", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = input_gradient_product(call, sizes);
    Finish finish = {0};
    set_result(&product, &call->results[0], &finish);
    product.adds = adds;
    if (adds && call->operands[2].data != product.result) {
        memcpy(product.result, call->operands[2].data, (size_t)(product.rows * product.columns) * sizeof(float));
    }
    return flow_product(call, &product, failure);
}

bool flow_run_linear_input_gradient_gelu(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, "*N~ NK *K~ -> *K~", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProduct product = input_gradient_product(call, sizes);
    Finish finish = {product.columns, flow_numbers(&call->operands[2]), flow_numbers(&call->results[0])};
    product.result = finish.to.rounded ? NULL : call->results[0].data;
    product.finish = gelu_backward_part;
    product.finish_context = &finish;
    return flow_product(call, &product, failure);
}

bool flow_run_linear_weight_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowSizes sizes = {0};
    bool bias = call->result_count == 2;
    if (!flow_match(call, bias ? "*K~ *N~ -> NK N" : "*K~ *N~ -> NK", sizes, failure)) return false;
    if (call->asks) return true;
    FlowProductOfColumns product = {
        .rows = sizes['N'],
        .inner = sizes['*'],
        .columns = sizes['K'],
        .left = flow_numbers(&call->operands[1]),
        .right = flow_numbers(&call->operands[0]),
        .result = call->results[0].data,
        .sums = bias ? call->results[1].data : NULL,
    };
    return flow_product_of_columns(call, &product, failure);
}
