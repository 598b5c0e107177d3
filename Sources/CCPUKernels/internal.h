/* What the kernels of this library share: the team of threads, scratch memory, vector loops. */
#ifndef FLOW_INTERNAL_H
#define FLOW_INTERNAL_H

#include "CCPUKernels.h"
#include "vector_kernels.h"

/* Places in the table of kernels. */
enum {
#define FLOW_KERNEL(function, target, onednn) FlowKernelIndex_##function,
#include "kernel_list.h"
#undef FLOW_KERNEL
    FlowKernelCount
};

/* A monotonic clock, and the record of a kernel's run by its place in the table. */
int64_t flow_nanoseconds(void);
void flow_note_time(int64_t kernel, int64_t duration);

/* Runs `work` on the thread that owns all kernels and waits for it. */
void flow_own(void (*work)(void *), void *context);

/* Runs body(context, item, worker) for every item below `count` on the team; to be called by the owner only.
   Items are handed out as workers become free, so what an item computes must not depend on its worker. */
typedef void (*FlowBody)(void *context, int64_t item, int worker);
void flow_for(int64_t count, FlowBody body, void *context);

/* Cores that this process may use: those of its affinity mask, and no more than its control groups' quota of processor
   time, rounded down; at least 1. */
int flow_available_cores(void);

/* Memory kept from call to call, 64-byte aligned, for the owner's current kernel; null when the system has none left.
   Slot numbers name independent blocks. */
enum { FlowScratchSlots = 8 };
void *flow_scratch(int slot, int64_t bytes);

/* The vector loops for the chosen instruction set. */
const FlowVectorKernels *flow_vector(void);

static inline FlowNumbers flow_numbers(const FlowTensor *tensor) {
    return (FlowNumbers){tensor->data, tensor->rounded};
}

/* Whether any tensor of the call is of bfloat16. */
bool flow_has_rounded(const FlowCall *call);

/* The pieces of matrix products for it: those of bfloat16 where the set multiplies such numbers and either the call's attribute
   `bfloat16` allows that or a tensor is of bfloat16 already, else those of floats. */
const FlowProductKernels *flow_products(const FlowCall *call);

#endif
