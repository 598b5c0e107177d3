/* The functions of the driver, NVRTC and XLA. A "binary" is the number of states and spans that were asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

namespace {

EmulatorRecord record;
EmulatorOrder order;
EmulatorFault fault;

enum { Refused = 999, NotFound = 500 };

bool fails(EmulatorFault here) {
    if (fault != here) return false;
    fault = EmulatorFaultNone;
    return true;
}

struct Binary {
    int states, spans;
};

struct Module {
    Binary binary;
    const EmulatedModule *kernels;
};

char context_of_stream, stream_of_xla;

/* MARK: Driver */

FlowCUDADriver driver() {
    FlowCUDADriver driver = {};
    driver.initialize = [](unsigned) { return 0; };
    driver.driver_version = [](int *version) { return *version = 13000, 0; };
    driver.error_text = [](int, const char **text) { return *text = "emulated refusal", 0; };
    driver.device_count = [](int *count) { return *count = 1, 0; };
    driver.device = [](int *device, int ordinal) { return *device = ordinal, 0; };
    driver.device_attribute = [](int *value, int attribute, int) {
        *value = attribute == FlowCUDAComputeCapabilityMajor ? 9 : 0;
        return 0;
    };
    driver.stream_context = [](void *stream, void **context) {
        *context = &context_of_stream;
        return stream == &stream_of_xla ? 0 : (int)Refused;
    };
    driver.context_identifier = [](void *context, unsigned long long *identifier) {
        *identifier = 7;
        return context == &context_of_stream ? 0 : (int)Refused;
    };
    driver.push_context = [](void *context) {
        if (fails(EmulatorFaultContext) || context != &context_of_stream) return (int)Refused;
        record.contexts++;
        return 0;
    };
    driver.pop_context = [](void **context) {
        record.contexts--;
        *context = &context_of_stream;
        return 0;
    };
    driver.context_device = [](int *device) { return *device = 0, record.contexts > 0 ? 0 : (int)Refused; };
    driver.load_module = [](void **module, const void *image) {
        if (fails(EmulatorFaultLoad) || record.contexts == 0) return (int)Refused;
        const Binary *binary = static_cast<const Binary *>(image);
        for (const EmulatedModule &kernels : emulated_modules) {
            if (kernels.states != binary->states || kernels.spans < binary->spans) continue;
            *module = new Module{*binary, &kernels};
            return 0;
        }
        return (int)NotFound;
    };
    driver.module_function = [](void **function, void *module, const char *name) {
        const Module *loaded = static_cast<const Module *>(module);
        EmulatedKernel found = nullptr;
        if (strcmp(name, "selective_scan") == 0) found = loaded->kernels->forward;
        if (loaded->binary.spans > 0 && strcmp(name, "selective_scan_backward") == 0) found = loaded->kernels->backward;
        if (loaded->binary.spans > 0 && strcmp(name, "add_parts") == 0) found = loaded->kernels->add_parts;
        *function = reinterpret_cast<void *>(found);
        return found != nullptr ? 0 : (int)NotFound;
    };
    driver.launch = [](void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                       unsigned block_y, unsigned block_z, unsigned shared_bytes, void *stream, void **arguments,
                       void **extra) {
        if (fails(EmulatorFaultLaunch) || record.contexts == 0) return (int)Refused;
        if (grid_y != 1 || grid_z != 1 || block_y != 1 || block_z != 1 || shared_bytes != 0 || extra != nullptr) {
            return (int)Refused;
        }
        record.launches++;
        record.stream = stream;
        const auto kernel = reinterpret_cast<EmulatedKernel>(function);
        if (!emulator_run(kernel, grid_x, block_x, arguments, order)) record.diverged = true;
        return 0;
    };
    return driver;
}

/* MARK: NVRTC */

FlowNVRTC nvrtc() {
    FlowNVRTC nvrtc = {};
    nvrtc.version = [](int *major, int *minor) { return *major = 13, *minor = 0, 0; };
    nvrtc.error_text = [](int) { return "emulated error"; };
    nvrtc.architecture_count = [](int *count) { return *count = 1, 0; };
    nvrtc.architectures = [](int *architectures) { return *architectures = 90, 0; };
    nvrtc.create_program = [](void **program, const char *, const char *, int, const char *const *, const char *const *) {
        *program = new Binary{0, 0};
        return 0;
    };
    nvrtc.compile_program = [](void *program, int count, const char *const *options) {
        Binary *binary = static_cast<Binary *>(program);
        record.options[0] = 0;
        for (int i = 0; i < count; i++) {
            sscanf(options[i], "-DSTATES=%d", &binary->states);
            sscanf(options[i], "-DSPANS=%d", &binary->spans);
            const size_t used = strlen(record.options);
            snprintf(record.options + used, sizeof record.options - used, "%s ", options[i]);
        }
        if (fails(EmulatorFaultCompile)) return (int)Refused;
        record.compilations++;
        return 0;
    };
    nvrtc.destroy_program = [](void **program) {
        delete static_cast<Binary *>(*program);
        *program = nullptr;
        return 0;
    };
    nvrtc.log_size = [](void *, size_t *size) { return *size = 64, 0; };
    nvrtc.log = [](void *, char *text) {
        strcpy(text, "selective_scan.cu(1): error: emulated\nmore");
        return 0;
    };
    nvrtc.binary_size = [](void *, size_t *size) { return *size = sizeof(Binary), 0; };
    nvrtc.binary = [](void *program, char *binary) {
        memcpy(binary, program, sizeof(Binary));
        return 0;
    };
    return nvrtc;
}

/* MARK: XLA */

XLAFFIError *error(const char *message) { return reinterpret_cast<XLAFFIError *>(strdup(message)); }

XLAFFIFunctions xla() {
    XLAFFIFunctions xla = {};
    xla.error_create = [](XLAFFIErrorCreateArgs *args) { return error(args->message); };
    xla.error_message = [](XLAFFIErrorMessageArgs *args) { args->message = reinterpret_cast<char *>(args->error); };
    xla.error_destroy = [](XLAFFIErrorDestroyArgs *args) { free(args->error); };
    xla.stream_get = [](XLAFFIStreamArgs *args) {
        args->stream = &stream_of_xla;
        return fails(EmulatorFaultStream) ? error("emulated: no stream") : nullptr;
    };
    xla.device_memory_allocate = [](XLAFFIMemoryAllocateArgs *args) {
        if (fails(EmulatorFaultMemory) || args->alignment > 16) return error("emulated: out of memory");
        record.allocations++;
        args->data = malloc(args->size);
        memset(args->data, 0xFF, args->size);
        return static_cast<XLAFFIError *>(nullptr);
    };
    xla.device_memory_free = [](XLAFFIMemoryFreeArgs *args) {
        record.allocations--;
        free(args->data);
        return static_cast<XLAFFIError *>(nullptr);
    };
    return xla;
}

}  // namespace

FlowCUDA emulator_cuda(void) { return FlowCUDA{driver(), nvrtc(), nullptr}; }

const XLAFFIFunctions *emulator_xla(void) {
    static const XLAFFIFunctions functions = xla();
    return &functions;
}

void *emulator_stream(void) { return &stream_of_xla; }

void emulator_reset(EmulatorOrder new_order, EmulatorFault new_fault) {
    record = EmulatorRecord();
    order = new_order;
    fault = new_fault;
}

EmulatorRecord emulator_record(void) { return record; }
