/* The kernels compiled for one number of states. */
#ifndef CUDAEMULATOR_KERNELS_H
#define CUDAEMULATOR_KERNELS_H

#include "device.h"

/* A kernel with its arguments taken from a launch's list. */
typedef void (*EmulatedKernel)(void **arguments);

struct EmulatedModule {
    int states;
    int spans; /* the most that the gradient takes */
    EmulatedKernel forward, backward, add_parts;
};

extern const EmulatedModule emulated_modules[];
extern const int emulated_module_count;

#endif
