/* Convolution with one output channel and stride 1, where a product of matrices would leave most lanes empty. */

/* One row of the result; `weight` is (kernel, kernel, channels), `addend` a row or null. */
static void narrow_convolution_row(
    const FlowNarrow *shape, const float *x, const float *weight, float bias, const float *addend, int64_t row,
    float *y) {
    const int64_t channels = shape->channels, kernel = shape->kernel, padding = shape->padding;
    int64_t above = row < padding ? padding - row : 0;
    int64_t below = row - padding + kernel > shape->height ? shape->height - row + padding : kernel;
    for (int64_t column = 0; column < shape->result_width; column++) {
        int64_t left = column < padding ? padding - column : 0;
        int64_t right = column - padding + kernel > shape->width ? shape->width - column + padding : kernel;
        int64_t count = (right - left) * channels;
        Vector total = splat(0.0f), other = splat(0.0f);
        for (int64_t a = above; a < below && count > 0; a++) {
            const float *from = x + ((row + a - padding) * shape->width + column + left - padding) * channels;
            const float *w = weight + (a * kernel + left) * channels;
            int64_t i = 0;
            for (; i + 2 * FLOW_WIDTH <= count; i += 2 * FLOW_WIDTH) {
                total = multiply_add(load(from + i), load(w + i), total);
                other = multiply_add(load(from + i + FLOW_WIDTH), load(w + i + FLOW_WIDTH), other);
            }
            for (; i < count; i += FLOW_WIDTH) {
                total = multiply_add(load_some(from + i, count - i), load_some(w + i, count - i), total);
            }
        }
        float value = sum(total + other) + bias;
        y[column] = addend != NULL ? value + addend[column] : value;
    }
}

FLOW_INLINE void narrow_gradient_block(
    const FlowNarrow *shape, const float *x, const float *g, int64_t channel, int64_t count, int64_t kernel,
    float *memory, float *dweight) {
    const int64_t channels = shape->channels, padding = shape->padding, result_width = shape->result_width;
    /* A padded row of g: column q of x meets g at q + padding - b, which lies kernel + that into the row. */
    const int64_t margin = kernel, padded = shape->width + shape->result_width + 2 * kernel + padding;
    Vector total[FlowNarrowTaps];
    for (int64_t tap = 0; tap < kernel * kernel; tap++) total[tap] = splat(0.0f);
    for (int64_t row = 0; row < shape->height; row++) {
        memset(memory, 0, (size_t)(padded * kernel) * sizeof(float));
        for (int64_t a = 0; a < kernel; a++) {
            int64_t from = row + padding - a;
            if (from < 0 || from >= shape->result_height) continue;
            memcpy(memory + a * padded + margin, g + from * result_width, (size_t)result_width * sizeof(float));
        }
        for (int64_t column = 0; column < shape->width; column++) {
            Vector value = load_some(x + (row * shape->width + column) * channels + channel, count);
            for (int64_t a = 0; a < kernel; a++) {
                for (int64_t b = 0; b < kernel; b++) {
                    Vector factor = splat(memory[a * padded + margin + column + padding - b]);
                    total[a * kernel + b] = multiply_add(value, factor, total[a * kernel + b]);
                }
            }
        }
    }
    for (int64_t tap = 0; tap < kernel * kernel; tap++) {
        store_some(dweight + tap * channels + channel, total[tap], count);
    }
}

static int64_t narrow_gradient_memory(const FlowNarrow *shape) {
    return (shape->width + shape->result_width + 2 * shape->kernel + shape->padding) * shape->kernel;
}

/* One image's part of the gradient of the weight, (kernel, kernel, channels). */
static void narrow_convolution_weight_gradient(
    const FlowNarrow *shape, const float *x, const float *g, float *memory, float *dweight) {
    for (int64_t channel = 0; channel < shape->channels; channel += FLOW_WIDTH) {
        int64_t count = shape->channels - channel;
        if (count >= FLOW_WIDTH && shape->kernel == 3) {
            narrow_gradient_block(shape, x, g, channel, FLOW_WIDTH, 3, memory, dweight);
        } else {
            int64_t some = count < FLOW_WIDTH ? count : FLOW_WIDTH;
            narrow_gradient_block(shape, x, g, channel, some, shape->kernel, memory, dweight);
        }
    }
}
