/* flow.convolution and its gradients: by our own loops for one output channel and for kernels of 3 x 3 with stride 1,
   else by oneDNN. */
#include <string.h>

#include "convolution.h"
#include "onednn.h"

typedef enum Direction { Forward, InputGradient, WeightGradient } Direction;

static bool read_attributes(const FlowCall *call, FlowConvolution *c, FlowFailure *failure) {
    return flow_integer(call, "stride", 1, 1024, &c->stride, failure) &&
           flow_integer(call, "padding", 0, 1024, &c->padding, failure);
}

static bool check(const FlowCall *call, const FlowSizes sizes, FlowConvolution *c, FlowFailure *failure) {
    c->n = sizes['N'], c->h = sizes['H'], c->w = sizes['W'], c->i = sizes['I'], c->o = sizes['O'];
    c->k = sizes['K'], c->l = sizes['L'], c->p = sizes['P'], c->q = sizes['Q'];
    int64_t height = c->h + 2 * c->padding - c->k, width = c->w + 2 * c->padding - c->l;
    bool fits = height >= 0 && width >= 0 && c->p == height / c->stride + 1 && c->q == width / c->stride + 1;
    const int64_t limit = INT32_MAX;
    for (int letter = 'A'; letter <= 'Z'; letter++) fits = fits && sizes[letter] <= limit;
    return fits || flow_fail(
                       call, failure, FlowFailureKindInvalidArgument,
                       "an image of %lld x %lld, kernel %lld x %lld, stride %lld and padding %lld do not give "
                       "%lld x %lld.",
                       (long long)c->h, (long long)c->w, (long long)c->k, (long long)c->l, (long long)c->stride,
                       (long long)c->padding, (long long)c->p, (long long)c->q);
}

/* Whether the way to convolve takes the tensors' types: only Winograd's reads and writes bfloat16. */
static bool fits_types(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    return flow_is_winograd(c) || !flow_has_rounded(call) ||
           flow_fail(
               call, failure, FlowFailureKindInvalidArgument, "this convolution is of float32, but a tensor is of bfloat16.");
}

static FlowPrimitiveKey make_key(const FlowConvolution *c, Direction direction) {
    int flags = (int)direction | (c->bias ? 4 : 0) | (c->residual ? 8 : 0) | (c->in_place ? 16 : 0);
    return (FlowPrimitiveKey){{
        flags, (int32_t)c->n, (int32_t)c->h, (int32_t)c->w, (int32_t)c->i, (int32_t)c->o, (int32_t)c->k,
        (int32_t)c->l, (int32_t)c->stride, (int32_t)c->padding, flow_thread_count(), 0}};
}

static OneDNNMemoryDescriptorRef image_layout(int64_t n, int64_t h, int64_t w, int64_t c) {
    int64_t sizes[] = {n, c, h, w}, strides[] = {h * w * c, 1, w * c, c};
    return flow_layout(4, sizes, strides);
}

static OneDNNAttributesRef make_attributes(
    const OneDNN *dnn, const FlowConvolution *c, Direction direction, OneDNNMemoryDescriptorRef y) {
    OneDNNAttributesRef attributes = NULL;
    if (dnn->primitive_attr_create(&attributes) != OneDNNSuccess) return NULL;
    dnn->primitive_attr_set_scratchpad_mode(attributes, OneDNNScratchpadUser);
    OneDNNPostOperationsRef post = NULL;
    if (direction == Forward && c->residual && dnn->post_ops_create(&post) == OneDNNSuccess) {
        if (c->in_place) dnn->post_ops_append_sum(post, 1, 0, OneDNNFloat32);
        else dnn->post_ops_append_binary(post, OneDNNBinaryAdd, y);
        dnn->primitive_attr_set_post_ops(attributes, post);
        dnn->post_ops_destroy(post);
    }
    return attributes;
}

