/* The selective scan of Mamba (Gu and Dao 2023, equations 2a, 2b with a diagonal A) and its gradient:
       h_l = exp(step_l decay) h_(l-1) + step_l input_l x_l,    y_l = output_l . h_l + skip x_l.
   x, step, y: (batch, length, channels); decay: (channels, states); input, output: (batch, length, states);
   skip: (channels); all float32, dense, row-major.

   How the work is divided. A thread owns one channel of one sequence and keeps its states in registers from the first
   position to the last, so neighbouring threads read neighbouring channels and nothing of the size of all states ever
   reaches memory. A block owns THREADS channels of one sequence; the rows of `input` and `output`, which its channels
   share, pass through shared memory a stage of positions at a time.

   The gradient walks the sequence twice. Forwards, it keeps the state before every span of SPAN positions in memory of
   the thread's own. Backwards, it computes a span's states anew from there. What is summed over channels (the gradients
   of input and output) is summed over a warp by exchanging halves, then over the block's warps in shared memory; what
   remains, one part per block, and what is summed over sequences (the gradients of decay and skip), one part per
   sequence, is added by a second kernel. Every sum has a fixed order: results repeat bit for bit.

   Macros given at compilation: STATES; THREADS and SPAN; LANES and SLICES of add_parts; and, for the gradient, SPANS, the
   most spans of a sequence. */

#ifndef KERNEL
#define KERNEL extern "C" __global__ void
#endif

constexpr int warps = THREADS / 32;
/* States are summed over a warp in groups of 16; a row of shared memory holds whole groups. */
constexpr int group = 16;
constexpr int row = (STATES + group - 1) / group * group;
/* Positions whose rows are in shared memory at a time: whole spans, and few enough for any number of states. */
constexpr int stage = row <= 16 ? 8 * SPAN : row <= 32 ? 4 * SPAN : row <= 64 ? 2 * SPAN : SPAN;

/* Loops over the states are unrolled, so that states stay in registers: in part only where they would not fit. */
constexpr int unrolled = STATES <= 32 ? STATES : group;

/* Copies `count` rows of STATES numbers into shared memory, all threads together. */
__device__ static void load_rows(float *rows, const float *__restrict__ from, int count) {
    for (int i = threadIdx.x; i < count * STATES; i += THREADS) rows[i / STATES * row + i % STATES] = from[i];
}

/* A channel's rates for powers of two: exp(step decay) = 2^(step rate). */
__device__ static void load_rates(float (&rate)[STATES], const float *__restrict__ decay, int channel, bool exists) {
#pragma unroll(unrolled)
    for (int n = 0; n < STATES; n++) {
        rate[n] = exists ? decay[(size_t)channel * STATES + n] * 1.44269504088896341f : 0.0f;
    }
}

KERNEL __launch_bounds__(THREADS) selective_scan(
    const float *__restrict__ x, const float *__restrict__ step, const float *__restrict__ decay,
    const float *__restrict__ input, const float *__restrict__ output, const float *__restrict__ skip,
    float *__restrict__ y, int length, int channels) {
    __shared__ __align__(16) float inputs[stage * row];
    __shared__ __align__(16) float outputs[stage * row];
    const int tiles = (channels + THREADS - 1) / THREADS;
    const int channel = blockIdx.x % tiles * THREADS + threadIdx.x;
    const size_t sequence = (size_t)(blockIdx.x / tiles) * length;
    /* A thread without a channel takes part in the copies, with zeros for numbers. */
    const bool exists = channel < channels;
    float rate[STATES], h[STATES];
    load_rates(rate, decay, channel, exists);
#pragma unroll(unrolled)
    for (int n = 0; n < STATES; n++) h[n] = 0.0f;
    const float skipped = exists ? skip[channel] : 0.0f;
    for (int first = 0; first < length; first += stage) {
        const int count = min(stage, length - first);
        __syncthreads();
        load_rows(inputs, input + (sequence + first) * STATES, count);
        load_rows(outputs, output + (sequence + first) * STATES, count);
        __syncthreads();
#pragma unroll 4
        for (int l = 0; l < count; l++) {
            const size_t at = (sequence + first + l) * channels + channel;
            const float xl = exists ? x[at] : 0.0f, dt = exists ? step[at] : 0.0f;
            const float u = dt * xl;
            float even = skipped * xl, odd = 0.0f;
#pragma unroll(unrolled)
            for (int n = 0; n < STATES; n++) {
                h[n] = fmaf(exp2f(dt * rate[n]), h[n], u * inputs[l * row + n]);
                if (n % 2 == 0) even = fmaf(h[n], outputs[l * row + n], even);
                else odd = fmaf(h[n], outputs[l * row + n], odd);
            }
            if (exists) y[at] = even + odd;
        }
    }
}

#ifdef SPANS

