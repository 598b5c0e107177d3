/* The selective scan on NVIDIA GPUs, behind XLA FFI custom calls.

   Nothing of CUDA is needed to build: the driver and NVRTC, NVIDIA's compiler of kernels, are loaded at run time, and
   the kernels travel as source text. */
#ifndef CCUDAKERNELS_H
#define CCUDAKERNELS_H

#include "CKernelCalls.h"
#include "cuda_functions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a handler works with: the functions of both libraries, and the kernels compiled so far. */
typedef struct FlowCUDA {
    FlowCUDADriver driver;
    FlowNVRTC nvrtc;
    struct FlowScanProgram *programs; /* guarded by a lock of this library; null at first */
} FlowCUDA;

/* Loads NVRTC from `library`, a path or a name that the dynamic loader knows, once per process. Refuses one whose major
   version is above the driver's, whose kernels the driver could not load, where there is a driver. */
bool flow_load_nvrtc(const char *library, FlowFailure *failure);
/* The NVRTC loaded, for the rest of the process; null when none is. */
const FlowNVRTC *flow_nvrtc(void);
/* Whether kernels can run: the driver and NVRTC are there, and NVRTC compiles for every device of this machine. */
bool flow_cuda_is_ready(FlowFailure *failure);

/* A kernel in the table. The handler may be called by several threads at once; it returns when the work is queued on
   XLA's stream. */
typedef struct FlowCUDAKernel {
    const char *name;
    XLAFFIHandler handler;
} FlowCUDAKernel;

const FlowCUDAKernel *flow_cuda_kernels(int64_t *count);

/* Whether the kernel of this name takes a call with such shapes; the tensors' data are not looked at. */
bool flow_cuda_takes(const FlowCall *call);

/* The handlers' work, on the libraries given; null takes the process's own. */
XLAFFIError *flow_cuda_selective_scan(FlowCUDA *cuda, XLAFFICallFrame *frame);
XLAFFIError *flow_cuda_selective_scan_backward(FlowCUDA *cuda, XLAFFICallFrame *frame);

/* How many spans the gradient cuts a sequence into. */
int64_t flow_scan_spans(int64_t length);

/* Compiles the scan for an architecture such as "sm_90" and a number of states; with `spans` positive, its gradient for
   sequences of so many spans. The caller frees `*binary`. */
bool flow_compile_scan(
    const FlowNVRTC *nvrtc, const char *architecture, int64_t states, int64_t spans, void **binary,
    size_t *binary_size, FlowFailure *failure);

#ifdef __cplusplus
}
#endif
#endif
