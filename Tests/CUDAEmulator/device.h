/* CUDA C for the host: what the kernels use of the language, and the block that runs. */
#ifndef CUDAEMULATOR_DEVICE_H
#define CUDAEMULATOR_DEVICE_H

#include <math.h>
#include <stddef.h>

#include "CUDAEmulator.h"

struct Index {
    unsigned x;
};

extern Index threadIdx, blockIdx;

void emulator_synchronize();
float emulator_exchange(float value, int mask);

#define __device__
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
/* Shared memory lies in a section of its own, which is filled with NaN before a block starts. */
#define __shared__ static __attribute__((section("cuda_shared")))
#define __syncthreads emulator_synchronize
#define __shfl_xor_sync(lanes, value, mask) emulator_exchange(value, mask)

static inline int min(int a, int b) { return a < b ? a : b; }

/* A kernel that takes its arguments from a launch's list. */
typedef void (*EmulatedKernel)(void **arguments);

/* The kernels compiled for one number of states, and for sequences of at most `spans` spans. */
struct EmulatedModule {
    int states, spans;
    EmulatedKernel forward, backward, add_parts;
};

enum { EmulatedModuleCount = 5 };
extern const EmulatedModule emulated_modules[EmulatedModuleCount];

/* Runs a kernel's blocks one after the other; false when threads of a block came to different barriers. */
bool emulator_run(EmulatedKernel kernel, unsigned blocks, unsigned threads, void **arguments, EmulatorOrder order);

#endif
