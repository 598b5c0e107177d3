/* Layer normalization with modulation, alone or of what a gated residual leaves, of one image's rows. */

/* y = (x - mean) / deviation * (1 + scale) + shift for one row. */
FLOW_INLINE void layer_norm_row(const FlowLayerNorm *norm, const float *x, int64_t row) {
    const int64_t count = norm->count;
    const float *scale = norm->scale, *shift = norm->shift;
    const FlowNumbers y = flow_numbers_from(norm->y, row * count);
    Vector total = splat(0.0f), other = splat(0.0f);
    int64_t i = 0;
    for (; i + 2 * FLOW_WIDTH <= count; i += 2 * FLOW_WIDTH) {
        total = total + load(x + i);
        other = other + load(x + i + FLOW_WIDTH);
    }
    for (; i < count; i += FLOW_WIDTH) total = total + load_some(x + i, count - i);
    float centre = sum(total + other) / (float)count;
    total = other = splat(0.0f);
    for (i = 0; i + 2 * FLOW_WIDTH <= count; i += 2 * FLOW_WIDTH) {
        Vector d = load(x + i) - splat(centre), e = load(x + i + FLOW_WIDTH) - splat(centre);
        total = multiply_add(d, d, total);
        other = multiply_add(e, e, other);
    }
    for (; i + FLOW_WIDTH <= count; i += FLOW_WIDTH) {
        Vector d = load(x + i) - splat(centre);
        total = multiply_add(d, d, total);
    }
    float squares = sum(total + other);
    for (; i < count; i++) squares += (x[i] - centre) * (x[i] - centre);
    float inverse = 1.0f / __builtin_sqrtf(squares / (float)count + norm->epsilon);
    norm->mean[row] = centre;
    norm->inverse_deviation[row] = inverse;
    for (i = 0; i < count; i += FLOW_WIDTH) {
        Vector normal = (load_some(x + i, count - i) - splat(centre)) * splat(inverse);
        Vector factor = load_some(scale + i, count - i) + splat(1.0f);
        store_numbers(y, i, multiply_add(normal, factor, load_some(shift + i, count - i)), count - i);
    }
}

static void modulated_layer_norm(const FlowLayerNorm *norm) {
    for (int64_t row = 0; row < norm->rows; row++) layer_norm_row(norm, norm->x + row * norm->count, row);
}

static void gated_residual_layer_norm(const FlowLayerNorm *norm) {
    const int64_t count = norm->count;
    for (int64_t row = 0; row < norm->rows; row++) {
        const float *x = norm->x + row * count;
        const FlowNumbers update = flow_numbers_from(norm->update, row * count);
        float *stream = norm->stream + row * count;
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            Vector value = multiply_add(
                load_some(norm->gate + i, count - i), load_numbers(update, i, count - i), load_some(x + i, count - i));
            store_some(stream + i, value, count - i);
        }
        layer_norm_row(norm, stream, row);
    }
}

FLOW_INLINE void add_to(float *total, Vector value, int64_t count) {
    store_some(total, load_some(total, count) + value, count);
}

/* The gradients of one row; with `gated`, on through the residual. */
FLOW_INLINE void layer_norm_backward_row(const FlowLayerNormBackward *norm, int64_t row, bool gated) {
    const int64_t count = norm->count;
    const float *g = norm->g + row * count, *x = norm->x + row * count;
    const Vector centre = splat(norm->mean[row]), inverse = splat(norm->inverse_deviation[row]);
    Vector along = splat(0.0f), total = splat(0.0f);
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        int64_t left = count - i;
        Vector normal = (load_some(x + i, left) - centre) * inverse, gradient = load_some(g + i, left);
        add_to(norm->dscale + i, gradient * normal, left);
        add_to(norm->dshift + i, gradient, left);
        gradient = gradient * (load_some(norm->scale + i, left) + splat(1.0f));
        total = total + gradient;
        along = multiply_add(gradient, normal, along);
    }
    const Vector a = splat(sum(total) / (float)count), b = splat(sum(along) / (float)count);
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        int64_t left = count - i, at = row * count + i;
        Vector normal = (load_some(x + i, left) - centre) * inverse;
        Vector gradient = load_some(g + i, left) * (load_some(norm->scale + i, left) + splat(1.0f));
        gradient = (gradient - a - normal * b) * inverse;
        if (gated) {
            if (norm->g_stream != NULL) gradient = gradient + load_some(norm->g_stream + at, left);
            add_to(norm->dgate + i, gradient * load_numbers(norm->update, at, left), left);
            store_numbers(norm->dupdate, at, gradient * load_some(norm->gate + i, left), left);
        }
        store_some(norm->dx + at, gradient, left);
    }
}

static void modulated_layer_norm_backward(const FlowLayerNormBackward *norm) {
    const size_t bytes = (size_t)norm->count * sizeof(float);
    memset(norm->dscale, 0, bytes);
    memset(norm->dshift, 0, bytes);
    for (int64_t row = 0; row < norm->rows; row++) layer_norm_backward_row(norm, row, false);
}

static void gated_residual_layer_norm_backward(const FlowLayerNormBackward *norm) {
    const size_t bytes = (size_t)norm->count * sizeof(float);
    memset(norm->dscale, 0, bytes);
    memset(norm->dshift, 0, bytes);
    memset(norm->dgate, 0, bytes);
    for (int64_t row = 0; row < norm->rows; row++) layer_norm_backward_row(norm, row, true);
}

/* y = x + e, one row for all. */
static void add_row(FlowNumbers x, const float *e, int64_t rows, int64_t count, FlowNumbers y) {
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            const int64_t at = row * count + i, left = count - i;
            store_numbers(y, at, load_numbers(x, at, left) + load_some(e + i, left), left);
        }
    }
}

static void add_rows(FlowNumbers g, int64_t rows, int64_t stride, int64_t count, float *total) {
    enum { Together = 4 };
    for (int64_t i = 0; i < count; i += Together * FLOW_WIDTH) {
        Vector sums[Together] = {0};
        for (int64_t row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < Together; v++) {
                const int64_t column = i + v * FLOW_WIDTH;
                if (column < count) sums[v] += load_numbers(g, row * stride + column, count - column);
            }
        }
#pragma clang loop unroll(full)
        for (int v = 0; v < Together; v++) {
            const int64_t column = i + v * FLOW_WIDTH;
            if (column < count) add_to(total + column, sums[v], count - column);
        }
    }
}