/* Lanes that differ in the bit `width` exchange halves: each is left with sums of the half that its bit names. */
template <int width> __device__ static void exchange(float (&value)[group]) {
    const bool upper = (threadIdx.x & width) != 0;
#pragma unroll
    for (int i = 0; i < width; i++) {
        const float kept = upper ? value[i + width] : value[i];
        const float sent = upper ? value[i] : value[i + width];
        value[i] = kept + __shfl_xor_sync(0xffffffffu, sent, width);
    }
}

/* The sums over a warp's lanes of 16 numbers each: lane i returns the sum of number i % 16, after 16 shuffles. */
__device__ static float sum_over_warp(float (&value)[group]) {
    exchange<8>(value);
    exchange<4>(value);
    exchange<2>(value);
    exchange<1>(value);
    return value[0] + __shfl_xor_sync(0xffffffffu, value[0], 16);
}

/* input_parts, output_parts: (batch, tiles, length, states); decay_parts: (batch, states, channels); skip_parts: (batch,
   channels), each to be added up by add_parts. */
KERNEL __launch_bounds__(THREADS, STATES <= 16 ? 3 : 1) selective_scan_backward(
    const float *__restrict__ g, const float *__restrict__ x, const float *__restrict__ step,
    const float *__restrict__ decay, const float *__restrict__ input, const float *__restrict__ output,
    const float *__restrict__ skip, float *__restrict__ dx, float *__restrict__ dstep, float *__restrict__ input_parts,
    float *__restrict__ output_parts, float *__restrict__ decay_parts, float *__restrict__ skip_parts, int length,
    int channels) {
    __shared__ __align__(16) float inputs[stage * row];
    __shared__ __align__(16) float outputs[stage * row];
    __shared__ float input_sums[warps][stage * row];
    __shared__ float output_sums[warps][stage * row];
    const int tiles = (channels + THREADS - 1) / THREADS;
    const int channel = blockIdx.x % tiles * THREADS + threadIdx.x;
    const int batch = blockIdx.x / tiles;
    const size_t sequence = (size_t)batch * length;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const bool exists = channel < channels;
    float rate[STATES], h[STATES];
    load_rates(rate, decay, channel, exists);

    /* Forwards: the state before every span. */
    const int spans = (length + SPAN - 1) / SPAN;
    float before[SPANS][STATES];
#pragma unroll(unrolled)
    for (int n = 0; n < STATES; n++) h[n] = 0.0f;
    for (int span = 0; span < spans; span++) {
        const int first = span * SPAN, local = first % stage;
        if (local == 0) {
            __syncthreads();
            load_rows(inputs, input + (sequence + first) * STATES, min(stage, length - first));
            __syncthreads();
        }
#pragma unroll(unrolled)
        for (int n = 0; n < STATES; n++) before[span][n] = h[n];
        if (span == spans - 1) break;
#pragma unroll
        for (int i = 0; i < SPAN; i++) {
            const size_t at = (sequence + first + i) * channels + channel;
            const float dt = exists ? step[at] : 0.0f;
            const float u = exists ? dt * x[at] : 0.0f;
#pragma unroll(unrolled)
            for (int n = 0; n < STATES; n++) {
                h[n] = fmaf(exp2f(dt * rate[n]), h[n], u * inputs[(local + i) * row + n]);
            }
        }
    }

    /* Backwards, a stage at a time, a span of it at a time. dh is the gradient of the state after the position. */
    float dh[STATES], ddecay[STATES];
#pragma unroll(unrolled)
    for (int n = 0; n < STATES; n++) dh[n] = ddecay[n] = 0.0f;
    const float skipped = exists ? skip[channel] : 0.0f;
    float dskip = 0.0f;
    __syncthreads();
    for (int first = (length - 1) / stage * stage; first >= 0; first -= stage) {
        const int count = min(stage, length - first);
        load_rows(inputs, input + (sequence + first) * STATES, count);
        load_rows(outputs, output + (sequence + first) * STATES, count);
        __syncthreads();
        for (int local = (count - 1) / SPAN * SPAN; local >= 0; local -= SPAN) {
            /* The span's states again: states[i] is the one before its position i. */
            float states[SPAN][STATES], xs[SPAN], steps[SPAN], gs[SPAN];
#pragma unroll(unrolled)
            for (int n = 0; n < STATES; n++) h[n] = before[(first + local) / SPAN][n];
#pragma unroll
            for (int i = 0; i < SPAN; i++) {
                const bool reads = exists && local + i < count;
                const size_t at = (sequence + first + local + i) * channels + channel;
                xs[i] = reads ? x[at] : 0.0f;
                steps[i] = reads ? step[at] : 0.0f;
                gs[i] = reads ? g[at] : 0.0f;
            }
#pragma unroll
            for (int i = 0; i < SPAN; i++) {
                if (local + i >= count) continue;
                const int at = (local + i) * row;
                const float u = steps[i] * xs[i];
#pragma unroll(unrolled)
                for (int n = 0; n < STATES; n++) {
                    states[i][n] = h[n];
                    h[n] = fmaf(exp2f(steps[i] * rate[n]), h[n], u * inputs[at + n]);
                }
#pragma unroll((unrolled + group - 1) / group)
                for (int m = 0; m < row; m += group) {
                    float value[group];
#pragma unroll(unrolled)
                    for (int n = 0; n < group; n++) value[n] = m + n < STATES ? gs[i] * h[m + n] : 0.0f;
                    const float sum = sum_over_warp(value);
                    if (lane < group) output_sums[warp][at + m + lane] = sum;
                }
            }
#pragma unroll
            for (int i = SPAN - 1; i >= 0; i--) {
                if (local + i >= count) continue;
                const int at = (local + i) * row;
                const float u = steps[i] * xs[i];
                float du = 0.0f, through_rate = 0.0f;
#pragma unroll((unrolled + group - 1) / group)
                for (int m = 0; m < row; m += group) {
                    float value[group];
#pragma unroll
                    for (int j = 0; j < group; j++) {
                        const int n = m + j;
                        value[j] = 0.0f;
                        if (n >= STATES) continue;
                        const float k = fmaf(gs[i], outputs[at + n], dh[n]);
                        value[j] = k * u;
                        du = fmaf(k, inputs[at + n], du);
                        dh[n] = k * exp2f(steps[i] * rate[n]);
                        const float w = dh[n] * states[i][n];
                        through_rate = fmaf(w, rate[n], through_rate);
                        ddecay[n] = fmaf(w, steps[i], ddecay[n]);
                    }
                    const float sum = sum_over_warp(value);
                    if (lane < group) input_sums[warp][at + m + lane] = sum;
                }
                if (exists) {
                    const size_t element = (sequence + first + local + i) * channels + channel;
                    dx[element] = fmaf(du, steps[i], skipped * gs[i]);
                    dstep[element] = fmaf(through_rate, 0.693147180559945309f, du * xs[i]);
                }
                dskip = fmaf(gs[i], xs[i], dskip);
            }
        }
        /* The sums are there to be read; the rows have been read and may be replaced. */
        __syncthreads();
        const size_t part = ((size_t)blockIdx.x * length + first) * STATES;
        for (int i = threadIdx.x; i < count * STATES; i += THREADS) {
            const int at = i / STATES * row + i % STATES;
            float input_sum = 0.0f, output_sum = 0.0f;
#pragma unroll
            for (int w = 0; w < warps; w++) {
                input_sum += input_sums[w][at];
                output_sum += output_sums[w][at];
            }
            input_parts[part + i] = input_sum;
            output_parts[part + i] = output_sum;
        }
    }
    if (!exists) return;
#pragma unroll(unrolled)
    for (int n = 0; n < STATES; n++) decay_parts[((size_t)batch * STATES + n) * channels + channel] = ddecay[n];
    skip_parts[(size_t)batch * channels + channel] = dskip;
}

