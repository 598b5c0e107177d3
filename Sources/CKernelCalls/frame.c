/* From an XLA call frame to a FlowCall, and from a failure to XLA's error. */
#include <stdlib.h>

#include "CKernelCalls.h"

enum { MaximumAttributes = 16, InlineTensors = 24 };

static bool convert(void *const *values, int64_t count, FlowTensor *tensors) {
    for (int64_t i = 0; i < count; i++) {
        const XLAFFIBuffer *buffer = values[i];
        if (buffer == NULL) return false;
        const bool rounded = buffer->type == XLAFFIDataTypeBFloat16;
        if (!rounded && buffer->type != XLAFFIDataTypeFloat32) return false;
        tensors[i] = (FlowTensor){buffer->data, buffer->rank, buffer->dimensions, rounded};
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

XLAFFIError *flow_handle(XLAFFICallFrame *frame, const char *name, FlowRun run, const void *context) {
    if (xla_ffi_answer_metadata(frame) || frame->stage != XLAFFIStageExecute) return NULL;
    FlowTensor few[InlineTensors];
    int64_t count = frame->arguments.count + frame->results.count;
    FlowTensor *tensors = count <= InlineTensors ? few : malloc((size_t)count * sizeof(FlowTensor));
    FlowAttribute attributes[MaximumAttributes];
    FlowCall call = {.name = name};
    FlowFailure failure = {FlowFailureKindNone, ""};
    bool succeeded;
    if (tensors == NULL) {
        succeeded = flow_fail(&call, &failure, FlowFailureKindInternal, "out of memory.");
    } else if (
        !convert(frame->arguments.values, frame->arguments.count, tensors) ||
        !convert(frame->results.values, frame->results.count, tensors + frame->arguments.count)) {
        succeeded = flow_fail(&call, &failure, FlowFailureKindInvalidArgument, "every tensor must be float32 or bfloat16.");
    } else {
        call.operands = tensors;
        call.operand_count = frame->arguments.count;
        call.results = tensors + frame->arguments.count;
        call.result_count = frame->results.count;
        call.attributes = attributes;
        call.attribute_count = convert_attributes(&frame->attributes, attributes);
        succeeded = run(context, &call, &failure);
    }
    if (tensors != few) free(tensors);
    return succeeded ? NULL : report(frame, &failure);
}
