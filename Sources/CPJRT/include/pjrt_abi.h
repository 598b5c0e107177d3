/* The PJRT C ABI, as far as this package uses it, read from API version 0.90 and compatible with every 0.x whose table
   reaches the functions marked _Nonnull.

   Every call takes one argument structure that begins with its own size and an extension list (null here) and returns
   an error object, or null for success. The error belongs to the caller. Many calls share one structure layout, so a
   layout is declared once and named for its shape: an object, an object and a text, an object and a list, ... */
#ifndef PJRT_ABI_H
#define PJRT_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PJRT_VERSION_MAJOR = 0 };

typedef struct PJRTOpaque PJRTOpaque; /* a client, device, buffer, executable, event or error of the plugin */

typedef struct PJRTExtension {
    size_t struct_size;
    int32_t kind;
    struct PJRTExtension *_Nullable next;
} PJRTExtension;

enum { PJRT_EXTENSION_FFI = 5 };

typedef struct PJRTVersion {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    int32_t major;
    int32_t minor;
} PJRTVersion;

/* ---- Shared layouts ---- */

typedef struct PJRTEmptyArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
} PJRTEmptyArgs;

typedef struct PJRTObjectArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
} PJRTObjectArgs;

typedef struct PJRTFlagArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    bool flag; /* written */
} PJRTFlagArgs;

typedef struct PJRTNumberArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    int32_t number; /* written */
} PJRTNumberArgs;

typedef struct PJRTSizeArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    int64_t size; /* written */
} PJRTSizeArgs;

typedef struct PJRTRelatedArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    PJRTOpaque *_Nullable related; /* written */
} PJRTRelatedArgs;

/* The text lives as long as the object and is not zero-terminated. */
typedef struct PJRTTextArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    const char *_Nullable text; /* written */
    size_t count;               /* written */
} PJRTTextArgs;

typedef struct PJRTObjectListArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    PJRTOpaque *_Nullable const *_Nullable items; /* written */
    size_t count;                                 /* written */
} PJRTObjectListArgs;

typedef struct PJRTTypeListArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    const int32_t *_Nullable items; /* written */
    size_t count;                   /* written */
} PJRTTypeListArgs;

typedef struct PJRTDimensionsArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable object;
    const int64_t *_Nullable items; /* written */
    size_t count;                   /* written */
} PJRTDimensionsArgs;

/* ---- Named values: client options, plugin attributes, cost properties ---- */

enum {
    PJRT_VALUE_STRING = 0,
    PJRT_VALUE_INT64 = 1,
    PJRT_VALUE_INT64_LIST = 2,
    PJRT_VALUE_FLOAT = 3,
    PJRT_VALUE_BOOL = 4,
};

typedef struct PJRTNamedValue {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const char *_Nullable name;
    size_t name_count;
    int32_t kind;
    union {
        const char *_Nullable string;
        int64_t integer;
        const int64_t *_Nullable integers;
        float real;
        bool flag;
    } value;
    size_t value_count; /* characters of a string, elements of a list, else 1 */
} PJRTNamedValue;

typedef struct PJRTPluginAttributesArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const PJRTNamedValue *_Nullable items; /* written */
    size_t count;                          /* written */
} PJRTPluginAttributesArgs;

/* ---- Events ---- */

typedef struct PJRTEventCallbackArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable event;
    void (*_Nullable callback)(PJRTOpaque *_Nullable error, void *_Nullable context); /* owns `error` */
    void *_Nullable context;
} PJRTEventCallbackArgs;

/* ---- Client ---- */

typedef struct PJRTClientCreateArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const PJRTNamedValue *_Nullable options;
    size_t option_count;
    const void *_Nullable key_value_get; /* multi-process key-value store: unused */
    void *_Nullable key_value_get_context;
    const void *_Nullable key_value_put;
    void *_Nullable key_value_put_context;
    PJRTOpaque *_Nullable client; /* written */
    const void *_Nullable key_value_try_get;
    void *_Nullable key_value_try_get_context;
} PJRTClientCreateArgs;

typedef struct PJRTProgram {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const char *_Nullable code;
    size_t code_count;
    const char *_Nullable format; /* "mlir" for StableHLO text or bytecode */
    size_t format_count;
} PJRTProgram;

typedef struct PJRTCompileArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable client;
    const PJRTProgram *_Nullable program;
    const char *_Nullable options; /* a serialised xla.CompileOptionsProto */
    size_t option_count;
    PJRTOpaque *_Nullable executable; /* written: a loaded executable */
} PJRTCompileArgs;

typedef struct PJRTDeserializeArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable client;
    const char *_Nullable bytes;
    size_t count;
    PJRTOpaque *_Nullable executable; /* written: a loaded executable */
    const char *_Nullable options;    /* null: those it was compiled with */
    size_t option_count;
} PJRTDeserializeArgs;

/* ---- Buffers ---- */

enum {
    PJRT_TYPE_BOOL = 1,
    PJRT_TYPE_INT8 = 2,
    PJRT_TYPE_INT16 = 3,
    PJRT_TYPE_INT32 = 4,
    PJRT_TYPE_INT64 = 5,
    PJRT_TYPE_UINT8 = 6,
    PJRT_TYPE_UINT16 = 7,
    PJRT_TYPE_UINT32 = 8,
    PJRT_TYPE_UINT64 = 9,
    PJRT_TYPE_FLOAT16 = 10,
    PJRT_TYPE_FLOAT32 = 11,
    PJRT_TYPE_FLOAT64 = 12,
    PJRT_TYPE_BFLOAT16 = 13,
};

