/* flow.selective_scan and its gradient: from an XLA call frame to launches on XLA's stream. */
#include <string.h>

#include "internal.h"
#include "scan_geometry.h"

enum { MaximumElements = 1 << 30 };

/* What a launch needs besides its arguments. */
typedef struct Queue {
    const FlowCUDADriver *driver;
    XLAFFICallFrame *frame;
    void *stream;
    FlowScanFunctions functions;
} Queue;

typedef struct Scan {
    const FlowCall *call;
    int64_t batch, length, channels, states;
    int64_t tiles; /* blocks along the channels */
} Scan;

/* Whether XLA succeeded; else destroys its error after copying its message. */
static bool xla_succeeded(const XLAFFICallFrame *frame, XLAFFIError *error, const char *what, FlowFailure *failure) {
    if (error == NULL) return true;
    XLAFFIErrorMessageArgs message = {sizeof message, NULL, error, ""};
    frame->functions->error_message(&message);
    flow_cuda_fail(failure, FlowFailureKindInternal, "XLA gave no %s (%s).", what, message.message);
    XLAFFIErrorDestroyArgs destruction = {sizeof destruction, NULL, error};
    frame->functions->error_destroy(&destruction);
    return false;
}

static bool launch(
    const Queue *queue, void *function, int64_t blocks, int threads, void **arguments, FlowFailure *failure) {
    int status = queue->driver->launch(
        function, (unsigned)blocks, 1, 1, (unsigned)threads, 1, 1, 0, queue->stream, arguments, NULL);
    return flow_cuda_succeeded(queue->driver, status, "a launch of the selective scan", failure);
}

/* MARK: Forward */

static bool queue_forward(const Queue *queue, const Scan *scan, FlowFailure *failure) {
    const FlowTensor *in = scan->call->operands;
    float *x = in[0].data, *step = in[1].data, *decay = in[2].data, *input = in[3].data, *output = in[4].data;
    float *skip = in[5].data, *y = scan->call->results[0].data;
    int length = (int)scan->length, channels = (int)scan->channels;
    void *arguments[] = {&x, &step, &decay, &input, &output, &skip, &y, &length, &channels};
    return launch(queue, queue->functions.forward, scan->batch * scan->tiles, FlowScanThreads, arguments, failure);
}

/* MARK: Gradient */

static bool queue_backward_on(const Queue *queue, const Scan *scan, float *memory, FlowFailure *failure) {
    const FlowTensor *in = scan->call->operands, *out = scan->call->results;
    float *g = in[0].data, *x = in[1].data, *step = in[2].data, *decay = in[3].data, *input = in[4].data;
    float *output = in[5].data, *skip = in[6].data, *dx = out[0].data, *dstep = out[1].data;
    float *ddecay = out[2].data, *dinput = out[3].data, *doutput = out[4].data, *dskip = out[5].data;
    int64_t rows = scan->batch * scan->length * scan->states;
    float *input_parts = memory, *output_parts = input_parts + rows * scan->tiles;
    float *decay_parts = output_parts + rows * scan->tiles;
    float *skip_parts = decay_parts + scan->batch * scan->states * scan->channels;
    int batch = (int)scan->batch, tiles = (int)scan->tiles, length = (int)scan->length, channels = (int)scan->channels;
    void *backward[] = {&g,  &x,     &step,        &decay,        &input,       &output,     &skip,
                        &dx, &dstep, &input_parts, &output_parts, &decay_parts, &skip_parts, &length, &channels};
    int64_t blocks = scan->batch * scan->tiles;
    if (!launch(queue, queue->functions.backward, blocks, FlowScanThreads, backward, failure)) return false;
    const int64_t sums[] = {rows, rows, scan->channels * scan->states, scan->channels};
    void *add_parts[] = {&input_parts, &output_parts, &decay_parts, &skip_parts, &dinput, &doutput,
                         &ddecay,      &dskip,        &batch,       &tiles,      &length, &channels};
    int64_t add_blocks = 0;
    for (int i = 0; i < 4; i++) add_blocks += (sums[i] + FlowPartsLanes - 1) / FlowPartsLanes;
    return launch(
        queue, queue->functions.add_parts, add_blocks, FlowPartsLanes * FlowPartsSlices, add_parts, failure);
}

/* The parts' memory is given back as soon as the work is queued: XLA hands it only to work queued later. */
static bool queue_backward(const Queue *queue, const Scan *scan, FlowFailure *failure) {
    XLAFFICallFrame *frame = queue->frame;
    int64_t rows = 2 * scan->batch * scan->tiles * scan->length * scan->states;
    size_t size = (size_t)(rows + scan->batch * scan->channels * (scan->states + 1)) * sizeof(float);
    XLAFFIMemoryAllocateArgs allocation = {sizeof allocation, NULL, frame->context, size, 16, NULL};
    if (!xla_succeeded(frame, frame->functions->device_memory_allocate(&allocation), "memory", failure)) return false;
    bool queued = queue_backward_on(queue, scan, allocation.data, failure);
    XLAFFIMemoryFreeArgs release = {sizeof release, NULL, frame->context, size, allocation.data};
    FlowFailure not_released;
    bool released = xla_succeeded(
        frame, frame->functions->device_memory_free(&release), "way to free memory", queued ? failure : &not_released);
    return queued && released;
}

/* MARK: One call */

typedef struct ScanKind {
    const char *name;
    const char *pattern;
    bool is_gradient;
} ScanKind;

static const ScanKind forward_kind = {"flow.selective_scan", "BLD BLD DN BLN BLN D -> BLD", false};
static const ScanKind backward_kind = {
    "flow.selective_scan_backward", "BLD BLD BLD DN BLN BLN D -> BLD BLD DN BLN BLN D", true};