static FlowPrimitive *primitive_for(
    const FlowCall *call, const FlowConvolution *c, Direction direction, FlowFailure *failure) {
    const OneDNN *dnn = flow_onednn(call, failure);
    if (dnn == NULL) return NULL;
    FlowPrimitiveKey key = make_key(c, direction);
    FlowPrimitive *known = flow_primitive_find(&key);
    if (known != NULL) return known;

    int64_t weight_sizes[] = {c->o, c->i, c->k, c->l};
    int64_t weight_strides[] = {c->i * c->k * c->l, c->k * c->l, c->l, 1};
    int64_t bias_size = c->o, one = 1;
    OneDNNMemoryDescriptorRef x = image_layout(c->n, c->h, c->w, c->i), y = image_layout(c->n, c->p, c->q, c->o);
    OneDNNMemoryDescriptorRef packed = flow_any_layout(4, weight_sizes);
    OneDNNMemoryDescriptorRef weights = flow_layout(4, weight_sizes, weight_strides);
    OneDNNMemoryDescriptorRef bias = flow_layout(1, &bias_size, &one);
    OneDNNAttributesRef attributes = make_attributes(dnn, c, direction, y);
    OneDNNSizes strides = {c->stride, c->stride}, dilations = {0}, padding = {c->padding, c->padding};
    /* Symmetric padding, except that rows and columns the kernel never reaches are left out at the end. */
    OneDNNSizes after = {
        (c->p - 1) * c->stride + c->k - c->h - c->padding, (c->q - 1) * c->stride + c->l - c->w - c->padding};

    OneDNNPrimitiveDescriptorRef forward = NULL, descriptor = NULL;
    int status = dnn->convolution_forward_primitive_desc_create(
        &forward, flow_onednn_engine(), OneDNNForwardTraining, OneDNNConvolutionDirect, x, packed,
        direction == InputGradient || (direction == Forward && !c->bias) ? NULL : bias, y, strides, dilations, padding,
        after, attributes);
    if (status == OneDNNSuccess && direction == InputGradient) {
        status = dnn->convolution_backward_data_primitive_desc_create(
            &descriptor, flow_onednn_engine(), OneDNNConvolutionDirect, x, packed, y, strides, dilations, padding,
            after, forward, attributes);
    } else if (status == OneDNNSuccess && direction == WeightGradient) {
        status = dnn->convolution_backward_weights_primitive_desc_create(
            &descriptor, flow_onednn_engine(), OneDNNConvolutionDirect, x, packed, bias, y, strides, dilations,
            padding, after, forward, attributes);
    }
    if (direction != Forward && forward != NULL) {
        dnn->primitive_desc_destroy(forward);
        forward = NULL;
    }
    if (attributes != NULL) dnn->primitive_attr_destroy(attributes);
    dnn->memory_desc_destroy(packed);
    if (status != OneDNNSuccess) {
        OneDNNMemoryDescriptorRef made[] = {x, y, weights, bias};
        for (int i = 0; i < 4; i++) dnn->memory_desc_destroy(made[i]);
        flow_onednn_refused(call, failure, status, "the convolution");
        return NULL;
    }

    FlowRecipe recipe = {0};
    switch (direction) {
    case Forward:
        recipe = (FlowRecipe){
            forward, 3, {OneDNNArgumentSource, OneDNNArgumentWeights, OneDNNArgumentDestination}, {x, weights, y}, 1,
            false, OneDNNQueryWeights};
        if (c->bias) {
            recipe.arguments[recipe.argument_count] = OneDNNArgumentBias;
            recipe.layouts[recipe.argument_count++] = bias;
        } else {
            dnn->memory_desc_destroy(bias);
        }
        if (c->residual && !c->in_place) {
            recipe.arguments[recipe.argument_count] = OneDNNArgumentFirstPostOperation;
            recipe.layouts[recipe.argument_count++] = image_layout(c->n, c->p, c->q, c->o);
        }
        break;
    case InputGradient:
        recipe = (FlowRecipe){
            descriptor, 3, {OneDNNArgumentDiffDestination, OneDNNArgumentWeights, OneDNNArgumentDiffSource},
            {y, weights, x}, 1, false, OneDNNQueryWeights};
        dnn->memory_desc_destroy(bias);
        break;
    case WeightGradient:
        recipe = (FlowRecipe){
            descriptor, 4,
            {OneDNNArgumentSource, OneDNNArgumentDiffWeights, OneDNNArgumentDiffDestination, OneDNNArgumentDiffBias},
            {x, weights, y, bias}, 1, true, OneDNNQueryDiffWeights};
        break;
    }
    return flow_primitive_keep(call, &key, &recipe, failure);
}

