#include "pjrt_functions.h"
#include "xla_ffi_abi.h"

#include <string.h>

#define ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has a foreign size")
#define ASSERT_OFFSET(type, field, at) _Static_assert(offsetof(type, field) == (at), #type "." #field " is misplaced")

/* Layouts of PJRT API 0.90 on a 64-bit machine. */
ASSERT_SIZE(PJRTExtension, 24);
ASSERT_SIZE(PJRTVersion, 24);
ASSERT_SIZE(PJRTEmptyArgs, 16);
ASSERT_SIZE(PJRTObjectArgs, 24);
ASSERT_SIZE(PJRTFlagArgs, 32);
ASSERT_SIZE(PJRTNumberArgs, 32);
ASSERT_SIZE(PJRTSizeArgs, 32);
ASSERT_SIZE(PJRTRelatedArgs, 32);
ASSERT_SIZE(PJRTTextArgs, 40);
ASSERT_SIZE(PJRTObjectListArgs, 40);
ASSERT_SIZE(PJRTTypeListArgs, 40);
ASSERT_SIZE(PJRTDimensionsArgs, 40);
ASSERT_SIZE(PJRTNamedValue, 56);
ASSERT_SIZE(PJRTPluginAttributesArgs, 32);
ASSERT_SIZE(PJRTEventCallbackArgs, 40);
ASSERT_SIZE(PJRTClientCreateArgs, 88);
ASSERT_SIZE(PJRTProgram, 48);
ASSERT_SIZE(PJRTCompileArgs, 56);
ASSERT_SIZE(PJRTDeserializeArgs, 64);
ASSERT_SIZE(PJRTTiledLayout, 56);
ASSERT_SIZE(PJRTLayout, 80);
ASSERT_SIZE(PJRTBufferFromHostArgs, 120);
ASSERT_SIZE(PJRTBufferToHostArgs, 56);
ASSERT_SIZE(PJRTOptionalCount, 16);
ASSERT_SIZE(PJRTDeviceMemoryArgs, 192);
ASSERT_SIZE(PJRTExecuteOptions, 112);
ASSERT_SIZE(PJRTExecuteArgs, 80);
ASSERT_SIZE(PJRTSerializeArgs, 56);
ASSERT_SIZE(PJRTOutputDimensionsArgs, 48);
ASSERT_SIZE(PJRTExecutableMemoryArgs, 120);
ASSERT_SIZE(PJRTOptimizedProgramArgs, 32);
ASSERT_SIZE(PJRTTopologyCreateArgs, 56);
ASSERT_SIZE(PJRTTopologyCompileArgs, 64);
ASSERT_SIZE(PJRTFunctions, 816);
ASSERT_SIZE(PJRTFFIRegisterArgs, 56);
ASSERT_SIZE(PJRTFFIExtension, 48);
ASSERT_OFFSET(PJRTNamedValue, kind, 32);
ASSERT_OFFSET(PJRTNamedValue, value, 40);
ASSERT_OFFSET(PJRTNamedValue, value_count, 48);
ASSERT_OFFSET(PJRTClientCreateArgs, client, 64);
ASSERT_OFFSET(PJRTBufferFromHostArgs, device, 80);
ASSERT_OFFSET(PJRTBufferFromHostArgs, buffer, 112);
ASSERT_OFFSET(PJRTBufferToHostArgs, transferred, 48);
ASSERT_OFFSET(PJRTLayout, kind, 72);
ASSERT_OFFSET(PJRTDeviceMemoryArgs, peak_bytes_in_use, 32);
ASSERT_OFFSET(PJRTDeviceMemoryArgs, bytes_limit, 80);
ASSERT_OFFSET(PJRTExecuteOptions, non_donatable, 56);
ASSERT_OFFSET(PJRTExecuteOptions, context, 72);
ASSERT_OFFSET(PJRTExecuteArgs, outputs, 56);
ASSERT_OFFSET(PJRTExecuteArgs, completed, 64);
ASSERT_OFFSET(PJRTSerializeArgs, release, 48);
ASSERT_OFFSET(PJRTFFIRegisterArgs, traits, 48);
ASSERT_OFFSET(PJRTFunctions, version, 16);
ASSERT_OFFSET(PJRTFunctions, error_destroy, 40);
ASSERT_OFFSET(PJRTFunctions, error_message, 48);
ASSERT_OFFSET(PJRTFunctions, error_code, 56);
ASSERT_OFFSET(PJRTFunctions, plugin_initialize, 64);
ASSERT_OFFSET(PJRTFunctions, plugin_attributes, 72);
ASSERT_OFFSET(PJRTFunctions, event_destroy, 80);
ASSERT_OFFSET(PJRTFunctions, event_await, 104);
ASSERT_OFFSET(PJRTFunctions, event_on_ready, 112);
ASSERT_OFFSET(PJRTFunctions, client_create, 120);
ASSERT_OFFSET(PJRTFunctions, client_destroy, 128);
ASSERT_OFFSET(PJRTFunctions, client_platform_name, 136);
ASSERT_OFFSET(PJRTFunctions, client_platform_version, 152);
ASSERT_OFFSET(PJRTFunctions, client_addressable_devices, 168);
ASSERT_OFFSET(PJRTFunctions, client_compile, 200);
ASSERT_OFFSET(PJRTFunctions, client_buffer_from_host, 216);
ASSERT_OFFSET(PJRTFunctions, device_description_id, 224);
ASSERT_OFFSET(PJRTFunctions, device_description_kind, 248);
ASSERT_OFFSET(PJRTFunctions, device_description_to_string, 264);
ASSERT_OFFSET(PJRTFunctions, device_description, 272);
ASSERT_OFFSET(PJRTFunctions, device_memory, 312);
ASSERT_OFFSET(PJRTFunctions, executable_destroy, 360);
ASSERT_OFFSET(PJRTFunctions, executable_name, 368);
ASSERT_OFFSET(PJRTFunctions, executable_output_count, 392);
ASSERT_OFFSET(PJRTFunctions, executable_optimized_program, 424);
ASSERT_OFFSET(PJRTFunctions, executable_serialize, 432);
ASSERT_OFFSET(PJRTFunctions, loaded_executable_destroy, 440);
ASSERT_OFFSET(PJRTFunctions, loaded_executable_executable, 448);
ASSERT_OFFSET(PJRTFunctions, loaded_executable_devices, 456);
ASSERT_OFFSET(PJRTFunctions, loaded_executable_execute, 480);
ASSERT_OFFSET(PJRTFunctions, executable_deserialize_and_load, 488);
ASSERT_OFFSET(PJRTFunctions, buffer_destroy, 504);
ASSERT_OFFSET(PJRTFunctions, buffer_type, 512);
ASSERT_OFFSET(PJRTFunctions, buffer_dimensions, 520);
ASSERT_OFFSET(PJRTFunctions, buffer_is_deleted, 584);
ASSERT_OFFSET(PJRTFunctions, buffer_to_host, 600);
ASSERT_OFFSET(PJRTFunctions, topology_create, 696);
ASSERT_OFFSET(PJRTFunctions, topology_destroy, 704);
ASSERT_OFFSET(PJRTFunctions, topology_compile, 752);
ASSERT_OFFSET(PJRTFunctions, executable_output_types, 760);
ASSERT_OFFSET(PJRTFunctions, executable_output_dimensions, 768);
ASSERT_OFFSET(PJRTFunctions, executable_memory, 808);
ASSERT_OFFSET(PJRTFFIExtension, register_handler, 40);

