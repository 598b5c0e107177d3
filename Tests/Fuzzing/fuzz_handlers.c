/* The entrance of libFuzzer into the CPU kernels' checks and handlers: any call that bytes can describe is refused, or
   computed within its tensors. Built by `Scripts/fuzz.sh`. */
#include <stdlib.h>
#include <string.h>

#include "CCPUKernels.h"

enum { MaximumTensors = 12, MaximumRank = 5, MaximumElements = 1 << 12 };

typedef struct Input {
    const uint8_t *bytes;
    size_t count;
} Input;

static uint8_t next(Input *input) {
    if (input->count == 0) return 0;
    input->count--;
    return *input->bytes++;
}

/* Mostly small; now and then beyond all bounds. */
static int64_t next_size(Input *input) {
    static const int64_t odd[] = {0, -1, INT64_MAX, INT64_MIN, 1LL << 31, 1LL << 32, 1LL << 62, 65536};
    uint8_t byte = next(input);
    return byte < 240 ? byte % 20 : odd[byte % 8];
}

typedef struct Buffer {
    XLAFFIBuffer buffer;
    int64_t sizes[MaximumRank];
} Buffer;

/* Whether all tensors are small enough to be computed with. */
static bool fill(Buffer *buffers, void **pointers, int count, Input *input) {
    bool small = true;
    for (int i = 0; i < count; i++) {
        int64_t rank = next(input) % (MaximumRank + 1), elements = 1;
        for (int64_t axis = 0; axis < rank; axis++) {
            /* Sizes of earlier tensors come again, for shapes that fit. */
            uint8_t from = next(input);
            int64_t size = i > 0 && from < 200 ? buffers[from % i].sizes[from / 16 % MaximumRank] : next_size(input);
            buffers[i].sizes[axis] = size;
            if (__builtin_mul_overflow(elements, size, &elements)) elements = -1;
            small = small && size > 0 && elements > 0 && elements <= MaximumElements;
        }
        buffers[i].buffer = (XLAFFIBuffer){
            .struct_size = sizeof(XLAFFIBuffer), .type = next(input) < 250 ? XLAFFIDataTypeFloat32 : XLAFFIDataTypeFloat64,
            .rank = rank, .dimensions = buffers[i].sizes};
        buffers[i].buffer.data = small ? malloc((size_t)elements * sizeof(float)) : NULL;
        if (small) {
            float *values = buffers[i].buffer.data;
            for (int64_t at = 0; at < elements; at++) values[at] = (float)(at % 17) * 0.125f - 1.0f;
        }
        pointers[i] = &buffers[i].buffer;
    }
    return small;
}

static XLAFFIError *make_error(XLAFFIErrorCreateArgs *arguments) {
    return (XLAFFIError *)strdup(arguments->message);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    Input input = {bytes, count};
    int64_t kernels;
    const FlowKernel *kernel = flow_kernels(&kernels);
    kernel += next(&input) % kernels;
    static Buffer buffers[MaximumTensors];
    memset(buffers, 0, sizeof buffers);
    void *pointers[MaximumTensors];
    int operands = next(&input) % 9, results = next(&input) % (MaximumTensors - operands);
    bool small = fill(buffers, pointers, operands + results, &input);

    static const char *names[] = {"stride", "padding", "eps", "heads"};
    FlowTensor tensors[MaximumTensors];
    FlowAttribute attributes[4];
    for (int i = 0; i < operands + results; i++) {
        tensors[i] = (FlowTensor){buffers[i].buffer.data, buffers[i].buffer.rank, buffers[i].sizes};
    }
    for (int i = 0; i < 4; i++) {
        int64_t value = next_size(&input);
        attributes[i] = (FlowAttribute){names[i], strlen(names[i]), value, (double)value};
    }
    FlowCall call = {
        .name = kernel->name, .operands = tensors, .operand_count = operands, .results = tensors + operands,
        .result_count = results, .attributes = attributes, .attribute_count = 4};
    bool taken = flow_takes(&call);
    if (small) {
        FlowFailure failure;
        bool computed = flow_call(&call, &failure);
        if (!taken && failure.kind != FlowFailureKindInvalidArgument) abort();
        if (computed && !taken) abort();
        XLAFFIFunctions functions = {.error_create = make_error};
        XLAFFICallFrame frame = {.functions = &functions, .stage = XLAFFIStageExecute};
        frame.arguments.count = operands, frame.arguments.values = pointers;
        frame.results.count = results, frame.results.values = pointers + operands;
        free(kernel->handler(&frame));
    }
    for (int i = 0; i < operands + results; i++) free(buffers[i].buffer.data);
    return 0;
}
