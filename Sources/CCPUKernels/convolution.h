/* What the ways to convolve share. */
#ifndef FLOW_CONVOLUTION_H
#define FLOW_CONVOLUTION_H

#include "internal.h"

/* A convolution of x (n, h, w, i) by w (o, i, k, l) to y (n, p, q, o). */
typedef struct FlowConvolution {
    int64_t stride, padding;
    int64_t n, h, w, i, o, k, l, p, q;
    bool bias, residual, in_place;
} FlowConvolution;

/* Whether the loops for one output channel apply: no oneDNN is needed then. */
bool flow_is_narrow(const FlowConvolution *c);
bool flow_narrow_convolution(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure);
bool flow_narrow_convolution_weight_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure);

/* Whether Winograd's minimal filtering applies and saves: no oneDNN is needed then. */
bool flow_is_winograd(const FlowConvolution *c);
bool flow_winograd_convolution(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure);
bool flow_winograd_input_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure);
bool flow_winograd_weight_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure);

#endif