/* One sum of parts: (outer, count, rows, columns) over count to (outer, columns, rows), LANES elements a block, each by
   SLICES threads. Returns false, with `block` reduced by its blocks, when the block belongs to a later sum. */
__device__ static bool add(
    int &block, const float *__restrict__ parts, float *__restrict__ total, int outer, int count, int rows,
    int columns) {
    __shared__ float sums[SLICES][LANES];
    const int inner = rows * columns;
    const int blocks = (outer * inner + LANES - 1) / LANES;
    if (block >= blocks) {
        block -= blocks;
        return false;
    }
    const int lane = threadIdx.x % LANES, slice = threadIdx.x / LANES;
    const int element = block * LANES + lane;
    const bool exists = element < outer * inner;
    const int i = element % inner;
    float sum = 0.0f;
    if (exists) {
        const float *part = parts + (size_t)(element / inner) * count * inner + i;
        for (int p = slice; p < count; p += SLICES) sum += part[(size_t)p * inner];
    }
    sums[slice][lane] = sum;
    __syncthreads();
    if (slice > 0 || !exists) return true;
#pragma unroll
    for (int s = 1; s < SLICES; s++) sum += sums[s][lane];
    total[element - i + i % columns * rows + i / columns] = sum;
    return true;
}

/* Adds up what selective_scan_backward left in parts; the blocks of the four sums follow one another. */
KERNEL __launch_bounds__(LANES *SLICES) add_parts(
    const float *__restrict__ input_parts, const float *__restrict__ output_parts,
    const float *__restrict__ decay_parts, const float *__restrict__ skip_parts, float *__restrict__ dinput,
    float *__restrict__ doutput, float *__restrict__ ddecay, float *__restrict__ dskip, int batch, int tiles, int length,
    int channels) {
    int block = blockIdx.x;
    if (add(block, input_parts, dinput, batch, tiles, 1, length * STATES)) return;
    if (add(block, output_parts, doutput, batch, tiles, 1, length * STATES)) return;
    if (add(block, decay_parts, ddecay, 1, batch, STATES, channels)) return;
    add(block, skip_parts, dskip, 1, batch, 1, channels);
}

#endif
