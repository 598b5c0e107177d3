/* The XLA FFI C ABI for custom-call handlers, API version 0.2, as far as this package uses it.

   A handler is `XLAFFIError *handler(XLAFFICallFrame *)`. XLA calls it once with a metadata extension to learn the API
   version it was written for (answer with xla_ffi_answer_metadata), then once per execution. Layouts here are fixed by
   XLA's stable ABI; every size and offset is asserted. Structures that XLA fills start with their own size so that
   either side may be the newer one. */
#ifndef XLA_FFI_ABI_H
#define XLA_FFI_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#define XLA_FFI_STATIC_ASSERT static_assert
#else
#define XLA_FFI_STATIC_ASSERT _Static_assert
#endif

enum { XLA_FFI_VERSION_MAJOR = 0, XLA_FFI_VERSION_MINOR = 2 };

/* Linked list of optional parts hung on a structure. */
typedef enum XLAFFIExtensionKind { XLAFFIExtensionKindMetadata = 1 } XLAFFIExtensionKind;

typedef struct XLAFFIExtension {
    size_t struct_size;
    XLAFFIExtensionKind kind;
    struct XLAFFIExtension *next;
} XLAFFIExtension;

typedef struct XLAFFIVersion {
    size_t struct_size;
    XLAFFIExtension *extension;
    int major;
    int minor;
} XLAFFIVersion;

/* Status codes shared with absl::StatusCode. */
typedef enum XLAFFIErrorCode {
    XLAFFIErrorCodeOK = 0,
    XLAFFIErrorCodeInvalidArgument = 3,
    XLAFFIErrorCodeResourceExhausted = 8,
    XLAFFIErrorCodeFailedPrecondition = 9,
    XLAFFIErrorCodeUnimplemented = 12,
    XLAFFIErrorCodeInternal = 13,
} XLAFFIErrorCode;

typedef struct XLAFFIError XLAFFIError; /* owned by whoever receives it; a handler hands it to XLA */

typedef struct XLAFFIErrorCreateArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    const char *message; /* zero-terminated, copied */
    XLAFFIErrorCode code;
} XLAFFIErrorCreateArgs;

typedef struct XLAFFIErrorMessageArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIError *error;
    const char *message; /* set by the call; lives as long as the error */
} XLAFFIErrorMessageArgs;

typedef struct XLAFFIErrorDestroyArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIError *error;
} XLAFFIErrorDestroyArgs;

/* Element types: the numbers of xla.PrimitiveType. */
typedef enum XLAFFIDataType {
    XLAFFIDataTypeInvalid = 0,
    XLAFFIDataTypeBool = 1,
    XLAFFIDataTypeInt8 = 2,
    XLAFFIDataTypeInt16 = 3,
    XLAFFIDataTypeInt32 = 4,
    XLAFFIDataTypeInt64 = 5,
    XLAFFIDataTypeUInt8 = 6,
    XLAFFIDataTypeUInt16 = 7,
    XLAFFIDataTypeUInt32 = 8,
    XLAFFIDataTypeUInt64 = 9,
    XLAFFIDataTypeFloat16 = 10,
    XLAFFIDataTypeFloat32 = 11,
    XLAFFIDataTypeFloat64 = 12,
    XLAFFIDataTypeBFloat16 = 16,
} XLAFFIDataType;

/* A dense row-major array in device memory; for the "HOST" platform, ordinary memory. */
typedef struct XLAFFIBuffer {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIDataType type;
    void *data;
    int64_t rank;
    int64_t *dimensions; /* `rank` of them */
} XLAFFIBuffer;

typedef enum XLAFFIArgumentKind { XLAFFIArgumentKindBuffer = 1 } XLAFFIArgumentKind;
typedef enum XLAFFIResultKind { XLAFFIResultKindBuffer = 1 } XLAFFIResultKind;

