/* flow.silu_batch_norm, flow.batch_norm_silu (training mode) and their gradients; flow.silu_affine and flow.affine_silu,
   which are what they become where the statistics are given. */
#include <math.h>
#include <string.h>

#include "internal.h"

enum { ChunkRows = 256 }; /* rows summed by one item: fixed, so that results do not depend on the team's size */

typedef struct BatchNorm {
    bool silu_first;
    int64_t rows, channels;
    FlowNumbers g, x, y;
    const float *mean;
    const float *pivot, *scale, *shift, *coefficients;
    double *sums; /* 2 * channels for every chunk */
} BatchNorm;

static int64_t chunk_count(const BatchNorm *norm) { return (norm->rows + ChunkRows - 1) / ChunkRows; }

static int64_t chunk_rows(const BatchNorm *norm, int64_t chunk) {
    int64_t left = norm->rows - chunk * ChunkRows;
    return left < ChunkRows ? left : ChunkRows;
}

static void sums_item(void *context, int64_t chunk, int worker) {
    (void)worker;
    const BatchNorm *norm = context;
    int64_t start = chunk * ChunkRows * norm->channels;
    const FlowNumbers x = flow_numbers_from(norm->x, start);
    double *sums = norm->sums + chunk * 2 * norm->channels;
    memset(sums, 0, (size_t)norm->channels * 2 * sizeof(double));
    if (norm->g.at == NULL) {
        flow_vector()->batch_norm_sums(
            norm->silu_first, x, chunk_rows(norm, chunk), norm->channels, norm->pivot, sums);
    } else {
        flow_vector()->batch_norm_gradient_sums(
            norm->silu_first, flow_numbers_from(norm->g, start), x, chunk_rows(norm, chunk), norm->channels,
            norm->scale, norm->shift, norm->mean, sums);
    }
}

static void apply_item(void *context, int64_t chunk, int worker) {
    (void)worker;
    const BatchNorm *norm = context;
    int64_t start = chunk * ChunkRows * norm->channels;
    const FlowNumbers x = flow_numbers_from(norm->x, start), y = flow_numbers_from(norm->y, start);
    if (norm->g.at == NULL) {
        flow_vector()->batch_norm_apply(
            norm->silu_first, x, chunk_rows(norm, chunk), norm->channels, norm->scale, norm->shift, y);
    } else {
        flow_vector()->batch_norm_gradient_apply(
            norm->silu_first, flow_numbers_from(norm->g, start), x, chunk_rows(norm, chunk), norm->channels,
            norm->scale, norm->shift, norm->coefficients, y);
    }
}

/* Sums of all chunks, in order, left in the first chunk's place. */
static void sum_rows(BatchNorm *norm) {
    int64_t chunks = chunk_count(norm);
    flow_for(chunks, sums_item, norm);
    for (int64_t chunk = 1; chunk < chunks; chunk++) {
        const double *from = norm->sums + chunk * 2 * norm->channels;
        for (int64_t i = 0; i < 2 * norm->channels; i++) norm->sums[i] += from[i];
    }
}

static bool check(const FlowCall *call, const char *pattern, BatchNorm *norm, FlowFailure *failure) {
    FlowSizes sizes = {0};
    if (!flow_match(call, pattern, sizes, failure)) return false;
    norm->rows = sizes['*'], norm->channels = sizes['C'];
    return true;
}

/* Memory for the sums, and `vectors` floats a channel; null with a failure where there is none. */
static float *take_memory(const FlowCall *call, BatchNorm *norm, int64_t vectors, FlowFailure *failure) {
    norm->sums = flow_scratch(0, chunk_count(norm) * 2 * norm->channels * (int64_t)sizeof(double));
    float *channel = flow_scratch(1, vectors * norm->channels * (int64_t)sizeof(float));
    if (norm->sums != NULL && channel != NULL) return channel;
    flow_fail(call, failure, FlowFailureKindInternal, "out of memory.");
    return NULL;
}

