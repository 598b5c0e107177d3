/* Runs the CUDA kernels' own source on the host, behind the functions of the driver, of NVRTC and of XLA that the
   handlers call.

   A device address is a host address. A block's threads are fibers that take turns; the order of the turns can be
   changed, so that a missing barrier shows as a changed result. Not for use by several threads at once. */
#ifndef CUDAEMULATOR_H
#define CUDAEMULATOR_H

#include "CCUDAKernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The order in which a block's threads run from one barrier to the next. */
typedef enum EmulatorOrder {
    EmulatorOrderAscending = 0,
    EmulatorOrderDescending,
    EmulatorOrderShuffled, /* anew after every barrier */
} EmulatorOrder;

/* A call that fails once, in place of succeeding. */
typedef enum EmulatorFault {
    EmulatorFaultNone = 0,
    EmulatorFaultStream,
    EmulatorFaultContext,
    EmulatorFaultCompile,
    EmulatorFaultLoad,
    EmulatorFaultMemory,
    EmulatorFaultLaunch,
} EmulatorFault;

/* What has happened since the last reset. */
typedef struct EmulatorRecord {
    int launches;
    int compilations;
    int contexts;       /* pushed and not popped */
    int allocations;    /* made and not freed */
    void *stream;       /* of the last launch */
    bool diverged;      /* threads of a block came to different barriers */
    char options[1024]; /* of the last compilation, with spaces between */
} EmulatorRecord;

/* The driver and NVRTC, for one device of compute capability 9.0. Kernels exist for 1, 5, 16, 20 and 40 states. */
FlowCUDA emulator_cuda(void);
/* What XLA offers to a handler. An error is its message, allocated with malloc. */
const XLAFFIFunctions *emulator_xla(void);
/* The stream that XLA gives to handlers. */
void *emulator_stream(void);

void emulator_reset(EmulatorOrder order, EmulatorFault fault);
EmulatorRecord emulator_record(void);

#ifdef __cplusplus
}
#endif
#endif
