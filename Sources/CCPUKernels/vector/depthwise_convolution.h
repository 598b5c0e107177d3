/* Causal depthwise convolution along a sequence, then SiLU, a vector of channels at a time:
       t_l = bias + sum over k of w_k x_(l - taps + 1 + k), x 0 before the start;  y = silu(t). */

FLOW_INLINE void depthwise_load_weights(
    const float *weight, int64_t channel, int64_t count, int64_t taps, Vector *w) {
    for (int64_t k = 0; k < taps; k++) {
        w[k] = splat(0.0f);
        for (int64_t i = 0; i < count; i++) w[k][i] = weight[(channel + i) * taps + k];
    }
}

FLOW_INLINE Vector depthwise_at(
    const float *x, int64_t l, int64_t channels, int64_t count, int64_t taps, const Vector *w, Vector bias) {
    Vector total = bias;
    for (int64_t k = 0; k < taps; k++) {
        int64_t from = l - taps + 1 + k;
        if (from >= 0) total = multiply_add(w[k], load_some(x + from * channels, count), total);
    }
    return total;
}

FLOW_INLINE void depthwise_forward(
    const float *x, const float *weight, const float *bias, int64_t length, int64_t channels, int64_t channel,
    int64_t count, int64_t taps, float *y) {
    Vector w[FlowMaximumTaps], offset = load_some(bias + channel, count);
    depthwise_load_weights(weight, channel, count, taps, w);
    for (int64_t l = 0; l < length; l++) {
        Vector t = depthwise_at(x + channel, l, channels, count, taps, w, offset);
        store_some(y + l * channels + channel, t * logistic(t), count);
        __builtin_prefetch(x + l * channels + channel + FLOW_WIDTH, 0, 2);
        __builtin_prefetch(y + l * channels + channel + FLOW_WIDTH, 1, 2);
    }
}

static void depthwise_convolution(
    const float *x, const float *weight, const float *bias, int64_t length, int64_t channels, int64_t taps, float *y) {
    for (int64_t channel = 0; channel < channels; channel += FLOW_WIDTH) {
        int64_t count = channels - channel < FLOW_WIDTH ? channels - channel : FLOW_WIDTH;
        if (taps == 4 && count == FLOW_WIDTH) {
            depthwise_forward(x, weight, bias, length, channels, channel, FLOW_WIDTH, 4, y);
        } else {
            depthwise_forward(x, weight, bias, length, channels, channel, count, taps, y);
        }
    }
}

/* dweight is (taps + 1, channels): the last row is dbias. `memory` holds length vectors. */
FLOW_INLINE void depthwise_backward(
    const float *g, const float *x, const float *weight, const float *bias, int64_t length, int64_t channels,
    int64_t channel, int64_t count, int64_t taps, float *memory, FlowNumbers dx, float *dweight) {
    Vector w[FlowMaximumTaps], dw[FlowMaximumTaps], db = splat(0.0f), offset = load_some(bias + channel, count);
    depthwise_load_weights(weight, channel, count, taps, w);
    for (int64_t k = 0; k < taps; k++) dw[k] = splat(0.0f);
    for (int64_t l = 0; l < length; l++) {
        Vector t = depthwise_at(x + channel, l, channels, count, taps, w, offset);
        Vector z = logistic(t);
        Vector slope = multiply_add(t * z, splat(1.0f) - z, z);
        Vector dt = load_some(g + l * channels + channel, count) * slope;
        store(memory + l * FLOW_WIDTH, dt);
        __builtin_prefetch(x + l * channels + channel + FLOW_WIDTH, 0, 2);
        __builtin_prefetch(g + l * channels + channel + FLOW_WIDTH, 0, 2);
        db = db + dt;
        for (int64_t k = 0; k < taps; k++) {
            int64_t from = l - taps + 1 + k;
            if (from >= 0) dw[k] = multiply_add(dt, load_some(x + from * channels + channel, count), dw[k]);
        }
    }
    for (int64_t l = 0; l < length; l++) {
        Vector total = splat(0.0f);
        for (int64_t k = 0; k < taps; k++) {
            int64_t to = l + taps - 1 - k;
            if (to < length) total = multiply_add(w[k], load(memory + to * FLOW_WIDTH), total);
        }
        store_numbers(dx, l * channels + channel, total, count);
        __builtin_prefetch(flow_numbers_from(dx, l * channels + channel + FLOW_WIDTH).at, 1, 2);
    }
    for (int64_t k = 0; k < taps; k++) store_some(dweight + k * channels + channel, dw[k], count);
    store_some(dweight + taps * channels + channel, db, count);
}

static void depthwise_convolution_backward(
    const float *g, const float *x, const float *weight, const float *bias, int64_t length, int64_t channels,
    int64_t taps, float *memory, FlowNumbers dx, float *dweight) {
    for (int64_t channel = 0; channel < channels; channel += FLOW_WIDTH) {
        int64_t count = channels - channel < FLOW_WIDTH ? channels - channel : FLOW_WIDTH;
        if (taps == 4 && count == FLOW_WIDTH) {
            depthwise_backward(
                g, x, weight, bias, length, channels, channel, FLOW_WIDTH, 4, memory, dx, dweight);
        } else {
            depthwise_backward(g, x, weight, bias, length, channels, channel, count, taps, memory, dx, dweight);
        }
    }
}
