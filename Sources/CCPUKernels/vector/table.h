/* All vector loops and their table FLOW_TABLE, for one instruction set. */
#include "vector.h"
#include "batch_norm.h"
#include "selective_scan.h"
#include "layer_norm.h"
#include "product.h"
#include "attention.h"
#include "upsample.h"
#include "narrow_convolution.h"
#include "winograd.h"
#include "winograd_products.h"
#include "elementwise.h"
#include "depthwise_convolution.h"

const FlowVectorKernels FLOW_TABLE = {
    .width = FLOW_WIDTH,
    .batch_norm_sums = batch_norm_sums,
    .batch_norm_apply = batch_norm_apply,
    .batch_norm_gradient_sums = batch_norm_gradient_sums,
    .batch_norm_gradient_apply = batch_norm_gradient_apply,
    .batch_norm_pivot = batch_norm_pivot,
    .selective_scan = selective_scan,
    .selective_scan_backward = selective_scan_backward,
    .selective_scan_memory = selective_scan_memory,
    .selective_scan_decays = selective_scan_decays,
    .selective_scan_channels = selective_scan_channels,
    .modulated_layer_norm = modulated_layer_norm,
    .modulated_layer_norm_backward = modulated_layer_norm_backward,
    .gated_residual_layer_norm = gated_residual_layer_norm,
    .gated_residual_layer_norm_backward = gated_residual_layer_norm_backward,
    .add_row = add_row,
    .add_rows = add_rows,
    .products =
#include "product_table.h"
        ,
    .copy = copy,
    .gelu = gelu,
    .gelu_backward = gelu_backward,
    .adam = adam,
    .depthwise_convolution = depthwise_convolution,
    .depthwise_convolution_backward = depthwise_convolution_backward,
    .upsample_rows = upsample_rows,
    .upsample_backward_row = upsample_backward_row,
    .narrow_convolution_row = narrow_convolution_row,
    .narrow_gradient_memory = narrow_gradient_memory,
    .narrow_convolution_weight_gradient = narrow_convolution_weight_gradient,
};
