/* The function table that a PJRT plugin's `GetPjrtApi` returns, and the FFI extension hung on it. */
#ifndef PJRT_FUNCTIONS_H
#define PJRT_FUNCTIONS_H

#include "pjrt_abi.h"

typedef PJRTOpaque *_Nullable (*PJRTUnusedFunction)(void *_Nullable);

/* What `GetPjrtApi` returns. Functions marked _Nonnull must be there (pjrt_copy_functions checks);
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
    PJRTUnusedFunction _Nullable event_is_ready;
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
    PJRTUnusedFunction _Nullable executable_cost;
    PJRTUnusedFunction _Nullable executable_output_memory_kinds;
    PJRTOpaque *_Nullable (*_Nullable executable_optimized_program)(PJRTOptimizedProgramArgs *_Nonnull);
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
    PJRTOpaque *_Nullable (*_Nullable topology_create)(PJRTTopologyCreateArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nullable topology_destroy)(PJRTObjectArgs *_Nonnull);
    PJRTUnusedFunction _Nullable topology_platform_name;
    PJRTUnusedFunction _Nullable topology_platform_version;
    PJRTUnusedFunction _Nullable topology_device_descriptions;
    PJRTUnusedFunction _Nullable topology_serialize;
    PJRTUnusedFunction _Nullable topology_attributes;
    PJRTOpaque *_Nullable (*_Nullable topology_compile)(PJRTTopologyCompileArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull executable_output_types)(PJRTTypeListArgs *_Nonnull);
    PJRTOpaque *_Nullable (*_Nonnull executable_output_dimensions)(PJRTOutputDimensionsArgs *_Nonnull);
    PJRTUnusedFunction _Nullable buffer_copy_to_memory;
    PJRTUnusedFunction _Nullable client_view_of_device_buffer;
    PJRTUnusedFunction _Nullable executable_fingerprint;
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

/* The path of the first readable file `name` in the folders where the dynamic loader looks for what `opener`, a plugin's
   handle of dlopen, opens by name: its RPATH, LD_LIBRARY_PATH, the system's. The loader's own cache is not among them.
   NULL when there is none; else to be freed. */
char *_Nullable pjrt_find_library(void *_Nonnull opener, const char *_Nonnull name);

#endif