typedef enum XLAFFIAttributeKind {
    XLAFFIAttributeKindArray = 1,      /* value: XLAFFIArray */
    XLAFFIAttributeKindDictionary = 2, /* value: XLAFFIAttributes */
    XLAFFIAttributeKindScalar = 3,     /* value: XLAFFIScalar */
    XLAFFIAttributeKindString = 4,     /* value: XLAFFIByteSpan */
} XLAFFIAttributeKind;

typedef struct XLAFFIByteSpan {
    const char *bytes; /* not zero-terminated */
    size_t count;
} XLAFFIByteSpan;

typedef struct XLAFFIScalar {
    XLAFFIDataType type;
    void *value;
} XLAFFIScalar;

typedef struct XLAFFIArray {
    XLAFFIDataType type;
    size_t count;
    void *data;
} XLAFFIArray;

typedef struct XLAFFIArguments {
    size_t struct_size;
    XLAFFIExtension *extension;
    int64_t count;
    XLAFFIArgumentKind *kinds;
    void **values; /* XLAFFIBuffer * where the kind says so */
} XLAFFIArguments;

typedef struct XLAFFIResults {
    size_t struct_size;
    XLAFFIExtension *extension;
    int64_t count;
    XLAFFIResultKind *kinds;
    void **values;
} XLAFFIResults;

/* The entries of the operation's backend_config dictionary, sorted by name. */
typedef struct XLAFFIAttributes {
    size_t struct_size;
    XLAFFIExtension *extension;
    int64_t count;
    XLAFFIAttributeKind *kinds;
    XLAFFIByteSpan **names;
    void **values;
} XLAFFIAttributes;

typedef enum XLAFFIStage {
    XLAFFIStageInstantiate = 0, /* once per call site, when an executable is made */
    XLAFFIStagePrepare = 1,
    XLAFFIStageInitialize = 2,
    XLAFFIStageExecute = 3, /* the only stage in which buffers hold values */
} XLAFFIStage;

typedef struct XLAFFIContext XLAFFIContext; /* what belongs to one execution: thread pool, stream, allocator */
typedef struct XLAFFIFuture XLAFFIFuture;
typedef struct XLAFFIFunctions XLAFFIFunctions;

typedef struct XLAFFICallFrame {
    size_t struct_size;
    XLAFFIExtension *extension;
    const XLAFFIFunctions *functions;
    XLAFFIContext *context;
    XLAFFIStage stage;
    XLAFFIArguments arguments;
    XLAFFIResults results;
    XLAFFIAttributes attributes;
    XLAFFIFuture *future; /* set by a handler that finishes later; left null by one that has finished on return */
} XLAFFICallFrame;

typedef XLAFFIError *(*XLAFFIHandler)(XLAFFICallFrame *frame);

/* Filled in by the handler when the first extension of its call frame is of the metadata kind. */
typedef struct XLAFFIMetadata {
    size_t struct_size;
    XLAFFIVersion version;
    uint32_t traits; /* bit 0: may be recorded in a device command buffer */
    int64_t state_type;
} XLAFFIMetadata;

typedef struct XLAFFIMetadataExtension {
    XLAFFIExtension base;
    XLAFFIMetadata *metadata;
} XLAFFIMetadataExtension;

typedef void (*XLAFFITask)(void *data);

typedef struct XLAFFIScheduleArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIContext *context;
    XLAFFITask task;
    void *data;
} XLAFFIScheduleArgs;

typedef struct XLAFFIThreadCountArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIContext *context;
    int64_t *count; /* written through */
} XLAFFIThreadCountArgs;

typedef struct XLAFFIStreamArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIContext *context;
    void *stream; /* set by the call; for the "CUDA" platform, a CUstream */
} XLAFFIStreamArgs;

/* Device memory of the execution's own. Freed memory may be given to work queued on the stream later, not earlier. */
typedef struct XLAFFIMemoryAllocateArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIContext *context;
    size_t size;
    size_t alignment; /* a power of two, at most 16 */
    void *data;       /* set by the call */
} XLAFFIMemoryAllocateArgs;

