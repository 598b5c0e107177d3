/* The scan's source, compiled for a device at first use and kept for the rest of the process. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "scan_geometry.h"

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
static const char source[] = {
#embed "selective_scan.cu"
    , 0};
#pragma clang diagnostic pop

/* MARK: Compiling */

/* The compiler's first complaint, else the name of its error. */
static bool refused(const FlowNVRTC *nvrtc, void *program, int status, const char *architecture, FlowFailure *failure) {
    size_t size = 0;
    char *log = NULL;
    if (program != NULL && nvrtc->log_size(program, &size) == 0 && size > 1) log = calloc(size + 1, 1);
    const char *complaint = nvrtc->error_text(status);
    if (log != NULL && nvrtc->log(program, log) == 0) {
        char *error = strstr(log, "error");
        complaint = error != NULL ? error : log;
    }
    flow_cuda_fail(
        failure, FlowFailureKindInternal, "NVRTC did not compile the selective scan for %s (%.*s).", architecture,
        (int)strcspn(complaint, "\r\n"), complaint);
    free(log);
    return false;
}

enum { OptionCount = 8, OptionRoom = 64 };

static int write_options(
    char options[OptionCount][OptionRoom], const char *architecture, int64_t states, int64_t spans) {
    snprintf(options[0], OptionRoom, "--gpu-architecture=%s", architecture);
    snprintf(options[1], OptionRoom, "--ftz=true");
    snprintf(options[2], OptionRoom, "-DTHREADS=%d", FlowScanThreads);
    snprintf(options[3], OptionRoom, "-DSPAN=%d", FlowScanSpan);
    snprintf(options[4], OptionRoom, "-DLANES=%d", FlowPartsLanes);
    snprintf(options[5], OptionRoom, "-DSLICES=%d", FlowPartsSlices);
    snprintf(options[6], OptionRoom, "-DSTATES=%lld", (long long)states);
    snprintf(options[7], OptionRoom, "-DSPANS=%lld", (long long)spans);
    return spans > 0 ? 8 : 7;
}

bool flow_compile_scan(
    const FlowNVRTC *nvrtc, const char *architecture, int64_t states, int64_t spans, void **binary,
    size_t *binary_size, FlowFailure *failure) {
    char options[OptionCount][OptionRoom];
    const char *given[OptionCount];
    int count = write_options(options, architecture, states, spans);
    for (int i = 0; i < count; i++) given[i] = options[i];
    void *program = NULL;
    *binary = NULL;
    int status = nvrtc->create_program(&program, source, "selective_scan.cu", 0, NULL, NULL);
    if (status == 0) status = nvrtc->compile_program(program, count, given);
    if (status == 0) status = nvrtc->binary_size(program, binary_size);
    if (status == 0) {
        *binary = malloc(*binary_size);
        if (*binary != NULL) status = nvrtc->binary(program, *binary);
    }
    bool succeeded = status == 0 && *binary != NULL;
    if (status != 0) refused(nvrtc, program, status, architecture, failure);
    else if (*binary == NULL) flow_cuda_fail(failure, FlowFailureKindInternal, "out of memory.");
    if (!succeeded) free(*binary);
    if (program != NULL) nvrtc->destroy_program(&program);
    return succeeded;
}

/* MARK: Kept programs */

typedef struct FlowScanProgram {
    unsigned long long context;
    int64_t states, spans;
    FlowScanFunctions functions;
    struct FlowScanProgram *next;
} FlowScanProgram;

/* Held while compiling, so that threads that need the same program wait for it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A module lives as long as its context; programs are few and never unloaded. */
static bool load(const FlowCUDA *cuda, FlowScanProgram *program, FlowFailure *failure) {
    const FlowCUDADriver *driver = &cuda->driver;
    int device = 0, major = 0, minor = 0;
    int status = driver->context_device(&device);
    if (status == 0) status = driver->device_attribute(&major, FlowCUDAComputeCapabilityMajor, device);
    if (status == 0) status = driver->device_attribute(&minor, FlowCUDAComputeCapabilityMinor, device);
    if (!flow_cuda_succeeded(driver, status, "to describe a device", failure)) return false;
    char architecture[32];
    snprintf(architecture, sizeof architecture, "sm_%d%d", major, minor);
    void *binary = NULL, *module = NULL;
    size_t size = 0;
    if (!flow_compile_scan(&cuda->nvrtc, architecture, program->states, program->spans, &binary, &size, failure)) {
        return false;
    }
    FlowScanFunctions *functions = &program->functions;
    status = driver->load_module(&module, binary);
    free(binary);
    if (status == 0) status = driver->module_function(&functions->forward, module, "selective_scan");
    if (status == 0 && program->spans > 0) {
        status = driver->module_function(&functions->backward, module, "selective_scan_backward");
        if (status == 0) status = driver->module_function(&functions->add_parts, module, "add_parts");
    }
    return flow_cuda_succeeded(driver, status, "the compiled selective scan", failure);
}

static const FlowScanProgram *obtain(
    FlowCUDA *cuda, unsigned long long context, int64_t states, int64_t spans, FlowFailure *failure) {
    for (const FlowScanProgram *known = cuda->programs; known != NULL; known = known->next) {
        if (known->context == context && known->states == states && known->spans == spans) return known;
    }
    FlowScanProgram *program = calloc(1, sizeof(FlowScanProgram));
    if (program == NULL) {
        flow_cuda_fail(failure, FlowFailureKindInternal, "out of memory.");
        return NULL;
    }
    *program = (FlowScanProgram){.context = context, .states = states, .spans = spans, .next = cuda->programs};
    if (!load(cuda, program, failure)) {
        free(program);
        return NULL;
    }
    cuda->programs = program;
    return program;
}

bool flow_scan_functions(
    FlowCUDA *cuda, unsigned long long context, int64_t states, int64_t spans, FlowScanFunctions *functions,
    FlowFailure *failure) {
    pthread_mutex_lock(&lock);
    const FlowScanProgram *program = obtain(cuda, context, states, spans, failure);
    if (program != NULL) *functions = program->functions;
    pthread_mutex_unlock(&lock);
    return program != NULL;
}
