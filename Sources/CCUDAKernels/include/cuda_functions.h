/* The functions of the CUDA driver and of NVRTC that this library calls, declared by ourselves. Both return 0 when they
   succeed. Handles are opaque pointers. */
#ifndef FLOW_CUDA_FUNCTIONS_H
#define FLOW_CUDA_FUNCTIONS_H

#include <stddef.h>

/* Attributes of a device. */
enum { FlowCUDAComputeCapabilityMajor = 75, FlowCUDAComputeCapabilityMinor = 76 };

/* libcuda.so.1 of CUDA 12 or later; the names are in cuda_libraries.c, in this order. */
typedef struct FlowCUDADriver {
    int (*initialize)(unsigned flags);
    int (*driver_version)(int *version); /* 1000 major + 10 minor */
    int (*error_text)(int status, const char **text);
    int (*device_count)(int *count);
    int (*device)(int *device, int ordinal);
    int (*device_attribute)(int *value, int attribute, int device);
    int (*stream_context)(void *stream, void **context);
    int (*context_identifier)(void *context, unsigned long long *identifier); /* never used twice in a process */
    int (*push_context)(void *context);
    int (*pop_context)(void **context);
    int (*context_device)(int *device); /* of the current context */
    int (*load_module)(void **module, const void *binary);
    int (*module_function)(void **function, void *module, const char *name);
    int (*launch)(
        void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
        unsigned block_z, unsigned shared_bytes, void *stream, void **arguments, void **extra);
} FlowCUDADriver;

/* libnvrtc.so.12 or later; the names are in cuda_libraries.c, in this order. */
typedef struct FlowNVRTC {
    int (*version)(int *major, int *minor);
    const char *(*error_text)(int status);
    int (*architecture_count)(int *count);
    int (*architectures)(int *architectures); /* 10 major + minor of each compute capability */
    int (*create_program)(
        void **program, const char *source, const char *name, int header_count, const char *const *headers,
        const char *const *header_names);
    int (*compile_program)(void *program, int option_count, const char *const *options);
    int (*destroy_program)(void **program);
    int (*log_size)(void *program, size_t *size); /* with the final zero */
    int (*log)(void *program, char *text);
    int (*binary_size)(void *program, size_t *size);
    int (*binary)(void *program, char *binary);
} FlowNVRTC;

#endif
