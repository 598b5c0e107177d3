/* Convolution with kernels of 3 x 3 and stride 1, and the gradient of its input, by Winograd's minimal filtering. */
#include "winograd.h"

#include "convolution.h"

/* A block's points and products should take less than half of a core's second-level cache: kernels and what is
   fetched ahead want the rest. */
enum { BlockBytes = 400 * 1024, LongestBlock = 64, KernelChannels = 8 };

typedef struct WinogradRun {
    FlowWinograd shape;
    const FlowProductKernels *kernels;
    int64_t words; /* of the channels */
    FlowNumbers x, y;
    const float *weight, *bias, *residual;
    float *panels, *memory;
    int64_t output_stride, input_stride; /* of the weight */
    bool rotated;
    int64_t tiles, capacity, image_floats, memory_size, kernel_items;
} WinogradRun;

bool flow_is_winograd(const FlowConvolution *c) {
    /* Fewer channels leave vectors empty; half-empty tiles cost what they save. Nothing here looks at the number of
       images: a sample must not depend on its batch. */
    return c->k == 3 && c->l == 3 && c->stride == 1 && c->padding <= 2 && c->i >= 16 && c->o >= 16 &&
           c->p * c->q >= 8 * ((c->p + 3) / 4) * ((c->q + 3) / 4);
}

FlowWinograd flow_winograd_shape(const FlowConvolution *c) {
    return (FlowWinograd){
        .height = c->h, .width = c->w, .channels = c->i, .result_height = c->p, .result_width = c->q,
        .outputs = c->o, .padding = c->padding, .tile_rows = (c->p + 3) / 4, .tile_columns = (c->q + 3) / 4};
}

int64_t flow_winograd_count(int64_t first, int64_t most, int64_t end) {
    int64_t left = end - first;
    return left < 0 ? 0 : left < most ? left : most;
}

static void kernel_item(void *context, int64_t item, int worker) {
    (void)worker;
    const WinogradRun *run = context;
    const FlowWinograd *shape = &run->shape;
    int64_t wide = 2 * flow_vector()->width;
    int64_t panel = item / run->kernel_items, output = panel * wide, first = item % run->kernel_items * KernelChannels;
    int64_t count = shape->channels - first < KernelChannels ? shape->channels - first : KernelChannels;
    int64_t outputs = shape->outputs - output < wide ? shape->outputs - output : wide;
    run->kernels->winograd_kernel(
        run->weight + output * run->output_stride, run->output_stride, run->input_stride, run->rotated, first, count,
        shape->channels, outputs,
        run->panels + panel * FlowWinogradPoints * flow_winograd_panel(run->words, wide));
}

static void block_item(void *context, int64_t item, int worker) {
    const WinogradRun *run = context;
    const FlowWinograd *shape = &run->shape;
    int64_t first = item * run->capacity;
    int64_t count = flow_winograd_count(first, run->capacity, run->tiles);
    /* Where this worker is likely to go on. */
    int64_t later = first + run->capacity * flow_thread_count();
    FlowWinogradFetch next = {
        run->x, shape->height, shape->width, shape->channels, shape->channels, later,
        flow_winograd_count(later, run->capacity, run->tiles)};
    float *image = run->memory + worker * run->memory_size;
    run->kernels->winograd_image(shape, run->x, first, count, run->capacity, image);
    run->kernels->winograd_result(
        shape, image, first, count, run->capacity, run->panels, run->bias, run->residual, image + run->image_floats,
        run->y, &next);
}

/* Tiles in a block: as many as the cache holds, fewer where every thread would not get as many blocks. */
static int64_t block_tiles(const WinogradRun *run, int64_t width) {
    int64_t bytes = FlowWinogradPoints * (int64_t)sizeof(float) * (run->words + 2 * width);
    int64_t most = BlockBytes / bytes;
    most = most > LongestBlock ? LongestBlock : most < FlowWinogradRows ? FlowWinogradRows : most;
    int64_t threads = flow_thread_count(), blocks = (run->tiles + most - 1) / most;
    blocks = (blocks + threads - 1) / threads * threads;
    int64_t even = (run->tiles + blocks - 1) / blocks;
    return (even + FlowWinogradRows - 1) / FlowWinogradRows * FlowWinogradRows;
}

static bool run_blocks(const FlowCall *call, WinogradRun *run, int64_t images, FlowFailure *failure) {
    const int64_t width = flow_vector()->width;
    const FlowWinograd *shape = &run->shape;
    const FlowProductKernels *kernels = run->kernels = flow_products(call);
    run->words = (shape->channels + kernels->steps_in_word - 1) / kernels->steps_in_word;
    run->tiles = images * shape->tile_rows * shape->tile_columns;
    run->capacity = block_tiles(run, width);
    run->image_floats = FlowWinogradPoints * kernels->winograd_plane(run->capacity, run->words);
    run->memory_size = run->image_floats + FlowWinogradPoints * kernels->winograd_plane(run->capacity, 2 * width);
    run->kernel_items = (shape->channels + KernelChannels - 1) / KernelChannels;
    int64_t wide = 2 * width, panels = (shape->outputs + wide - 1) / wide;
    run->panels = flow_scratch(
        0, FlowWinogradPoints * flow_winograd_panel(run->words, wide) * panels * (int64_t)sizeof(float));
    run->memory = flow_scratch(1, run->memory_size * flow_thread_count() * (int64_t)sizeof(float));
    if (run->panels == NULL || run->memory == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    flow_for(panels * run->kernel_items, kernel_item, run);
    flow_for((run->tiles + run->capacity - 1) / run->capacity, block_item, run);
    return true;
}

bool flow_winograd_convolution(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    WinogradRun run = {
        .shape = flow_winograd_shape(c),
        .x = flow_numbers(&call->operands[0]),
        .weight = call->operands[1].data,
        .bias = c->bias ? call->operands[2].data : NULL,
        .residual = c->residual ? call->operands[3].data : NULL,
        .y = flow_numbers(&call->results[0]),
        .output_stride = 9 * c->i,
        .input_stride = 9,
    };
    return run_blocks(call, &run, c->n, failure);
}

/* A convolution of the result's gradient by the rotated kernels, inputs and outputs exchanged. */
bool flow_winograd_input_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    FlowConvolution back = {
        .padding = 2 - c->padding, .h = c->p, .w = c->q, .i = c->o, .o = c->i, .p = c->h, .q = c->w};
    WinogradRun run = {
        .shape = flow_winograd_shape(&back),
        .x = flow_numbers(&call->operands[0]),
        .weight = call->operands[1].data,
        .y = flow_numbers(&call->results[0]),
        .output_stride = 9,
        .input_stride = 9 * c->i,
        .rotated = true,
    };
    return run_blocks(call, &run, c->n, failure);
}
