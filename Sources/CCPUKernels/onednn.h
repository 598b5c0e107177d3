/* oneDNN primitives kept by shape. */
#ifndef FLOW_ONEDNN_H
#define FLOW_ONEDNN_H

#include "internal.h"
#include "onednn_abi.h"

/* What tells one primitive from another: the operation and its sizes. */
enum { FlowPrimitiveKeySize = 12 };
typedef struct FlowPrimitiveKey {
    int32_t values[FlowPrimitiveKeySize];
} FlowPrimitiveKey;

/* A primitive with the memory objects of its arguments. One argument, the weights, may be wanted by oneDNN in a layout
   of its own: then it is packed before, or unpacked after, the primitive runs. */
enum { FlowPrimitiveArguments = 6 };
typedef struct FlowPrimitive {
    FlowPrimitiveKey key;
    OneDNNPrimitiveRef primitive;
    int argument_count;
    OneDNNArgument arguments[FlowPrimitiveArguments]; /* in the order data is given to flow_primitive_run */
    int weights;                                      /* the index of the weights among them */
    bool weights_are_result;
    OneDNNPrimitiveRef reorder; /* null when the layouts agree */
    OneDNNMemoryRef plain;      /* the caller's side of the reorder */
    size_t packed_bytes;
    OneDNNMemoryRef scratchpad;
    size_t scratchpad_bytes;
    struct FlowPrimitive *next;
} FlowPrimitive;

/* How to make a primitive: its descriptor and the layouts of its arguments, all owned by the recipe. */
typedef struct FlowRecipe {
    OneDNNPrimitiveDescriptorRef descriptor;
    int argument_count;
    int arguments[FlowPrimitiveArguments];
    OneDNNMemoryDescriptorRef layouts[FlowPrimitiveArguments]; /* as the caller stores them */
    int weights;
    bool weights_are_result;
    int weights_query;
} FlowRecipe;

/* The library, or null with a failure when none is loaded. */
const OneDNN *flow_onednn(const FlowCall *call, FlowFailure *failure);
OneDNNEngineRef flow_onednn_engine(void);

/* The primitive of this key when it exists already. */
FlowPrimitive *flow_primitive_find(const FlowPrimitiveKey *key);
/* Makes and keeps a primitive; destroys the recipe's parts. Null with a failure when oneDNN refuses. */
FlowPrimitive *flow_primitive_keep(
    const FlowCall *call, const FlowPrimitiveKey *key, FlowRecipe *recipe, FlowFailure *failure);
bool flow_primitive_run(const FlowCall *call, FlowPrimitive *primitive, void *const *data, FlowFailure *failure);

/* Fails with the status oneDNN gave to `what`. */
bool flow_onednn_refused(const FlowCall *call, FlowFailure *failure, int status, const char *what);

/* Layout of a tensor of `rank` sizes with the given strides; null when oneDNN refuses. */
OneDNNMemoryDescriptorRef flow_layout(int rank, const int64_t *sizes, const int64_t *strides);
/* Layout left to oneDNN. */
OneDNNMemoryDescriptorRef flow_any_layout(int rank, const int64_t *sizes);

#endif
