/* The part of oneDNN 3's C interface used here, declared by us and resolved at run time. */
#ifndef FLOW_ONEDNN_ABI_H
#define FLOW_ONEDNN_ABI_H

#include <stddef.h>
#include <stdint.h>

enum { OneDNNSuccess = 0, OneDNNUnimplemented = 3 };                       /* status */
enum { OneDNNEngineCPU = 1 };                                              /* engine kind */
enum { OneDNNStreamInOrder = 1 };                                          /* stream flags */
enum { OneDNNFloat32 = 3 };                                                /* data type */
enum { OneDNNFormatAny = 1 };                                              /* format tag */
enum { OneDNNForwardTraining = 64 };                                       /* propagation kind */
enum { OneDNNConvolutionDirect = 1 };                                      /* algorithm */
enum { OneDNNBinaryAdd = 0x1fff0 };                                        /* algorithm */
enum { OneDNNScratchpadUser = 1 };                                         /* scratchpad mode */
enum {                                                                     /* descriptor queries */
    OneDNNQueryWeights = 131,
    OneDNNQueryDiffWeights = 132,
    OneDNNQueryScratchpad = 136,
};
enum {                                                                     /* execution arguments */
    OneDNNArgumentSource = 1,
    OneDNNArgumentDestination = 17,
    OneDNNArgumentWeights = 33,
    OneDNNArgumentBias = 41,
    OneDNNArgumentScratchpad = 80,
    OneDNNArgumentDiffSource = 129,
    OneDNNArgumentDiffDestination = 145,
    OneDNNArgumentDiffWeights = 161,
    OneDNNArgumentDiffBias = 169,
    OneDNNArgumentFirstPostOperation = 32768 | 2, /* second operand of a binary post-operation */
};

enum { OneDNNMaximumRank = 12 };
typedef int64_t OneDNNSizes[OneDNNMaximumRank];

typedef struct OneDNNEngine *OneDNNEngineRef;
typedef struct OneDNNStream *OneDNNStreamRef;
typedef struct OneDNNMemoryDescriptor *OneDNNMemoryDescriptorRef;
typedef struct OneDNNMemory *OneDNNMemoryRef;
typedef struct OneDNNPrimitiveDescriptor *OneDNNPrimitiveDescriptorRef;
typedef struct OneDNNPrimitive *OneDNNPrimitiveRef;
typedef struct OneDNNAttributes *OneDNNAttributesRef;
typedef struct OneDNNPostOperations *OneDNNPostOperationsRef;

typedef struct OneDNNArgument {
    int argument;
    OneDNNMemoryRef memory;
} OneDNNArgument;

typedef struct OneDNNVersion {
    int major, minor, patch;
    const char *hash;
    unsigned cpu_runtime, gpu_runtime; /* cpu_runtime 2: OpenMP */
} OneDNNVersion;

typedef struct OneDNN {
    const OneDNNVersion *(*version)(void);
    int (*engine_create)(OneDNNEngineRef *, int kind, size_t index);
    int (*stream_create)(OneDNNStreamRef *, OneDNNEngineRef, unsigned flags);
    int (*stream_wait)(OneDNNStreamRef);
    int (*memory_desc_create_with_strides)(
        OneDNNMemoryDescriptorRef *, int rank, const OneDNNSizes sizes, int type, const OneDNNSizes strides);
    int (*memory_desc_create_with_tag)(
        OneDNNMemoryDescriptorRef *, int rank, const OneDNNSizes sizes, int type, int tag);
    int (*memory_desc_destroy)(OneDNNMemoryDescriptorRef);
    int (*memory_desc_equal)(OneDNNMemoryDescriptorRef, OneDNNMemoryDescriptorRef);
    size_t (*memory_desc_get_size)(OneDNNMemoryDescriptorRef);
    int (*memory_create)(OneDNNMemoryRef *, OneDNNMemoryDescriptorRef, OneDNNEngineRef, void *data);
    int (*memory_set_data_handle)(OneDNNMemoryRef, void *data);
    int (*memory_destroy)(OneDNNMemoryRef);
    int (*primitive_attr_create)(OneDNNAttributesRef *);
    int (*primitive_attr_destroy)(OneDNNAttributesRef);
    int (*primitive_attr_set_scratchpad_mode)(OneDNNAttributesRef, int mode);
    int (*primitive_attr_set_post_ops)(OneDNNAttributesRef, OneDNNPostOperationsRef);
    int (*post_ops_create)(OneDNNPostOperationsRef *);
    int (*post_ops_destroy)(OneDNNPostOperationsRef);
    int (*post_ops_append_sum)(OneDNNPostOperationsRef, float scale, int32_t zero_point, int type);
    int (*post_ops_append_binary)(OneDNNPostOperationsRef, int algorithm, OneDNNMemoryDescriptorRef);
    int (*primitive_create)(OneDNNPrimitiveRef *, OneDNNPrimitiveDescriptorRef);
    int (*primitive_execute)(OneDNNPrimitiveRef, OneDNNStreamRef, int count, const OneDNNArgument *);
    int (*primitive_destroy)(OneDNNPrimitiveRef);
    int (*primitive_desc_destroy)(OneDNNPrimitiveDescriptorRef);
    OneDNNMemoryDescriptorRef (*primitive_desc_query_md)(OneDNNPrimitiveDescriptorRef, int what, int index);
    int (*reorder_primitive_desc_create)(
        OneDNNPrimitiveDescriptorRef *, OneDNNMemoryDescriptorRef from, OneDNNEngineRef, OneDNNMemoryDescriptorRef to,
        OneDNNEngineRef, OneDNNAttributesRef);
    int (*convolution_forward_primitive_desc_create)(
        OneDNNPrimitiveDescriptorRef *, OneDNNEngineRef, int propagation, int algorithm,
        OneDNNMemoryDescriptorRef source, OneDNNMemoryDescriptorRef weights, OneDNNMemoryDescriptorRef bias,
        OneDNNMemoryDescriptorRef destination,
        const OneDNNSizes strides, const OneDNNSizes dilations, const OneDNNSizes padding_before,
        const OneDNNSizes padding_after, OneDNNAttributesRef);
    int (*convolution_backward_data_primitive_desc_create)(
        OneDNNPrimitiveDescriptorRef *, OneDNNEngineRef, int algorithm, OneDNNMemoryDescriptorRef diff_source,
        OneDNNMemoryDescriptorRef weights, OneDNNMemoryDescriptorRef diff_destination, const OneDNNSizes strides,
        const OneDNNSizes dilations, const OneDNNSizes padding_before, const OneDNNSizes padding_after,
        OneDNNPrimitiveDescriptorRef forward, OneDNNAttributesRef);
    int (*convolution_backward_weights_primitive_desc_create)(
        OneDNNPrimitiveDescriptorRef *, OneDNNEngineRef, int algorithm, OneDNNMemoryDescriptorRef source,
        OneDNNMemoryDescriptorRef diff_weights, OneDNNMemoryDescriptorRef diff_bias,
        OneDNNMemoryDescriptorRef diff_destination, const OneDNNSizes strides, const OneDNNSizes dilations,
        const OneDNNSizes padding_before, const OneDNNSizes padding_after, OneDNNPrimitiveDescriptorRef forward,
        OneDNNAttributesRef);
} OneDNN;

#endif