typedef struct Context {
    FlowCUDA *cuda;
    XLAFFICallFrame *frame;
    const ScanKind *kind;
} Context;

int64_t flow_scan_spans(int64_t length) { return (length + FlowScanSpan - 1) / FlowScanSpan; }

static int64_t spans(const Context *context, const Scan *scan) {
    return context->kind->is_gradient ? flow_scan_spans(scan->length) : 0;
}

static bool measure(const Context *context, const FlowCall *call, Scan *scan, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, context->kind->pattern, sizes, failure)) return false;
    *scan = (Scan){
        .call = call, .batch = sizes['B'], .length = sizes['L'], .channels = sizes['D'], .states = sizes['N'],
        .tiles = (sizes['D'] + FlowScanThreads - 1) / FlowScanThreads};
    if (scan->states > FlowScanMaximumStates) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument, "the state size is %lld; at most %d is supported.",
            (long long)scan->states, FlowScanMaximumStates);
    }
    if (spans(context, scan) * scan->states > FlowScanMaximumKept) {
        return flow_fail(
            call, failure, FlowFailureKindInvalidArgument,
            "the sequence has %lld positions; with %lld states the gradient supports at most %lld.",
            (long long)scan->length, (long long)scan->states,
            (long long)(FlowScanMaximumKept / scan->states * FlowScanSpan));
    }
    /* The kernels number the elements of a sum, and blocks, with 32 bits. */
    double widest = (double)(scan->states > scan->channels ? scan->states : scan->channels);
    double largest = (double)scan->batch * (double)scan->length * widest;
    if (largest > MaximumElements || (double)scan->channels * (double)scan->states > MaximumElements) {
        return flow_fail(call, failure, FlowFailureKindInvalidArgument, "a tensor has more than 2^30 elements.");
    }
    return true;
}

/* With the stream's context current. */
static bool queue_in_context(
    FlowCUDA *cuda, void *cuda_context, const Context *context, const Scan *scan, Queue *queue, FlowFailure *failure) {
    unsigned long long identifier = 0;
    int status = cuda->driver.context_identifier(cuda_context, &identifier);
    if (!flow_cuda_succeeded(&cuda->driver, status, "to identify a context", failure)) return false;
    if (!flow_scan_functions(cuda, identifier, scan->states, spans(context, scan), &queue->functions, failure)) {
        return false;
    }
    return context->kind->is_gradient ? queue_backward(queue, scan, failure) : queue_forward(queue, scan, failure);
}

static bool queue_scan(const Context *context, const Scan *scan, FlowFailure *failure) {
    FlowCUDA *cuda = context->cuda != NULL ? context->cuda : flow_cuda(failure);
    if (cuda == NULL) return false;
    XLAFFICallFrame *frame = context->frame;
    XLAFFIStreamArgs stream = {sizeof stream, NULL, frame->context, NULL};
    if (!xla_succeeded(frame, frame->functions->stream_get(&stream), "stream", failure)) return false;
    const FlowCUDADriver *driver = &cuda->driver;
    void *cuda_context = NULL;
    int status = driver->stream_context(stream.stream, &cuda_context);
    if (!flow_cuda_succeeded(driver, status, "to name a stream's context", failure)) return false;
    if (!flow_cuda_succeeded(driver, driver->push_context(cuda_context), "a context", failure)) return false;
    Queue queue = {.driver = driver, .frame = frame, .stream = stream.stream};
    bool queued = queue_in_context(cuda, cuda_context, context, scan, &queue, failure);
    driver->pop_context(&cuda_context);
    return queued;
}

static bool run(const void *given, const FlowCall *call, FlowFailure *failure) {
    const Context *context = given;
    Scan scan;
    if (!measure(context, call, &scan, failure)) return false;
    if (call->asks) return true;
    FlowFailure cause;
    return queue_scan(context, &scan, &cause) || flow_fail(call, failure, cause.kind, "%s", cause.sentence);
}

static XLAFFIError *handle(FlowCUDA *cuda, XLAFFICallFrame *frame, const ScanKind *kind) {
    Context context = {cuda, frame, kind};
    return flow_handle(frame, kind->name, run, &context);
}

XLAFFIError *flow_cuda_selective_scan(FlowCUDA *cuda, XLAFFICallFrame *frame) {
    return handle(cuda, frame, &forward_kind);
}

XLAFFIError *flow_cuda_selective_scan_backward(FlowCUDA *cuda, XLAFFICallFrame *frame) {
    return handle(cuda, frame, &backward_kind);
}

bool flow_cuda_takes(const FlowCall *call) {
    const ScanKind *const kinds[] = {&forward_kind, &backward_kind};
    FlowCall question = *call;
    question.asks = true;
    FlowFailure refusal;
    for (int i = 0; i < 2; i++) {
        Context context = {NULL, NULL, kinds[i]};
        if (strcmp(kinds[i]->name, call->name) == 0) return run(&context, &question, &refusal);
    }
    return false;
}

/* MARK: Table */

static XLAFFIError *handle_forward(XLAFFICallFrame *frame) { return flow_cuda_selective_scan(NULL, frame); }
static XLAFFIError *handle_backward(XLAFFICallFrame *frame) { return flow_cuda_selective_scan_backward(NULL, frame); }

static const FlowCUDAKernel kernels[] = {
    {"flow.selective_scan", handle_forward},
    {"flow.selective_scan_backward", handle_backward},
};

const FlowCUDAKernel *flow_cuda_kernels(int64_t *count) {
    *count = sizeof kernels / sizeof kernels[0];
    return kernels;
}