typedef struct XLAFFIMemoryFreeArgs {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIContext *context;
    size_t size;
    void *data;
} XLAFFIMemoryFreeArgs;

typedef void (*XLAFFIUnusedFunction)(void);

/* What a handler may call back; complete up to the last function used here. */
struct XLAFFIFunctions {
    size_t struct_size;
    XLAFFIExtension *extension;
    XLAFFIVersion version;
    const void *internal;
    XLAFFIError *(*error_create)(XLAFFIErrorCreateArgs *);
    void (*error_message)(XLAFFIErrorMessageArgs *);
    void (*error_destroy)(XLAFFIErrorDestroyArgs *);
    XLAFFIUnusedFunction handler_register;
    XLAFFIError *(*stream_get)(XLAFFIStreamArgs *);
    XLAFFIUnusedFunction type_register;
    XLAFFIUnusedFunction execution_context_get;
    XLAFFIUnusedFunction state_set;
    XLAFFIUnusedFunction state_get;
    XLAFFIError *(*device_memory_allocate)(XLAFFIMemoryAllocateArgs *);
    XLAFFIError *(*device_memory_free)(XLAFFIMemoryFreeArgs *);
    XLAFFIError *(*thread_pool_schedule)(XLAFFIScheduleArgs *);
    XLAFFIError *(*thread_pool_thread_count)(XLAFFIThreadCountArgs *);
};

#define XLA_FFI_ASSERT_SIZE(type, size) XLA_FFI_STATIC_ASSERT(sizeof(type) == (size), #type " has a foreign size")
#define XLA_FFI_ASSERT_OFFSET(type, field, at) \
    XLA_FFI_STATIC_ASSERT(offsetof(type, field) == (at), #type "." #field " is misplaced")

XLA_FFI_ASSERT_SIZE(XLAFFIExtensionKind, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIExtension, 24);
XLA_FFI_ASSERT_SIZE(XLAFFIVersion, 24);
XLA_FFI_ASSERT_SIZE(XLAFFIErrorCode, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIErrorCreateArgs, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIErrorMessageArgs, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIErrorDestroyArgs, 24);
XLA_FFI_ASSERT_SIZE(XLAFFIDataType, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIBuffer, 48);
XLA_FFI_ASSERT_OFFSET(XLAFFIBuffer, data, 24);
XLA_FFI_ASSERT_OFFSET(XLAFFIBuffer, rank, 32);
XLA_FFI_ASSERT_OFFSET(XLAFFIBuffer, dimensions, 40);
XLA_FFI_ASSERT_SIZE(XLAFFIArgumentKind, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIResultKind, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIAttributeKind, 4);
XLA_FFI_ASSERT_SIZE(XLAFFIByteSpan, 16);
XLA_FFI_ASSERT_SIZE(XLAFFIScalar, 16);
XLA_FFI_ASSERT_SIZE(XLAFFIArray, 24);
XLA_FFI_ASSERT_SIZE(XLAFFIArguments, 40);
XLA_FFI_ASSERT_SIZE(XLAFFIResults, 40);
XLA_FFI_ASSERT_SIZE(XLAFFIAttributes, 48);
XLA_FFI_ASSERT_SIZE(XLAFFIStage, 4);
XLA_FFI_ASSERT_SIZE(XLAFFICallFrame, 176);
XLA_FFI_ASSERT_OFFSET(XLAFFICallFrame, stage, 32);
XLA_FFI_ASSERT_OFFSET(XLAFFICallFrame, arguments, 40);
XLA_FFI_ASSERT_OFFSET(XLAFFICallFrame, results, 80);
XLA_FFI_ASSERT_OFFSET(XLAFFICallFrame, attributes, 120);
XLA_FFI_ASSERT_OFFSET(XLAFFICallFrame, future, 168);
XLA_FFI_ASSERT_SIZE(XLAFFIMetadata, 48);
XLA_FFI_ASSERT_OFFSET(XLAFFIMetadata, traits, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIMetadataExtension, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIScheduleArgs, 40);
XLA_FFI_ASSERT_SIZE(XLAFFIThreadCountArgs, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIStreamArgs, 32);
XLA_FFI_ASSERT_OFFSET(XLAFFIStreamArgs, stream, 24);
XLA_FFI_ASSERT_SIZE(XLAFFIMemoryAllocateArgs, 48);
XLA_FFI_ASSERT_OFFSET(XLAFFIMemoryAllocateArgs, size, 24);
XLA_FFI_ASSERT_OFFSET(XLAFFIMemoryAllocateArgs, data, 40);
XLA_FFI_ASSERT_SIZE(XLAFFIMemoryFreeArgs, 40);
XLA_FFI_ASSERT_OFFSET(XLAFFIMemoryFreeArgs, data, 32);
XLA_FFI_ASSERT_SIZE(XLAFFIFunctions, 152);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, error_create, 48);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, error_message, 56);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, error_destroy, 64);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, stream_get, 80);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, device_memory_allocate, 120);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, device_memory_free, 128);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, thread_pool_schedule, 136);
XLA_FFI_ASSERT_OFFSET(XLAFFIFunctions, thread_pool_thread_count, 144);

