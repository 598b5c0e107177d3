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

typedef struct PJRTCostArgs {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTOpaque *_Nullable executable;
    size_t count;                          /* written */
    const PJRTNamedValue *_Nullable items; /* written */
} PJRTCostArgs;

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
    PJRT_TYPE_INT32 = 4,
    PJRT_TYPE_INT64 = 5,
    PJRT_TYPE_UINT8 = 6,
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

/* ---- The function table ---- */

typedef PJRTOpaque *_Nullable (*PJRTUnusedFunction)(void *_Nullable);


/* What `GetPjrtApi` returns. Functions marked _Nonnull must be there (pjrt_first_missing_function says which is not);
   those marked _Nullable may be absent. A plugin's own table may be shorter or longer than this one. */
typedef struct PJRTFunctions {
    size_t struct_size;
    PJRTExtension *_Nullable extension;
    PJRTVersion version;
    void (*_Nonnull error_destroy)(PJRTObjectArgs *_Nonnull);
    void (*_Nonnull error_message)(PJRTTextArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull error_code)(PJRTNumberArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull plugin_initialize)(PJRTEmptyArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nullable plugin_attributes)(PJRTPluginAttributesArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull event_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull event_is_ready)(PJRTFlagArgs *_Nonnull);
    PJRTUnusedFunction _Nullable event_error;
    PJRTOpaque *_Nullable (*_Nonnull event_await)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull event_on_ready)(PJRTEventCallbackArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull client_create)(PJRTClientCreateArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull client_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull client_platform_name)(PJRTTextArgs *_Nonnull);
    PJRTUnusedFunction _Nullable client_process_index;
    PJRTOpaque *_Nullable (*_Nonnull client_platform_version)(PJRTTextArgs *_Nonnull);
    PJRTUnusedFunction _Nullable client_devices;
    PJRTOpaque *_Nullable (*_Nonnull client_addressable_devices)(PJRTObjectListArgs *_Nonnull);
    PJRTUnusedFunction _Nullable client_lookup_device;
    PJRTUnusedFunction _Nullable client_lookup_addressable_device;
    PJRTUnusedFunction _Nullable client_addressable_memories;
    PJRTOpaque *_Nullable (*_Nonnull client_compile)(PJRTCompileArgs *_Nonnull);
    PJRTUnusedFunction _Nullable client_default_device_assignment;
    PJRTOpaque *_Nullable (*_Nonnull client_buffer_from_host)(PJRTBufferFromHostArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull device_description_id)(PJRTNumberArgs *_Nonnull);
    PJRTUnusedFunction _Nullable device_description_process_index;
    PJRTUnusedFunction _Nullable device_description_attributes;
    PJRTOpaque *_Nullable (*_Nonnull device_description_kind)(PJRTTextArgs *_Nonnull);
    PJRTUnusedFunction _Nullable device_description_debug_string;
    PJRTOpaque *_Nullable (*_Nonnull device_description_to_string)(PJRTTextArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull device_description)(PJRTRelatedArgs *_Nonnull);
    PJRTUnusedFunction _Nullable device_is_addressable;
    PJRTUnusedFunction _Nullable device_local_hardware_id;
    PJRTUnusedFunction _Nullable device_addressable_memories;
    PJRTUnusedFunction _Nullable device_default_memory;
    PJRTOpaque *_Nullable (*_Nullable device_memory)(PJRTDeviceMemoryArgs *_Nonnull);
    PJRTUnusedFunction _Nullable memory_id;
    PJRTUnusedFunction _Nullable memory_kind;
    PJRTUnusedFunction _Nullable memory_debug_string;
    PJRTUnusedFunction _Nullable memory_to_string;
    PJRTUnusedFunction _Nullable memory_addressable_by_devices;
    PJRTOpaque *_Nullable (*_Nonnull executable_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull executable_name)(PJRTTextArgs *_Nonnull);
    PJRTUnusedFunction _Nullable executable_replica_count;
    PJRTUnusedFunction _Nullable executable_partition_count;
    PJRTOpaque *_Nullable (*_Nonnull executable_output_count)(PJRTSizeArgs *_Nonnull);
    PJRTUnusedFunction _Nullable executable_code_size;
    PJRTOpaque *_Nullable (*_Nullable executable_cost)(PJRTCostArgs *_Nonnull);
    PJRTUnusedFunction _Nullable executable_output_memory_kinds;
    PJRTUnusedFunction _Nullable executable_optimized_program;
    PJRTOpaque *_Nullable (*_Nonnull executable_serialize)(PJRTSerializeArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull loaded_executable_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull loaded_executable_executable)(PJRTRelatedArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull loaded_executable_devices)(PJRTObjectListArgs *_Nonnull);
    PJRTUnusedFunction _Nullable loaded_executable_delete;
    PJRTUnusedFunction _Nullable loaded_executable_is_deleted;
    PJRTOpaque *_Nullable (*_Nonnull loaded_executable_execute)(PJRTExecuteArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull executable_deserialize_and_load)(PJRTDeserializeArgs *_Nonnull);
    PJRTUnusedFunction _Nullable loaded_executable_fingerprint;
    PJRTOpaque *_Nullable (*_Nonnull buffer_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull buffer_type)(PJRTNumberArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull buffer_dimensions)(PJRTDimensionsArgs *_Nonnull);
    PJRTUnusedFunction _Nullable buffer_unpadded_dimensions;
    PJRTUnusedFunction _Nullable buffer_dynamic_dimensions;
    PJRTUnusedFunction _Nullable buffer_memory_layout;
    PJRTUnusedFunction _Nullable buffer_size_on_device;
    PJRTUnusedFunction _Nullable buffer_device;
    PJRTUnusedFunction _Nullable buffer_memory;
    PJRTUnusedFunction _Nullable buffer_delete;
    PJRTOpaque *_Nullable (*_Nonnull buffer_is_deleted)(PJRTFlagArgs *_Nonnull);
    PJRTUnusedFunction _Nullable buffer_copy_to_device;
    PJRTOpaque *_Nullable (*_Nonnull buffer_to_host)(PJRTBufferToHostArgs *_Nonnull);
    PJRTUnusedFunction _Nullable buffer_is_on_cpu;
    PJRTUnusedFunction _Nullable buffer_ready_event;
    PJRTUnusedFunction _Nullable buffer_unsafe_pointer;
    PJRTUnusedFunction _Nullable buffer_external_reference_increase;
    PJRTUnusedFunction _Nullable buffer_external_reference_decrease;
    PJRTUnusedFunction _Nullable buffer_device_pointer;
    PJRTUnusedFunction _Nullable copy_stream_destroy;
    PJRTUnusedFunction _Nullable copy_stream_add_chunk;
    PJRTUnusedFunction _Nullable copy_stream_total_bytes;
    PJRTUnusedFunction _Nullable copy_stream_granule_size;
    PJRTUnusedFunction _Nullable copy_stream_current_bytes;
    PJRTUnusedFunction _Nullable topology_create;
    PJRTUnusedFunction _Nullable topology_destroy;
    PJRTUnusedFunction _Nullable topology_platform_name;
    PJRTUnusedFunction _Nullable topology_platform_version;
    PJRTUnusedFunction _Nullable topology_device_descriptions;
    PJRTUnusedFunction _Nullable topology_serialize;
    PJRTUnusedFunction _Nullable topology_attributes;
    PJRTUnusedFunction _Nullable compile_for_topology;
    PJRTOpaque *_Nullable (*_Nonnull executable_output_types)(PJRTTypeListArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull executable_output_dimensions)(PJRTOutputDimensionsArgs *_Nonnull);
    PJRTUnusedFunction _Nullable buffer_copy_to_memory;
    PJRTUnusedFunction _Nullable client_view_of_device_buffer;
    PJRTOpaque *_Nullable (*_Nullable executable_fingerprint)(PJRTTextArgs *_Nonnull);
    PJRTUnusedFunction _Nullable client_topology;
    PJRTOpaque *_Nullable (*_Nullable executable_memory)(PJRTExecutableMemoryArgs *_Nonnull);
} PJRTFunctions;

/* ---- The FFI extension ---- */

typedef struct PJRTFFIRegisterArgs {
    size_t struct_size;
    const char *_Nullable name;
    size_t name_count;
    void *_Nullable handler; /* an XLAFFIHandler */
    const char *_Nullable platform;
    size_t platform_count;
    int32_t traits;
} PJRTFFIRegisterArgs;

typedef struct PJRTFFIExtension {
    PJRTExtension base;
    PJRTUnusedFunction _Nullable type_register;
    PJRTUnusedFunction _Nullable user_data_add;
    PJRTOpaque *_Nullable (*_Nullable register_handler)(PJRTFFIRegisterArgs *_Nonnull);
} PJRTFFIExtension;

/* Copies the plugin's table into ours; entries past the end of the plugin's own table become null. Returns the name of
   the first function that must be there and is not, or null when the table is complete. */
const char *_Nullable pjrt_copy_functions(const void *_Nonnull plugin_table, PJRTFunctions *_Nonnull functions);

/* The version in a plugin's table, readable whatever the rest looks like; false when the table is too short for it. */
bool pjrt_read_version(const void *_Nonnull plugin_table, int32_t *_Nonnull major, int32_t *_Nonnull minor);

#endif
