/* The gradient of kernels of 3 x 3 by Winograd's minimal filtering: for every point, the product of the image's points
   and the gradient's, summed over the tiles. Sums go over fixed chunks of tiles, then over the chunks in order. */
#include <string.h>

#include "winograd.h"

/* A block of sums is for at most so many input and output channels, and should stay in a core's second-level cache
   next to the points of so many tiles. The work is cut into about WantedItems items, fewer where all sums together
   would not stay in the cache that cores share. */
enum { BlockChannels = 64, BlockTiles = 24, WantedItems = 16, SumsBytes = 5 * 1024 * 1024, ResultChannels = 4 };

typedef struct GradientRun {
    FlowWinograd shape;
    const FlowProductKernels *kernels;
    FlowNumbers x, g;
    float *dw, *sums, *biases, *memory;
    int64_t tiles, chunks, chunk_tiles;
    int64_t image_blocks, gradient_blocks, blocks; /* of input channels, of output channels, of both */
    int64_t plane, image_floats, memory_size;
} GradientRun;

static int64_t block_channels(int64_t channels, int64_t block) {
    int64_t left = channels - block * BlockChannels;
    return left < BlockChannels ? left : BlockChannels;
}

/* Where a block's sums over one chunk begin: chunks of a block lie next to each other. */
static float *block_sums(const GradientRun *run, int64_t block, int64_t chunk) {
    return run->sums + (block * run->chunks + chunk) * FlowWinogradPoints * run->plane;
}

static void sums_item(void *context, int64_t item, int worker) {
    const GradientRun *run = context;
    const FlowWinograd *shape = &run->shape;
    int64_t block = item / run->chunks, chunk = item % run->chunks;
    int64_t image_block = block / run->gradient_blocks, gradient_block = block % run->gradient_blocks;
    int64_t channels = block_channels(shape->channels, image_block);
    int64_t outputs = block_channels(shape->outputs, gradient_block);
    int64_t input = image_block * BlockChannels, output = gradient_block * BlockChannels;
    float *image = run->memory + worker * run->memory_size, *gradient = image + run->image_floats;
    float *sums = block_sums(run, block, chunk);
    float bias[BlockChannels] = {0};
    int64_t begin = chunk * run->chunk_tiles, end = begin + run->chunk_tiles;
    if (end > run->tiles) end = run->tiles;
    for (int64_t first = begin; first < end; first += BlockTiles) {
        int64_t count = flow_winograd_count(first, BlockTiles, end), later = first + BlockTiles;
        int64_t next = flow_winograd_count(later, BlockTiles, end);
        FlowWinogradFetch next_image = {
            flow_numbers_from(run->x, input), shape->height, shape->width, shape->channels, channels, later, next};
        FlowWinogradFetch next_gradient = {
            flow_numbers_from(run->g, output), shape->result_height, shape->result_width, shape->outputs, outputs, later, next};
        run->kernels->winograd_image_of_tiles(shape, run->x, first, count, input, channels, BlockTiles, image);
        run->kernels->winograd_gradient(shape, run->g, first, count, output, outputs, BlockTiles, gradient, bias);
        run->kernels->winograd_outer_products(
            shape, image, gradient, count, BlockTiles, channels, outputs, first == begin, sums, &next_image,
            &next_gradient);
    }
    if (image_block == 0) {
        memcpy(run->biases + chunk * shape->outputs + output, bias, (size_t)outputs * sizeof(float));
    }
}

static void result_item(void *context, int64_t item, int worker) {
    (void)worker;
    const GradientRun *run = context;
    const FlowWinograd *shape = &run->shape;
    int64_t width = flow_vector()->width, part = FlowWinogradPoints * run->plane;
    for (int64_t i = item * ResultChannels; i < (item + 1) * ResultChannels && i < shape->channels; i++) {
        for (int64_t block = 0; block < run->gradient_blocks; block++) {
            int64_t outputs = block_channels(shape->outputs, block), wide = (outputs + width - 1) / width * width;
            const float *sums = block_sums(run, i / BlockChannels * run->gradient_blocks + block, 0);
            int64_t channels = block_channels(shape->channels, i / BlockChannels);
            run->kernels->winograd_kernel_gradient(
                sums + i % BlockChannels * wide, run->chunks, part, run->kernels->winograd_plane(wide, channels),
                outputs, 9 * shape->channels, run->dw + (block * BlockChannels * shape->channels + i) * 9);
        }
    }
}

/* By sizes alone: results must not depend on the team. */
static void cut_into_chunks(GradientRun *run) {
    int64_t bytes = run->blocks * FlowWinogradPoints * run->plane * (int64_t)sizeof(float);
    int64_t wanted = (WantedItems + run->blocks - 1) / run->blocks, fitting = SumsBytes / bytes;
    int64_t chunks = (run->tiles + BlockTiles - 1) / BlockTiles;
    if (chunks > wanted) chunks = wanted;
    if (chunks > fitting) chunks = fitting > 1 ? fitting : 1;
    run->chunk_tiles = (run->tiles + chunks - 1) / chunks;
    run->chunks = (run->tiles + run->chunk_tiles - 1) / run->chunk_tiles;
}

bool flow_winograd_weight_gradient(const FlowCall *call, const FlowConvolution *c, FlowFailure *failure) {
    const int64_t width = flow_vector()->width;
    const FlowProductKernels *kernels = flow_products(call);
    GradientRun run = {
        .shape = flow_winograd_shape(c), .kernels = kernels, .x = flow_numbers(&call->operands[0]),
        .g = flow_numbers(&call->operands[1]),
        .dw = call->results[0].data};
    const FlowWinograd *shape = &run.shape;
    run.tiles = c->n * shape->tile_rows * shape->tile_columns;
    run.image_blocks = (c->i + BlockChannels - 1) / BlockChannels;
    run.gradient_blocks = (c->o + BlockChannels - 1) / BlockChannels;
    int64_t widest = c->i < BlockChannels ? c->i : BlockChannels;
    int64_t outputs = c->o < BlockChannels ? c->o : BlockChannels;
    run.plane = kernels->winograd_plane((outputs + width - 1) / width * width, widest);
    run.blocks = run.image_blocks * run.gradient_blocks;
    cut_into_chunks(&run);
    const int64_t words = BlockTiles / kernels->steps_in_word;
    run.image_floats = FlowWinogradPoints * kernels->winograd_plane(words, widest);
    run.memory_size = run.image_floats + FlowWinogradPoints * kernels->winograd_plane(words, outputs);
    run.sums = flow_scratch(0, run.blocks * run.chunks * FlowWinogradPoints * run.plane * (int64_t)sizeof(float));
    run.memory = flow_scratch(1, run.memory_size * flow_thread_count() * (int64_t)sizeof(float));
    run.biases = flow_scratch(2, run.chunks * c->o * (int64_t)sizeof(float));
    if (run.sums == NULL || run.memory == NULL || run.biases == NULL) {
        return flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    }
    flow_for(run.blocks * run.chunks, sums_item, &run);
    flow_for((c->i + ResultChannels - 1) / ResultChannels, result_item, &run);
    for (int64_t o = 0; o < c->o; o++) {
        double total = 0;
        for (int64_t chunk = 0; chunk < run.chunks; chunk++) total += (double)run.biases[chunk * c->o + o];
        call->results[1].data[o] = (float)total;
    }
    return true;
}
