/* Layer normalization with modulation, and gated residuals, of one image's rows. */

/* y = (x - mean) / deviation * (1 + scale) + shift for `rows` rows of `count` floats. */
static void modulated_layer_norm(
    const float *x, int64_t rows, int64_t count, const float *scale, const float *shift, float epsilon, float *y,
    float *mean, float *inverse_deviation) {
    for (int64_t row = 0; row < rows; row++, x += count, y += count) {
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
        float inverse = 1.0f / __builtin_sqrtf(squares / (float)count + epsilon);
        mean[row] = centre;
        inverse_deviation[row] = inverse;
        for (i = 0; i < count; i += FLOW_WIDTH) {
            Vector normal = (load_some(x + i, count - i) - splat(centre)) * splat(inverse);
            Vector factor = load_some(scale + i, count - i) + splat(1.0f);
            store_some(y + i, multiply_add(normal, factor, load_some(shift + i, count - i)), count - i);
        }
    }
}

/* dx, and the sums over the rows that are dscale and dshift. */
static void modulated_layer_norm_backward(
    const float *g, const float *x, int64_t rows, int64_t count, const float *scale, const float *mean,
    const float *inverse_deviation, float *dx, float *dscale, float *dshift) {
    memset(dscale, 0, (size_t)count * sizeof(float));
    memset(dshift, 0, (size_t)count * sizeof(float));
    for (int64_t row = 0; row < rows; row++, g += count, x += count, dx += count) {
        Vector centre = splat(mean[row]), inverse = splat(inverse_deviation[row]);
        Vector along = splat(0.0f), total = splat(0.0f);
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            Vector normal = (load_some(x + i, count - i) - centre) * inverse, gradient = load_some(g + i, count - i);
            store_some(dscale + i, multiply_add(gradient, normal, load_some(dscale + i, count - i)), count - i);
            store_some(dshift + i, load_some(dshift + i, count - i) + gradient, count - i);
            gradient = gradient * (load_some(scale + i, count - i) + splat(1.0f));
            total = total + gradient;
            along = multiply_add(gradient, normal, along);
        }
        Vector a = splat(sum(total) / (float)count), b = splat(sum(along) / (float)count);
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            Vector normal = (load_some(x + i, count - i) - centre) * inverse;
            Vector gradient = load_some(g + i, count - i) * (load_some(scale + i, count - i) + splat(1.0f));
            store_some(dx + i, (gradient - a - normal * b) * inverse, count - i);
        }
    }
}

/* y = x + gate * h, the gate one row for all. */
static void gated_residual(
    const float *x, const float *gate, const float *h, int64_t rows, int64_t count, float *y) {
    for (int64_t row = 0; row < rows; row++, x += count, h += count, y += count) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            Vector value = multiply_add(
                load_some(gate + i, count - i), load_some(h + i, count - i), load_some(x + i, count - i));
            store_some(y + i, value, count - i);
        }
    }
}

static void gated_residual_backward(
    const float *g, const float *gate, const float *h, int64_t rows, int64_t count, float *dh, float *dgate) {
    memset(dgate, 0, (size_t)count * sizeof(float));
    for (int64_t row = 0; row < rows; row++, g += count, h += count, dh += count) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            Vector gradient = load_some(g + i, count - i);
            Vector total = multiply_add(gradient, load_some(h + i, count - i), load_some(dgate + i, count - i));
            store_some(dgate + i, total, count - i);
            store_some(dh + i, gradient * load_some(gate + i, count - i), count - i);
        }
    }
}

/* y = x + e, one row for all. */
static void add_row(const float *x, const float *e, int64_t rows, int64_t count, float *y) {
    for (int64_t row = 0; row < rows; row++, x += count, y += count) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            store_some(y + i, load_some(x + i, count - i) + load_some(e + i, count - i), count - i);
        }
    }
}

static void add_rows(const float *g, int64_t rows, int64_t count, float *total) {
    for (int64_t row = 0; row < rows; row++, g += count) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            store_some(total + i, load_some(total + i, count - i) + load_some(g + i, count - i), count - i);
        }
    }
}
