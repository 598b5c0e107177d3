#include "pjrt_functions.h"

#include <stdio.h>
#include <string.h>

#ifndef FAKE_API_MAJOR
#define FAKE_API_MAJOR 0
#endif
#ifndef FAKE_GPU_COUNT
#define FAKE_GPU_COUNT 2
#endif

/* Errors are static: the message, and absl's code for it. */
typedef struct {
    int32_t code;
    const char *message;
} FakeError;

static PJRTOpaque *failure(int32_t code, const char *message) {
    static FakeError error;
    error = (FakeError){code, message};
    return (PJRTOpaque *)&error;
}

static void error_destroy(PJRTObjectArgs *args) { (void)args; }

static void error_message(PJRTTextArgs *args) {
    args->text = ((FakeError *)args->object)->message;
    args->count = strlen(args->text);
}

static PJRTOpaque *error_code(PJRTNumberArgs *args) {
    args->number = ((FakeError *)args->object)->code;
    return NULL;
}

static PJRTOpaque *unimplemented(void *args) {
    (void)args;
    return failure(12, "the fake plugin does not do this");
}

static PJRTOpaque *succeed(PJRTEmptyArgs *args) {
    (void)args;
    return NULL;
}

static PJRTOpaque *destroy(PJRTObjectArgs *args) {
    (void)args;
    return NULL;
}

static PJRTOpaque *plugin_attributes(PJRTPluginAttributesArgs *args) {
    static PJRTNamedValue cuda_version = {.struct_size = sizeof cuda_version, .name = "cuda_version",
        .name_count = 12, .kind = PJRT_VALUE_INT64, .value.integer = 13000, .value_count = 1};
    args->items = &cuda_version;
    args->count = 1;
    return NULL;
}

static char told[512];
static int ordinals[FAKE_GPU_COUNT + 1];
static PJRTOpaque *devices[FAKE_GPU_COUNT + 1];
static size_t device_count;

static bool is_visible(const PJRTNamedValue *list, int64_t ordinal) {
    for (size_t i = 0; list && i < list->value_count; i++)
        if (list->value.integers[i] == ordinal) return true;
    return !list;
}

static PJRTOpaque *client_create(PJRTClientCreateArgs *args) {
    const PJRTNamedValue *visible = NULL;
    size_t end = (size_t)snprintf(told, sizeof told, "told");
    for (size_t i = 0; i < args->option_count; i++) {
        const PJRTNamedValue *option = &args->options[i];
        end += (size_t)snprintf(told + end, sizeof told - end, " %.*s=", (int)option->name_count, option->name);
        char *value = told + end;
        size_t room = sizeof told - end;
        if (option->kind == PJRT_VALUE_STRING)
            snprintf(value, room, "%.*s", (int)option->value_count, option->value.string);
        if (option->kind == PJRT_VALUE_FLOAT) snprintf(value, room, "%.2f", option->value.real);
        if (option->kind == PJRT_VALUE_BOOL) snprintf(value, room, "%s", option->value.flag ? "true" : "false");
        if (option->kind == PJRT_VALUE_INT64_LIST) {
            visible = option;
            for (size_t j = 0; j < option->value_count; j++)
                snprintf(value + strlen(value), room - strlen(value), "%d;", (int)option->value.integers[j]);
        }
        end += strlen(value);
    }
    device_count = 0;
    for (int ordinal = 0; ordinal < FAKE_GPU_COUNT; ordinal++) {
        if (!is_visible(visible, ordinal)) continue;
        ordinals[device_count] = ordinal;
        devices[device_count] = (PJRTOpaque *)&ordinals[device_count];
        device_count++;
    }
    if (device_count == 0) return failure(13, "no supported devices found for platform CUDA");
    args->client = (PJRTOpaque *)told;
    return NULL;
}

static PJRTOpaque *text(PJRTTextArgs *args, const char *text) {
    args->text = text;
    args->count = strlen(text);
    return NULL;
}

static PJRTOpaque *platform_name(PJRTTextArgs *args) { return text(args, "cuda"); }
static PJRTOpaque *platform_version(PJRTTextArgs *args) { return text(args, told); }
static PJRTOpaque *kind(PJRTTextArgs *args) { return text(args, "fake GPU"); }

static PJRTOpaque *addressable_devices(PJRTObjectListArgs *args) {
    args->items = devices;
    args->count = device_count;
    return NULL;
}

static PJRTOpaque *device_description(PJRTRelatedArgs *args) {
    args->related = args->object;
    return NULL;
}

/* As XLA's, which numbers the devices that it sees. */
static PJRTOpaque *device_id(PJRTNumberArgs *args) {
    args->number = (int32_t)((int *)args->object - ordinals);
    return NULL;
}

static PJRTOpaque *run_out_of_memory(PJRTBufferFromHostArgs *args) {
    (void)args;
    return failure(8, "Out of memory while trying to allocate 4770354232 bytes.\nBufferAssignment OOM Debugging.");
}

const void *GetPjrtApi(void) {
    static PJRTFunctions table;
    for (size_t i = 0; i < sizeof table / sizeof(void *); i++) ((void **)&table)[i] = (void *)unimplemented;
    table.struct_size = sizeof table;
    table.extension = NULL;
    table.version = (PJRTVersion){sizeof table.version, NULL, FAKE_API_MAJOR, 115};
    table.error_destroy = error_destroy;
    table.error_message = error_message;
    table.error_code = error_code;
    table.plugin_initialize = succeed;
    table.plugin_attributes = plugin_attributes;
    table.client_create = client_create;
    table.client_destroy = destroy;
    table.client_platform_name = platform_name;
    table.client_platform_version = platform_version;
    table.client_addressable_devices = addressable_devices;
    table.client_buffer_from_host = run_out_of_memory;
    table.device_description = device_description;
    table.device_description_id = device_id;
    table.device_description_kind = kind;
    table.device_description_to_string = kind;
    return &table;
}