static bool run_forward(bool silu_first, const FlowCall *call, FlowFailure *failure) {
    BatchNorm norm = {.silu_first = silu_first};
    double epsilon;
    if (!check(call, "*C~ C C -> *C~ C C", &norm, failure)) return false;
    if (!flow_real(call, "eps", &epsilon, failure)) return false;
    if (call->asks) return true;
    float *channel = take_memory(call, &norm, 3, failure);
    if (channel == NULL) return false;
    int64_t channels = norm.channels;
    norm.x = flow_numbers(&call->operands[0]);
    norm.y = flow_numbers(&call->results[0]);
    const float *gamma = call->operands[1].data, *beta = call->operands[2].data;
    float *pivot = channel, *scale = channel + channels, *shift = channel + 2 * channels;
    float *mean = call->results[1].data, *variance = call->results[2].data;
    flow_vector()->batch_norm_pivot(silu_first, norm.x, channels, pivot);
    norm.pivot = pivot;
    sum_rows(&norm);
    for (int64_t c = 0; c < channels; c++) {
        double offset = norm.sums[c] / (double)norm.rows;
        double spread = norm.sums[channels + c] / (double)norm.rows - offset * offset;
        if (spread < 0) spread = 0;
        double centre = (double)pivot[c] + offset;
        double factor = (double)gamma[c] / sqrt(spread + epsilon);
        mean[c] = (float)centre;
        variance[c] = (float)spread;
        scale[c] = (float)factor;
        shift[c] = (float)((double)beta[c] - centre * factor);
    }
    norm.scale = scale;
    norm.shift = shift;
    flow_for(chunk_count(&norm), apply_item, &norm);
    return true;
}

static bool run_backward(bool silu_first, const FlowCall *call, FlowFailure *failure) {
    BatchNorm norm = {.silu_first = silu_first};
    double epsilon;
    if (!check(call, "*C~ *C~ C C C C -> *C~ C C", &norm, failure)) return false;
    if (!flow_real(call, "eps", &epsilon, failure)) return false;
    if (call->asks) return true;
    float *channel = take_memory(call, &norm, 5, failure);
    if (channel == NULL) return false;
    int64_t channels = norm.channels;
    const FlowTensor *operands = call->operands;
    const float *gamma = operands[2].data, *beta = operands[3].data;
    const float *mean = operands[4].data, *variance = operands[5].data;
    float *scale = channel, *shift = channel + channels, *a = channel + 2 * channels;
    float *b = a + channels, *c = b + channels;
    for (int64_t i = 0; i < channels; i++) {
        double factor = (double)gamma[i] / sqrt((double)variance[i] + epsilon);
        scale[i] = (float)factor;
        shift[i] = (float)((double)beta[i] - (double)mean[i] * factor);
    }
    norm.g = flow_numbers(&operands[0]);
    norm.x = flow_numbers(&operands[1]);
    norm.mean = mean;
    norm.scale = scale;
    norm.shift = shift;
    norm.y = flow_numbers(&call->results[0]);
    sum_rows(&norm);
    float *dgamma = call->results[1].data, *dbeta = call->results[2].data;
    double count = (double)norm.rows;
    for (int64_t i = 0; i < channels; i++) {
        double deviation = 1 / sqrt((double)variance[i] + epsilon);
        double factor = (double)gamma[i] * deviation;
        double along = norm.sums[channels + i];
        double slope = -factor * deviation * deviation * along / count;
        dbeta[i] = (float)norm.sums[i];
        dgamma[i] = (float)(along * deviation);
        a[i] = (float)factor;
        b[i] = (float)slope;
        c[i] = (float)(-factor * norm.sums[i] / count - slope * (double)mean[i]);
    }
    norm.coefficients = a;
    flow_for(chunk_count(&norm), apply_item, &norm);
    return true;
}

bool flow_run_silu_batch_norm(const FlowCall *call, FlowFailure *failure) { return run_forward(true, call, failure); }

bool flow_run_silu_batch_norm_backward(const FlowCall *call, FlowFailure *failure) {
    return run_backward(true, call, failure);
}

bool flow_run_batch_norm_silu(const FlowCall *call, FlowFailure *failure) { return run_forward(false, call, failure); }

bool flow_run_batch_norm_silu_backward(const FlowCall *call, FlowFailure *failure) {
    return run_backward(false, call, failure);
}

/* y = scale silu(x) + shift, or silu(scale x + shift). */
static bool run_affine(bool silu_first, const FlowCall *call, FlowFailure *failure) {
    BatchNorm norm = {.silu_first = silu_first};
    if (!check(call, "*C~ C C -> *C~", &norm, failure)) return false;
    if (call->asks) return true;
    norm.x = flow_numbers(&call->operands[0]), norm.y = flow_numbers(&call->results[0]);
    norm.scale = call->operands[1].data, norm.shift = call->operands[2].data;
    flow_for(chunk_count(&norm), apply_item, &norm);
    return true;
}

bool flow_run_silu_affine(const FlowCall *call, FlowFailure *failure) { return run_affine(true, call, failure); }

bool flow_run_affine_silu(const FlowCall *call, FlowFailure *failure) { return run_affine(false, call, failure); }
