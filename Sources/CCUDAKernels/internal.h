/* What the files of this library share. */
#ifndef FLOW_CUDA_INTERNAL_H
#define FLOW_CUDA_INTERNAL_H

#include "CCUDAKernels.h"

/* Fills `failure` with a sentence; returns false. */
bool flow_cuda_fail(FlowFailure *failure, FlowFailureKind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Whether the driver succeeded; else fills `failure` with what it refused and why. */
bool flow_cuda_succeeded(const FlowCUDADriver *driver, int status, const char *what, FlowFailure *failure);

/* The process's libraries, or null with a sentence while one of them is missing. */
FlowCUDA *flow_cuda(FlowFailure *failure);

/* The compiled scan; `backward` and `add` are null without spans. */
typedef struct FlowScanFunctions {
    void *forward;
    void *backward;
    void *add_parts;
} FlowScanFunctions;

/* The scan for the current context, compiled at its first use. `context` identifies the current context. */
bool flow_scan_functions(
    FlowCUDA *cuda, unsigned long long context, int64_t states, int64_t spans, FlowScanFunctions *functions,
    FlowFailure *failure);

#endif