#define REQUIRED_FUNCTIONS(X) \
    X(error_destroy) X(error_message) X(error_code) X(plugin_initialize) X(event_destroy) \
    X(event_await) X(event_on_ready) X(client_create) X(client_destroy) X(client_platform_name) \
    X(client_platform_version) X(client_addressable_devices) X(client_compile) X(client_buffer_from_host) \
    X(device_description_id) X(device_description_kind) X(device_description_to_string) X(device_description) \
    X(executable_destroy) X(executable_name) X(executable_output_count) X(executable_serialize) \
    X(loaded_executable_destroy) X(loaded_executable_executable) X(loaded_executable_devices) \
    X(loaded_executable_execute) X(executable_deserialize_and_load) X(buffer_destroy) X(buffer_type) \
    X(buffer_dimensions) X(buffer_is_deleted) X(buffer_to_host) X(executable_output_types) \
    X(executable_output_dimensions)

bool pjrt_read_version(const void *plugin_table, int32_t *major, int32_t *minor) {
    const PJRTFunctions *table = plugin_table;
    if (table->struct_size < offsetof(PJRTFunctions, version) + sizeof(PJRTVersion)) return false;
    *major = table->version.major;
    *minor = table->version.minor;
    return true;
}

const char *pjrt_copy_functions(const void *plugin_table, PJRTFunctions *functions) {
    size_t plugin_size = ((const PJRTFunctions *)plugin_table)->struct_size;
    memset(functions, 0, sizeof *functions);
    memcpy(functions, plugin_table, plugin_size < sizeof *functions ? plugin_size : sizeof *functions);
    /* Read as bytes: the compiler may take a _Nonnull field for never null. */
#define RETURN_IF_MISSING(name)                                                          \
    {                                                                                    \
        static const char absent[sizeof functions->name];                                \
        if (memcmp(&functions->name, absent, sizeof absent) == 0) return #name;          \
    }
    REQUIRED_FUNCTIONS(RETURN_IF_MISSING)
#undef RETURN_IF_MISSING
    return NULL;
}