enum { PJRT_HOST_IMMUTABLE_UNTIL_TRANSFER_COMPLETES = 1 };
enum { PJRT_LAYOUT_TILED = 0 };

typedef struct PJRTTiledLayout {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const int64_t *_Nullable minor_to_major;
    size_t minor_to_major_count;
    const int64_t *_Nullable tile_dimensions;
    const size_t *_Nullable tile_ranks;
    size_t tile_count;
} PJRTTiledLayout;

typedef struct PJRTLayout {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTTiledLayout tiled; /* the larger member of a union; the other is not used */
    int32_t kind;
} PJRTLayout;

typedef struct PJRTBufferFromHostArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable client;
    const void *_Nullable data;
    int32_t type;
    const int64_t *_Nullable dimensions;
    size_t rank;
    const int64_t *_Nullable byte_strides; /* null: dense row-major */
    size_t byte_stride_count;
    int32_t host_semantics;
    PJRTOpaque *_Nullable device;
    PJRTOpaque *_Nullable memory;
    PJRTLayout *_Nullable device_layout;
    PJRTOpaque *_Nullable transferred; /* written: event after which `data` is no longer read */
    PJRTOpaque *_Nullable buffer;      /* written */
} PJRTBufferFromHostArgs;

typedef struct PJRTBufferToHostArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable buffer;
    PJRTLayout *_Nullable layout;
    void *_Nullable destination;
    size_t count;
    PJRTOpaque *_Nullable transferred; /* written: event after which `destination` is filled */
} PJRTBufferToHostArgs;

/* ---- Devices ---- */

typedef struct PJRTOptionalCount {
    int64_t value;
    bool is_set;
} PJRTOptionalCount;

typedef struct PJRTDeviceMemoryArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable device;
    int64_t bytes_in_use; /* this and all below: written */
    PJRTOptionalCount peak_bytes_in_use;
    PJRTOptionalCount allocations;
    PJRTOptionalCount largest_allocation;
    PJRTOptionalCount bytes_limit;
    PJRTOptionalCount bytes_reserved;
    PJRTOptionalCount peak_bytes_reserved;
    PJRTOptionalCount bytes_reservable_limit;
    PJRTOptionalCount largest_free_block;
    PJRTOptionalCount pool_bytes;
    PJRTOptionalCount peak_pool_bytes;
} PJRTDeviceMemoryArgs;

/* ---- Executables ---- */

typedef struct PJRTExecuteOptions {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    void *_Nullable send_callbacks;
    void *_Nullable receive_callbacks;
    size_t send_count;
    size_t receive_count;
    int32_t launch_id;
    const int64_t *_Nullable non_donatable;
    size_t non_donatable_count;
    PJRTOpaque *_Nullable context;
    const char *_Nullable call_location;
    size_t task_count;
    int32_t *_Nullable tasks;
    int64_t *_Nullable incarnations;
} PJRTExecuteOptions;

typedef struct PJRTExecuteArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable executable;
    PJRTExecuteOptions *_Nullable options;
    PJRTOpaque *_Nullable const *_Nullable const *_Nullable arguments; /* [device][argument] */
    size_t device_count;
    size_t argument_count;
    PJRTOpaque *_Nullable *_Nullable const *_Nullable outputs; /* [device][output]: buffers of the caller */
    PJRTOpaque *_Nullable *_Nullable completed;                /* [device]: events of the caller */
    PJRTOpaque *_Nullable device;
} PJRTExecuteArgs;

typedef struct PJRTSerializeArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const PJRTOpaque *_Nullable executable;
    const char *_Nullable bytes;    /* written */
    size_t count;                   /* written */
    PJRTOpaque *_Nullable storage;  /* written: owns `bytes` */
    void (*_Nullable release)(PJRTOpaque *_Nullable storage); /* written */
} PJRTSerializeArgs;

typedef struct PJRTOutputDimensionsArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable executable;
    size_t count;                        /* outputs, written */
    const int64_t *_Nullable dimensions; /* of all outputs, one after the other, written */
    const size_t *_Nullable ranks;       /* one an output, written */
} PJRTOutputDimensionsArgs;

typedef struct PJRTExecutableMemoryArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable executable;
    int64_t code; /* bytes; this and all below: written */
    int64_t arguments;
    int64_t outputs;
    int64_t aliased;
    int64_t temporaries;
    int64_t host_code;
    int64_t host_arguments;
    int64_t host_outputs;
    int64_t host_aliased;
    int64_t host_temporaries;
    int64_t peak;
    int64_t total;
} PJRTExecutableMemoryArgs;

/* Called once with `code` null, which writes `code_count`, and once with room for so many bytes, which writes them. */
typedef struct PJRTOptimizedProgramArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable executable;
    PJRTProgram *_Nullable program; /* written */
} PJRTOptimizedProgramArgs;

/* ---- Topologies: devices as they are described, which need not be there ---- */

typedef struct PJRTTopologyCreateArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const char *_Nullable name;
    size_t name_count;
    const PJRTNamedValue *_Nullable options;
    size_t option_count;
    PJRTOpaque *_Nullable topology; /* written */
} PJRTTopologyCreateArgs;

typedef struct PJRTTopologyCompileArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    const PJRTOpaque *_Nullable topology;
    const PJRTProgram *_Nullable program;
    const char *_Nullable options; /* a serialised xla.CompileOptionsProto */
    size_t option_count;
    PJRTOpaque *_Nullable client;     /* null: without devices */
    PJRTOpaque *_Nullable executable; /* written: an executable that is not loaded */
} PJRTTopologyCompileArgs;

#endif
