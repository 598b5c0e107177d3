/* The kernels' table and their XLA FFI entrances. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* MARK: One call */

typedef struct Turn {
    const FlowKernel *kernel;
    const FlowCall *call;
    FlowFailure *failure;
    bool succeeded;
} Turn;

static void take_turn(void *context) {
    Turn *turn = context;
    int64_t start = flow_nanoseconds();
    turn->succeeded = turn->kernel->run(turn->call, turn->failure);
    flow_note_time(turn->kernel->index, flow_nanoseconds() - start);
}

static bool run(const FlowKernel *kernel, const FlowCall *call, FlowFailure *failure) {
    Turn turn = {kernel, call, failure, false};
    flow_own(take_turn, &turn);
    return turn.succeeded;
}

/* MARK: XLA */

enum { MaximumAttributes = 16, InlineTensors = 24 };

static bool convert(void *const *values, int64_t count, FlowTensor *tensors) {
    for (int64_t i = 0; i < count; i++) {
        const XLAFFIBuffer *buffer = values[i];
        if (buffer == NULL || buffer->type != XLAFFIDataTypeFloat32) return false;
        tensors[i] = (FlowTensor){buffer->data, buffer->rank, buffer->dimensions};
    }
    return true;
}

static int64_t convert_attributes(const XLAFFIAttributes *from, FlowAttribute *to) {
    int64_t count = 0;
    for (int64_t i = 0; i < from->count && count < MaximumAttributes; i++) {
        if (from->kinds[i] != XLAFFIAttributeKindScalar) continue;
        const XLAFFIScalar *scalar = from->values[i];
        FlowAttribute *attribute = &to[count];
        attribute->name = from->names[i]->bytes;
        attribute->name_count = from->names[i]->count;
        if (scalar->type == XLAFFIDataTypeInt64) {
            attribute->integer = *(const int64_t *)scalar->value;
            attribute->real = (double)attribute->integer;
        } else if (scalar->type == XLAFFIDataTypeInt32) {
            attribute->integer = *(const int32_t *)scalar->value;
            attribute->real = (double)attribute->integer;
        } else if (scalar->type == XLAFFIDataTypeFloat32 || scalar->type == XLAFFIDataTypeFloat64) {
            attribute->real = scalar->type == XLAFFIDataTypeFloat32 ? *(const float *)scalar->value
                                                                    : *(const double *)scalar->value;
            attribute->integer = attribute->real > -1e15 && attribute->real < 1e15 ? (int64_t)attribute->real : 0;
        } else {
            continue;
        }
        count++;
    }
    return count;
}

static XLAFFIError *report(XLAFFICallFrame *frame, const FlowFailure *failure) {
    XLAFFIErrorCode code = failure->kind == FlowFailureKindInvalidArgument ? XLAFFIErrorCodeInvalidArgument
                           : failure->kind == FlowFailureKindUnavailable   ? XLAFFIErrorCodeFailedPrecondition
                                                                           : XLAFFIErrorCodeInternal;
    return xla_ffi_error(frame, code, failure->sentence);
}

static XLAFFIError *handle(XLAFFICallFrame *frame, const FlowKernel *kernel) {
    if (xla_ffi_answer_metadata(frame) || frame->stage != XLAFFIStageExecute) return NULL;
    FlowTensor few[InlineTensors];
    int64_t count = frame->arguments.count + frame->results.count;
    FlowTensor *tensors = count <= InlineTensors ? few : malloc((size_t)count * sizeof(FlowTensor));
    FlowAttribute attributes[MaximumAttributes];
    FlowCall call = {.name = kernel->name};
    FlowFailure failure = {FlowFailureKindNone, ""};
    bool succeeded;
    if (tensors == NULL) {
        succeeded = flow_fail(&call, &failure, FlowFailureKindInternal, "out of memory.");
    } else if (
        !convert(frame->arguments.values, frame->arguments.count, tensors) ||
        !convert(frame->results.values, frame->results.count, tensors + frame->arguments.count)) {
        succeeded = flow_fail(&call, &failure, FlowFailureKindInvalidArgument, "every tensor must be float32.");
    } else {
        call.operands = tensors;
        call.operand_count = frame->arguments.count;
        call.results = tensors + frame->arguments.count;
        call.result_count = frame->results.count;
        call.attributes = attributes;
        call.attribute_count = convert_attributes(&frame->attributes, attributes);
        succeeded = run(kernel, &call, &failure);
    }
    if (tensors != few) free(tensors);
    return succeeded ? NULL : report(frame, &failure);
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
    static XLAFFIError *handle_##function(XLAFFICallFrame *frame) { return handle(frame, &kernels[FlowKernelIndex_##function]); }
#include "kernel_list.h"
#undef FLOW_KERNEL

const FlowKernel *flow_kernels(int64_t *count) {
    *count = FlowKernelCount;
    return kernels;
}

bool flow_call(const FlowCall *call, FlowFailure *failure) {
    *failure = (FlowFailure){FlowFailureKindNone, ""};
    for (int64_t i = 0; i < FlowKernelCount; i++) {
        if (strcmp(kernels[i].name, call->name) == 0) return run(&kernels[i], call, failure);
    }
    return flow_fail(call, failure, FlowFailureKindInvalidArgument, "there is no kernel of this name.");
}