bool flow_run_convolution(const FlowCall *call, FlowFailure *failure) {
    FlowConvolution c = {0};
    FlowSizes sizes = {0};
    c.bias = call->operand_count >= 3;
    c.residual = call->operand_count >= 4;
    const char *patterns[] = {"NHWI~ OIKL -> NPQO~", "NHWI~ OIKL O -> NPQO~", "NHWI~ OIKL O NPQO -> NPQO~"};
    const char *pattern = patterns[(int)c.bias + (int)c.residual];
    if (!read_attributes(call, &c, failure) || !flow_match(call, pattern, sizes, failure) ||
        !check(call, sizes, &c, failure) || !fits_types(call, &c, failure)) {
        return false;
    }
    if (call->asks) return true;
    if (flow_is_narrow(&c)) return flow_narrow_convolution(call, &c, failure);
    if (flow_is_winograd(&c)) return flow_winograd_convolution(call, &c, failure);
    void *y = call->results[0].data;
    void *addend = c.residual ? call->operands[3].data : NULL;
    c.in_place = c.residual && addend == y;
    FlowPrimitive *primitive = primitive_for(call, &c, Forward, failure);
    if (primitive == NULL) return false;
    void *data[FlowPrimitiveArguments] = {call->operands[0].data, call->operands[1].data, y};
    int count = 3;
    if (c.bias) data[count++] = call->operands[2].data;
    if (c.residual && !c.in_place) data[count++] = addend;
    return flow_primitive_run(call, primitive, data, failure);
}

bool flow_run_convolution_input_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowConvolution c = {0};
    FlowSizes sizes = {0};
    if (!read_attributes(call, &c, failure) || !flow_match(call, "NPQO~ OIKL -> NHWI~", sizes, failure) ||
        !check(call, sizes, &c, failure) || !fits_types(call, &c, failure)) {
        return false;
    }
    if (call->asks) return true;
    if (flow_is_winograd(&c)) return flow_winograd_input_gradient(call, &c, failure);
    FlowPrimitive *primitive = primitive_for(call, &c, InputGradient, failure);
    if (primitive == NULL) return false;
    void *data[] = {call->operands[0].data, call->operands[1].data, call->results[0].data};
    return flow_primitive_run(call, primitive, data, failure);
}

bool flow_run_convolution_weight_gradient(const FlowCall *call, FlowFailure *failure) {
    FlowConvolution c = {0};
    FlowSizes sizes = {0};
    if (!read_attributes(call, &c, failure) || !flow_match(call, "NHWI~ NPQO~ -> OIKL O", sizes, failure) ||
        !check(call, sizes, &c, failure) || !fits_types(call, &c, failure)) {
        return false;
    }
    if (call->asks) return true;
    if (flow_is_narrow(&c)) return flow_narrow_convolution_weight_gradient(call, &c, failure);
    if (flow_is_winograd(&c)) return flow_winograd_weight_gradient(call, &c, failure);
    FlowPrimitive *primitive = primitive_for(call, &c, WeightGradient, failure);
    if (primitive == NULL) return false;
    void *data[] = {
        call->operands[0].data, call->results[0].data, call->operands[1].data, call->results[1].data};
    return flow_primitive_run(call, primitive, data, failure);
}
