/* Bilinear upsampling by 2 without aligned corners. An output between two inputs takes 3/4 of the nearer and 1/4 of the
   farther; beyond an edge, the edge itself counts as the farther. */

FLOW_INLINE int64_t clamp_index(int64_t i, int64_t count) { return i < 0 ? 0 : i >= count ? count - 1 : i; }

/* The two output rows next to input row `row` of one image; `memory` holds one input row. */
static void upsample_rows(
    const float *x, int64_t height, int64_t width, int64_t channels, int64_t row, float *memory, FlowNumbers y) {
    const Vector near = splat(0.75f), far = splat(0.25f);
    int64_t size = width * channels;
    for (int64_t side = 0; side < 2; side++) {
        const float *a = x + row * size, *b = x + clamp_index(row - 1 + 2 * side, height) * size;
        for (int64_t i = 0; i < size; i += FLOW_WIDTH) {
            Vector value = multiply_add(near, load_some(a + i, size - i), far * load_some(b + i, size - i));
            store_some(memory + i, value, size - i);
        }
        int64_t out = (2 * row + side) * 2 * size;
        for (int64_t column = 0; column < width; column++, out += 2 * channels) {
            const float *here = memory + column * channels;
            const float *left = memory + clamp_index(column - 1, width) * channels;
            const float *right = memory + clamp_index(column + 1, width) * channels;
            for (int64_t i = 0; i < channels; i += FLOW_WIDTH) {
                Vector middle = near * load_some(here + i, channels - i);
                const int64_t count = channels - i;
                store_numbers(y, out + i, multiply_add(far, load_some(left + i, count), middle), count);
                store_numbers(y, out + channels + i, multiply_add(far, load_some(right + i, count), middle), count);
            }
        }
    }
}

/* Row `row` of the gradient; `height` and `width` are the input's, `memory` holds one output row. */
static void upsample_backward_row(
    const float *g, int64_t height, int64_t width, int64_t channels, int64_t row, float *memory, float *dx) {
    const Vector near = splat(0.75f), far = splat(0.25f);
    int64_t size = 2 * width * channels;
    const float *a = g + 2 * row * size, *b = a + size;
    const float *above = g + clamp_index(2 * row - 1, 2 * height) * size;
    const float *below = g + clamp_index(2 * row + 2, 2 * height) * size;
    for (int64_t i = 0; i < size; i += FLOW_WIDTH) {
        int64_t left = size - i;
        Vector value = near * (load_some(a + i, left) + load_some(b + i, left));
        store_some(
            memory + i, multiply_add(far, load_some(above + i, left) + load_some(below + i, left), value), left);
    }
    float *out = dx + row * width * channels;
    for (int64_t column = 0; column < width; column++, out += channels) {
        const float *here = memory + 2 * column * channels;
        const float *left = memory + clamp_index(2 * column - 1, 2 * width) * channels;
        const float *right = memory + clamp_index(2 * column + 2, 2 * width) * channels;
        for (int64_t i = 0; i < channels; i += FLOW_WIDTH) {
            int64_t rest = channels - i;
            Vector value = near * (load_some(here + i, rest) + load_some(here + channels + i, rest));
            value = multiply_add(far, load_some(left + i, rest) + load_some(right + i, rest), value);
            store_some(out + i, value, rest);
        }
    }
}
