/* The CUDA driver and NVRTC, loaded once per process. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

static const char *const driver_names[] = {
    "cuInit",         "cuDriverGetVersion",    "cuGetErrorString",     "cuDeviceGetCount", "cuDeviceGet",
    "cuDeviceGetAttribute", "cuStreamGetCtx",  "cuCtxGetId",           "cuCtxPushCurrent_v2",
    "cuCtxPopCurrent_v2",   "cuCtxGetDevice",  "cuModuleLoadData",     "cuModuleGetFunction",
    "cuLaunchKernel",
};
static const char *const nvrtc_names[] = {
    "nvrtcVersion",        "nvrtcGetErrorString", "nvrtcGetNumSupportedArchs", "nvrtcGetSupportedArchs",
    "nvrtcCreateProgram",  "nvrtcCompileProgram", "nvrtcDestroyProgram",       "nvrtcGetProgramLogSize",
    "nvrtcGetProgramLog",  "nvrtcGetCUBINSize",   "nvrtcGetCUBIN",
};
enum {
    driver_name_count = sizeof driver_names / sizeof driver_names[0],
    nvrtc_name_count = sizeof nvrtc_names / sizeof nvrtc_names[0],
};
_Static_assert(sizeof(FlowCUDADriver) == driver_name_count * sizeof(void *), "a name for every function");
_Static_assert(sizeof(FlowNVRTC) == nvrtc_name_count * sizeof(void *), "a name for every function");

static FlowCUDA cuda;
static bool has_driver, has_nvrtc;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the three */

bool flow_cuda_fail(FlowFailure *failure, FlowFailureKind kind, const char *format, ...) {
    failure->kind = kind;
    va_list values;
    va_start(values, format);
    vsnprintf(failure->sentence, sizeof failure->sentence, format, values);
    va_end(values);
    return false;
}

bool flow_cuda_succeeded(const FlowCUDADriver *driver, int status, const char *what, FlowFailure *failure) {
    if (status == 0) return true;
    const char *text = NULL;
    if (driver->error_text(status, &text) != 0 || text == NULL) text = "unknown error";
    return flow_cuda_fail(
        failure, FlowFailureKindInternal, "the CUDA driver refused %s with status %d (%s).", what, status, text);
}

/* Opens a library and fills `functions`, a structure of `count` function pointers. */
static bool open_library(
    const char *library, const char *const *names, size_t count, void *functions, FlowFailure *failure) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *reason = dlerror();
        return flow_cuda_fail(failure, FlowFailureKindUnavailable, "%s.", reason != NULL ? reason : library);
    }
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(handle, names[i]);
        if (function == NULL) {
            dlclose(handle);
            return flow_cuda_fail(
                failure, FlowFailureKindUnavailable, "%s has no function %s; CUDA 12 or later is needed.", library,
                names[i]);
        }
        memcpy((char *)functions + i * sizeof(void *), &function, sizeof(void *));
    }
    return true;
}

/* MARK: With the lock held */

static bool load_driver(FlowFailure *failure) {
    if (has_driver) return true;
    FlowCUDADriver driver;
    FlowFailure cause;
    if (!open_library("libcuda.so.1", driver_names, driver_name_count, &driver, &cause)) {
        return flow_cuda_fail(
            failure, cause.kind, "the CUDA driver cannot be used (%.250s); install NVIDIA's driver, 525 or later.",
            cause.sentence);
    }
    if (!flow_cuda_succeeded(&driver, driver.initialize(0), "to start", failure)) return false;
    cuda.driver = driver;
    has_driver = true;
    return true;
}

static bool load_nvrtc(const char *library, FlowFailure *failure) {
    if (has_nvrtc) return true;
    FlowNVRTC nvrtc;
    if (!open_library(library, nvrtc_names, nvrtc_name_count, &nvrtc, failure)) return false;
    int major = 0, minor = 0, driver_version = 0;
    if (nvrtc.version(&major, &minor) != 0) {
        return flow_cuda_fail(failure, FlowFailureKindUnavailable, "%s does not tell its version.", library);
    }
    FlowFailure no_driver;
    if (load_driver(&no_driver) && cuda.driver.driver_version(&driver_version) == 0 && major > driver_version / 1000) {
        return flow_cuda_fail(
            failure, FlowFailureKindUnavailable, "%s is of CUDA %d, but the driver is of CUDA %d.", library, major,
            driver_version / 1000);
    }
    cuda.nvrtc = nvrtc;
    has_nvrtc = true;
    return true;
}

static bool is_loaded(FlowFailure *failure) {
    if (!load_driver(failure)) return false;
    return has_nvrtc || flow_cuda_fail(failure, FlowFailureKindUnavailable, "needs NVRTC, and none is loaded.");
}

/* MARK: Entrances */

bool flow_load_nvrtc(const char *library, FlowFailure *failure) {
    pthread_mutex_lock(&lock);
    bool loaded = load_nvrtc(library, failure);
    pthread_mutex_unlock(&lock);
    return loaded;
}

const FlowNVRTC *flow_nvrtc(void) {
    pthread_mutex_lock(&lock);
    const FlowNVRTC *nvrtc = has_nvrtc ? &cuda.nvrtc : NULL;
    pthread_mutex_unlock(&lock);
    return nvrtc;
}

FlowCUDA *flow_cuda(FlowFailure *failure) {
    pthread_mutex_lock(&lock);
    bool loaded = is_loaded(failure);
    pthread_mutex_unlock(&lock);
    return loaded ? &cuda : NULL;
}

/* MARK: Devices */

enum { MaximumArchitectures = 64 };

static bool compiles_for(const FlowCUDA *cuda, int ordinal, FlowFailure *failure) {
    const FlowCUDADriver *driver = &cuda->driver;
    int device = 0, major = 0, minor = 0, count = 0, architectures[MaximumArchitectures];
    int status = driver->device(&device, ordinal);
    if (status == 0) status = driver->device_attribute(&major, FlowCUDAComputeCapabilityMajor, device);
    if (status == 0) status = driver->device_attribute(&minor, FlowCUDAComputeCapabilityMinor, device);
    if (!flow_cuda_succeeded(driver, status, "to describe a device", failure)) return false;
    if (cuda->nvrtc.architecture_count(&count) == 0 && count <= MaximumArchitectures &&
        cuda->nvrtc.architectures(architectures) == 0) {
        for (int i = 0; i < count; i++) {
            if (architectures[i] == 10 * major + minor) return true;
        }
    }
    return flow_cuda_fail(
        failure, FlowFailureKindUnavailable,
        "this NVRTC does not compile for device %d, of compute capability %d.%d; install another version.", ordinal,
        major, minor);
}

bool flow_cuda_is_ready(FlowFailure *failure) {
    const FlowCUDA *cuda = flow_cuda(failure);
    if (cuda == NULL) return false;
    int count = 0;
    if (!flow_cuda_succeeded(&cuda->driver, cuda->driver.device_count(&count), "to count devices", failure)) {
        return false;
    }
    for (int ordinal = 0; ordinal < count; ordinal++) {
        if (!compiles_for(cuda, ordinal, failure)) return false;
    }
    return true;
}
