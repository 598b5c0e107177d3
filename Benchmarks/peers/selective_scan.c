/*
 * Mamba's selective scan and its gradient, on a CPU (Gu and Dao 2023, algorithm 2).
 *
 *     h[l] = exp(dt[l] A) h[l-1] + dt[l] x[l] B[l]          y[l] = <C[l], h[l]>
 *
 * x, dt, y are (batch, length, channels); B, C are (batch, length, states); A is (channels, states); all contiguous.
 * Images are shared out over threads. Within one, LANES neighbouring channels advance together, so that a state of
 * all of them is one vector; no state outlives the call, the gradient runs the recurrence again.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16 };

typedef float lanes[LANES];

/* Channels c ... c + LANES - 1 of a row, zero past the last channel. */
static inline void load(float *to, const float *row, long c, long channels)
{
    if (c + LANES <= channels) {
        memcpy(to, row + c, sizeof(lanes));
        return;
    }
    for (int i = 0; i < LANES; i++) to[i] = c + i < channels ? row[c + i] : 0;
}

static inline void store(float *row, const float *from, long c, long channels)
{
    if (c + LANES <= channels) {
        memcpy(row + c, from, sizeof(lanes));
        return;
    }
    for (int i = 0; c + i < channels; i++) row[c + i] = from[i];
}

static void load_columns(lanes *to, const float *A, long c, long channels, long states)
{
    for (long n = 0; n < states; n++)
        for (int i = 0; i < LANES; i++) to[n][i] = c + i < channels ? A[(c + i) * states + n] : 0;
}

/* Returns 0, or 1 if there was no memory for the states. */
int selective_scan_forward(const float *x, const float *dt, const float *A, const float *B, const float *C, float *y,
                           long batch, long length, long channels, long states)
{
    int failed = 0;
#pragma omp parallel reduction(| : failed)
    {
        lanes *a = malloc(2 * states * sizeof(lanes));
        lanes *h = a + states;
        failed = a == NULL;
#pragma omp for
        for (long b = 0; b < batch; b++) {
            if (failed) continue;
            for (long c = 0; c < channels; c += LANES) {
                load_columns(a, A, c, channels, states);
                memset(h, 0, states * sizeof(lanes));
                for (long l = 0; l < length; l++) {
                    const long row = b * length + l;
                    const float *Bl = B + row * states, *Cl = C + row * states;
                    lanes xl, dtl, drive, out = {0};
                    load(xl, x + row * channels, c, channels);
                    load(dtl, dt + row * channels, c, channels);
                    for (int i = 0; i < LANES; i++) drive[i] = dtl[i] * xl[i];
                    for (long n = 0; n < states; n++)
#pragma omp simd
                        for (int i = 0; i < LANES; i++) {
                            h[n][i] = expf(dtl[i] * a[n][i]) * h[n][i] + drive[i] * Bl[n];
                            out[i] += h[n][i] * Cl[n];
                        }
                    store(y + row * channels, out, c, channels);
                }
            }
        }
        free(a);
    }
    return failed;
}

/* From the gradient g of y: the gradients of x, dt, A, B and C. Returns 0, or 1 if there was no memory. */
int selective_scan_backward(const float *g, const float *x, const float *dt, const float *A, const float *B,
                            const float *C, float *dx, float *ddt, float *dA, float *dB, float *dC, long batch,
                            long length, long channels, long states)
{
    const long groups = (channels + LANES - 1) / LANES, steps = length * states;
    int failed = 0;
    memset(dA, 0, channels * states * sizeof(float));
#pragma omp parallel reduction(| : failed)
    {
        /* a, the adjoint of h; the decays and states of every step (the states from h[-1] = 0 on); B and C's sums. */
        const long count = 2 * states + steps + (steps + states) + 2 * steps + groups * states;
        lanes *a = malloc(count * sizeof(lanes));
        failed = a == NULL;
        lanes *adjoint = a + states, *decay = adjoint + states, *h = decay + steps, *sumB = h + steps + states;
        lanes *sumC = sumB + steps, *sumA = sumC + steps;
        if (!failed) memset(sumA, 0, groups * states * sizeof(lanes));
#pragma omp for
        for (long b = 0; b < batch; b++) {
            if (failed) continue;
            memset(sumB, 0, 2 * steps * sizeof(lanes));
            for (long c = 0; c < channels; c += LANES) {
                lanes *gA = sumA + c / LANES * states;
                load_columns(a, A, c, channels, states);
                memset(h, 0, states * sizeof(lanes));
                for (long l = 0; l < length; l++) {
                    const long row = b * length + l;
                    const float *Bl = B + row * states;
                    lanes xl, dtl, drive;
                    lanes *e = decay + l * states, *before = h + l * states, *after = before + states;
                    load(xl, x + row * channels, c, channels);
                    load(dtl, dt + row * channels, c, channels);
                    for (int i = 0; i < LANES; i++) drive[i] = dtl[i] * xl[i];
                    for (long n = 0; n < states; n++)
#pragma omp simd
                        for (int i = 0; i < LANES; i++) {
                            e[n][i] = expf(dtl[i] * a[n][i]);
                            after[n][i] = e[n][i] * before[n][i] + drive[i] * Bl[n];
                        }
                }
                memset(adjoint, 0, states * sizeof(lanes));
                for (long l = length - 1; l >= 0; l--) {
                    const long row = b * length + l;
                    const float *Bl = B + row * states, *Cl = C + row * states;
                    lanes gl, xl, dtl, drive, overB = {0}, overA = {0};
                    lanes *e = decay + l * states, *before = h + l * states, *after = before + states;
                    lanes *gB = sumB + l * states, *gC = sumC + l * states;
                    load(gl, g + row * channels, c, channels);
                    load(xl, x + row * channels, c, channels);
                    load(dtl, dt + row * channels, c, channels);
                    for (int i = 0; i < LANES; i++) drive[i] = dtl[i] * xl[i];
                    for (long n = 0; n < states; n++)
#pragma omp simd
                        for (int i = 0; i < LANES; i++) {
                            const float k = adjoint[n][i] + gl[i] * Cl[n];
                            const float w = k * e[n][i];
                            gC[n][i] += gl[i] * after[n][i];
                            gB[n][i] += k * drive[i];
                            gA[n][i] += w * before[n][i] * dtl[i];
                            overB[i] += k * Bl[n];
                            overA[i] += w * before[n][i] * a[n][i];
                            adjoint[n][i] = w;
                        }
                    for (int i = 0; i < LANES; i++) {
                        drive[i] = overB[i] * dtl[i];
                        overA[i] += overB[i] * xl[i];
                    }
                    store(dx + row * channels, drive, c, channels);
                    store(ddt + row * channels, overA, c, channels);
                }
            }
            for (long s = 0; s < steps; s++) {
                float totalB = 0, totalC = 0;
                for (int i = 0; i < LANES; i++) {
                    totalB += sumB[s][i];
                    totalC += sumC[s][i];
                }
                dB[b * steps + s] = totalB;
                dC[b * steps + s] = totalC;
            }
        }
        if (!failed) {
#pragma omp critical
            for (long c = 0; c < channels; c++)
                for (long n = 0; n < states; n++) dA[c * states + n] += sumA[c / LANES * states + n][c % LANES];
        }
        free(a);
    }
    return failed;
}
