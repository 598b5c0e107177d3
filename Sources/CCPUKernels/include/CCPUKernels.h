/* Native kernels of the hot operations on a CPU, each callable directly and as an XLA FFI custom call.

   Kernels run one at a time, on one team of threads owned by this library. */
#ifndef CCPUKERNELS_H
#define CCPUKERNELS_H

#include "CKernelCalls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel in the table: its custom-call target name and its two entrances. */
typedef struct FlowKernel {
    const char *name;
    bool (*run)(const FlowCall *call, FlowFailure *failure); /* on the owner thread only: use flow_call */
    XLAFFIHandler handler;
    bool needs_onednn;
    int64_t index; /* in the table */
} FlowKernel;

/* The table of all kernels, in a fixed order. */
const FlowKernel *flow_kernels(int64_t *count);

/* Runs the kernel named by `call->name` and waits for it. Returns false and fills `failure` when it cannot. */
bool flow_call(const FlowCall *call, FlowFailure *failure);

/* Whether the kernel of this name takes a call with such shapes and attributes; the tensors' data are not looked at. */
bool flow_takes(const FlowCall *call);

/* What a kernel has done in this process, on the owner thread: waiting for a turn is not counted. */
typedef struct FlowKernelTime {
    int64_t calls;
    double seconds;
} FlowKernelTime;

/* Of the kernel at this place of the table. */
FlowKernelTime flow_kernel_time(int64_t kernel);

/* Instruction sets the kernels are compiled for, from the least to the most capable, and one that is never chosen by itself. */
typedef enum FlowInstructionSet {
    FlowInstructionSetBaseline = 0,
    FlowInstructionSetAVX2 = 1,
    FlowInstructionSetAVX512 = 2,
    FlowInstructionSetAVX512BFloat16 = 3, /* multiplies bfloat16 as well */
    FlowInstructionSetEmulated = 4,       /* the baseline, and what the one above does with bfloat16 in its instructions */
} FlowInstructionSet;

bool flow_supports(FlowInstructionSet set);
/* Whether products that may be of bfloat16 are, where this set is chosen. */
bool flow_multiplies_bfloat16(FlowInstructionSet set);
FlowInstructionSet flow_instruction_set(void);
/* Chooses the instruction set of this library's own loops; false when the machine lacks it. */
bool flow_set_instruction_set(FlowInstructionSet set);

/* Whole cores that the quotas of control groups allow, 0 for no quota: `groups` lists the groups as /proc/self/cgroup
   does, `root` is where they are mounted. */
int flow_quota_cores(const char *groups, const char *root);

/* Threads in the team: at first the cores this process may run on, within its groups' quota. */
int flow_thread_count(void);
void flow_set_thread_count(int count);

/* Loads oneDNN 3 (OpenMP runtime) from the shared library at `path`, once per process. */
bool flow_load_onednn(const char *path, FlowFailure *failure);
/* Version of the oneDNN loaded; false when none is. */
bool flow_onednn_version(int *major, int *minor, int *patch);

#ifdef __cplusplus
}
#endif
#endif
