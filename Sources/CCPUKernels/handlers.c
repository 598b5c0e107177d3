/* The kernels' table and their XLA FFI entrances. */
#include <string.h>

#include "internal.h"

/* MARK: One call */

/* Tensors of bfloat16 are for processors that multiply them: others would gain nothing by them. */
static bool fits_processor(const FlowCall *call, FlowFailure *failure) {
    return flow_multiplies_bfloat16(flow_instruction_set()) || !flow_has_rounded(call) ||
           flow_fail(
               call, failure, FlowFailureKindInvalidArgument,
               "a tensor is of bfloat16, which this processor does not multiply: pass float32.");
}

typedef struct Turn {
    const FlowKernel *kernel;
    const FlowCall *call;
    FlowFailure *failure;
    bool succeeded;
} Turn;

static void take_turn(void *context) {
    Turn *turn = context;
    int64_t start = flow_nanoseconds();
    turn->succeeded = fits_processor(turn->call, turn->failure) && turn->kernel->run(turn->call, turn->failure);
    flow_note_time(turn->kernel->index, flow_nanoseconds() - start);
}

static bool run(const void *kernel, const FlowCall *call, FlowFailure *failure) {
    Turn turn = {kernel, call, failure, false};
    flow_own(take_turn, &turn);
    return turn.succeeded;
}

/* MARK: Table */

#define FLOW_KERNEL(function, target, onednn) \
    bool flow_run_##function(const FlowCall *, FlowFailure *); \
    static XLAFFIError *handle_##function(XLAFFICallFrame *);
#include "kernel_list.h"
#undef FLOW_KERNEL

static const FlowKernel kernels[] = {
#define FLOW_KERNEL(function, target, onednn) \
    {target, flow_run_##function, handle_##function, onednn, FlowKernelIndex_##function},
#include "kernel_list.h"
#undef FLOW_KERNEL
};

#define FLOW_KERNEL(function, target, onednn) \
    static XLAFFIError *handle_##function(XLAFFICallFrame *frame) { \
        return flow_handle(frame, target, run, &kernels[FlowKernelIndex_##function]); \
    }
#include "kernel_list.h"
#undef FLOW_KERNEL

const FlowKernel *flow_kernels(int64_t *count) {
    *count = FlowKernelCount;
    return kernels;
}

static const FlowKernel *kernel_named(const char *name) {
    for (int64_t i = 0; i < FlowKernelCount; i++) {
        if (strcmp(kernels[i].name, name) == 0) return &kernels[i];
    }
    return NULL;
}

bool flow_call(const FlowCall *call, FlowFailure *failure) {
    *failure = (FlowFailure){FlowFailureKindNone, ""};
    const FlowKernel *kernel = kernel_named(call->name);
    if (kernel != NULL) return run(kernel, call, failure);
    return flow_fail(call, failure, FlowFailureKindInvalidArgument, "there is no kernel of this name.");
}

bool flow_takes(const FlowCall *call) {
    const FlowKernel *kernel = kernel_named(call->name);
    FlowCall question = *call;
    question.asks = true;
    FlowFailure refusal;
    return kernel != NULL && fits_processor(&question, &refusal) && kernel->run(&question, &refusal);
}