/* Answers XLA's metadata question. Returns true when this call was that question: the handler then returns null. */
static inline bool xla_ffi_answer_metadata(XLAFFICallFrame *frame) {
    if (frame->extension == NULL || frame->extension->kind != XLAFFIExtensionKindMetadata) return false;
    XLAFFIMetadata *metadata = ((XLAFFIMetadataExtension *)frame->extension)->metadata;
    metadata->version.major = XLA_FFI_VERSION_MAJOR;
    metadata->version.minor = XLA_FFI_VERSION_MINOR;
    metadata->traits = 0;
    return true;
}

/* A new error for a handler to return; `message` is copied. */
static inline XLAFFIError *xla_ffi_error(XLAFFICallFrame *frame, XLAFFIErrorCode code, const char *message) {
    XLAFFIErrorCreateArgs args = {sizeof(XLAFFIErrorCreateArgs), NULL, message, code};
    return frame->functions->error_create(&args);
}

/* Argument or result buffer `index`, or null when there is none. */
static inline XLAFFIBuffer *xla_ffi_argument(XLAFFICallFrame *frame, int64_t index) {
    if (index < 0 || index >= frame->arguments.count) return NULL;
    if (frame->arguments.kinds[index] != XLAFFIArgumentKindBuffer) return NULL;
    return (XLAFFIBuffer *)frame->arguments.values[index];
}

static inline XLAFFIBuffer *xla_ffi_result(XLAFFICallFrame *frame, int64_t index) {
    if (index < 0 || index >= frame->results.count) return NULL;
    if (frame->results.kinds[index] != XLAFFIResultKindBuffer) return NULL;
    return (XLAFFIBuffer *)frame->results.values[index];
}

/* The value of the attribute `name` when it has the kind asked for, else null. */
static inline void *xla_ffi_attribute(XLAFFICallFrame *frame, const char *name, XLAFFIAttributeKind kind) {
    size_t count = strlen(name);
    for (int64_t i = 0; i < frame->attributes.count; i++) {
        const XLAFFIByteSpan *candidate = frame->attributes.names[i];
        if (candidate->count != count || memcmp(candidate->bytes, name, count) != 0) continue;
        return frame->attributes.kinds[i] == kind ? frame->attributes.values[i] : NULL;
    }
    return NULL;
}

/* The data of the scalar attribute `name` of type `type`, else null. */
static inline const void *xla_ffi_scalar(XLAFFICallFrame *frame, const char *name, XLAFFIDataType type) {
    XLAFFIScalar *scalar = (XLAFFIScalar *)xla_ffi_attribute(frame, name, XLAFFIAttributeKindScalar);
    return scalar != NULL && scalar->type == type ? scalar->value : NULL;
}

#ifdef __cplusplus
}
#endif

#endif
