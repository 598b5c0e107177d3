/* Batch normalization next to SiLU, a range of rows at a time. Channels go in groups of up to four vectors, rows in
   blocks short enough that a float sums them accurately before they reach the double. */

enum { BatchNormBlock = 64 };

/* silu(x), and its derivative in *slope. */
FLOW_INLINE Vector silu_with_slope(Vector x, Vector *slope) {
    Vector z = logistic(x);
    Vector value = x * z;
    *slope = multiply_add(value, splat(1.0f) - z, z);
    return value;
}

FLOW_INLINE void batch_norm_add(double *sums, Vector value, int64_t count) {
    float parts[FLOW_WIDTH];
    store(parts, value);
    for (int64_t i = 0; i < count; i++) sums[i] += (double)parts[i];
}

/* The group loop: calls body(first channel, vectors (a constant), channels in the last vector). */
#define FLOW_CHANNEL_GROUPS(channels, call) \
    do { \
        int64_t first = 0; \
        for (; first + 4 * FLOW_WIDTH <= (channels); first += 4 * FLOW_WIDTH) call(4, FLOW_WIDTH); \
        for (; first + 2 * FLOW_WIDTH <= (channels); first += 2 * FLOW_WIDTH) call(2, FLOW_WIDTH); \
        for (; first < (channels); first += FLOW_WIDTH) { \
            if ((channels) - first >= FLOW_WIDTH) call(1, FLOW_WIDTH); \
            else call(1, (channels) - first); \
        } \
    } while (0)

FLOW_INLINE void batch_norm_sums_group(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *pivot, double *sums, int vectors,
    int64_t last) {
    Vector p[4], s[4], q[4];
    for (int v = 0; v < vectors; v++) {
        p[v] = load_some(pivot + v * FLOW_WIDTH, v == vectors - 1 ? last : FLOW_WIDTH);
        s[v] = q[v] = splat(0.0f);
    }
    for (int64_t row = 0; row < rows; row++) {
        for (int v = 0; v < vectors; v++) {
            Vector f = load_numbers(x, row * channels + v * FLOW_WIDTH, v == vectors - 1 ? last : FLOW_WIDTH);
            if (silu_first) f = f * logistic(f);
            f = f - p[v];
            s[v] = s[v] + f;
            q[v] = multiply_add(f, f, q[v]);
        }
    }
    for (int v = 0; v < vectors; v++) {
        int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
        batch_norm_add(sums + v * FLOW_WIDTH, s[v], count);
        batch_norm_add(sums + channels + v * FLOW_WIDTH, q[v], count);
    }
}

FLOW_INLINE void batch_norm_sums_any(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *pivot, double *sums) {
    for (int64_t row = 0; row < rows; row += BatchNormBlock) {
        int64_t count = rows - row < BatchNormBlock ? rows - row : BatchNormBlock;
#define GROUP(vectors, last) \
    batch_norm_sums_group( \
        silu_first, flow_numbers_from(x, row * channels + first), count, channels, pivot + first, sums + first, vectors, last)
        FLOW_CHANNEL_GROUPS(channels, GROUP);
#undef GROUP
    }
}

static void batch_norm_sums(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *pivot, double *sums) {
    if (silu_first) batch_norm_sums_any(true, x, rows, channels, pivot, sums);
    else batch_norm_sums_any(false, x, rows, channels, pivot, sums);
}

FLOW_INLINE void batch_norm_apply_group(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *scale, const float *shift, FlowNumbers y,
    int vectors, int64_t last) {
    Vector a[4], b[4];
    for (int v = 0; v < vectors; v++) {
        int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
        a[v] = load_some(scale + v * FLOW_WIDTH, count);
        b[v] = load_some(shift + v * FLOW_WIDTH, count);
    }
    for (int64_t row = 0; row < rows; row++) {
        for (int v = 0; v < vectors; v++) {
            int64_t at = row * channels + v * FLOW_WIDTH;
            int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
            Vector f = load_numbers(x, at, count);
            if (silu_first) f = f * logistic(f);
            f = multiply_add(a[v], f, b[v]);
            if (!silu_first) f = f * logistic(f);
            store_numbers(y, at, f, count);
        }
    }
}

FLOW_INLINE void batch_norm_apply_any(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *scale, const float *shift,
    FlowNumbers y) {
    for (int64_t row = 0; row < rows; row += BatchNormBlock) {
        int64_t count = rows - row < BatchNormBlock ? rows - row : BatchNormBlock;
#define GROUP(vectors, last) \
    batch_norm_apply_group( \
        silu_first, flow_numbers_from(x, row * channels + first), count, channels, scale + first, shift + first, \
        flow_numbers_from(y, row * channels + first), vectors, last)
        FLOW_CHANNEL_GROUPS(channels, GROUP);
#undef GROUP
    }
}

static void batch_norm_apply(
    bool silu_first, FlowNumbers x, int64_t rows, int64_t channels, const float *scale, const float *shift,
    FlowNumbers y) {
    if (silu_first) batch_norm_apply_any(true, x, rows, channels, scale, shift, y);
    else batch_norm_apply_any(false, x, rows, channels, scale, shift, y);
}

/* The gradient at the normalization, what is normalized in *f, and silu's slope in *slope when it came first. */
FLOW_INLINE Vector batch_norm_gradient_at(
    bool silu_first, Vector g, Vector x, Vector a, Vector b, Vector *f, Vector *slope) {
    if (silu_first) {
        *f = silu_with_slope(x, slope);
        return g;
    }
    Vector after;
    silu_with_slope(multiply_add(a, x, b), &after);
    *f = x;
    *slope = splat(1.0f);
    return g * after;
}

FLOW_INLINE void batch_norm_gradient_sums_group(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *mean, double *sums, int vectors, int64_t last) {
    Vector a[4], b[4], m[4], s[4], q[4];
    for (int v = 0; v < vectors; v++) {
        int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
        a[v] = load_some(scale + v * FLOW_WIDTH, count);
        b[v] = load_some(shift + v * FLOW_WIDTH, count);
        m[v] = load_some(mean + v * FLOW_WIDTH, count);
        s[v] = q[v] = splat(0.0f);
    }
    for (int64_t row = 0; row < rows; row++) {
        for (int v = 0; v < vectors; v++) {
            int64_t at = row * channels + v * FLOW_WIDTH;
            int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
            Vector f, slope, gx = load_numbers(g, at, count), xx = load_numbers(x, at, count);
            if (silu_first) f = xx * logistic(xx);
            else gx = batch_norm_gradient_at(false, gx, xx, a[v], b[v], &f, &slope);
            s[v] = s[v] + gx;
            q[v] = multiply_add(gx, f - m[v], q[v]);
        }
    }
    for (int v = 0; v < vectors; v++) {
        int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
        batch_norm_add(sums + v * FLOW_WIDTH, s[v], count);
        batch_norm_add(sums + channels + v * FLOW_WIDTH, q[v], count);
    }
}

FLOW_INLINE void batch_norm_gradient_sums_any(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *mean, double *sums) {
    for (int64_t row = 0; row < rows; row += BatchNormBlock) {
        int64_t count = rows - row < BatchNormBlock ? rows - row : BatchNormBlock;
        int64_t start = row * channels;
#define GROUP(vectors, last) \
    batch_norm_gradient_sums_group( \
        silu_first, flow_numbers_from(g, start + first), flow_numbers_from(x, start + first), count, channels, scale + first, shift + first, \
        mean + first, sums + first, vectors, last)
        FLOW_CHANNEL_GROUPS(channels, GROUP);
#undef GROUP
    }
}

static void batch_norm_gradient_sums(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *mean, double *sums) {
    if (silu_first) batch_norm_gradient_sums_any(true, g, x, rows, channels, scale, shift, mean, sums);
    else batch_norm_gradient_sums_any(false, g, x, rows, channels, scale, shift, mean, sums);
}

FLOW_INLINE void batch_norm_gradient_apply_group(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *abc, FlowNumbers dx, int vectors, int64_t last) {
    for (int64_t row = 0; row < rows; row++) {
        for (int v = 0; v < vectors; v++) {
            int64_t at = row * channels + v * FLOW_WIDTH;
            int64_t here = v * FLOW_WIDTH;
            int64_t count = v == vectors - 1 ? last : FLOW_WIDTH;
            Vector a = load_some(scale + here, count), b = load_some(shift + here, count);
            Vector f, slope;
            Vector d = batch_norm_gradient_at(
                silu_first, load_numbers(g, at, count), load_numbers(x, at, count), a, b, &f, &slope);
            Vector c = multiply_add(
                load_some(abc + channels + here, count), f, load_some(abc + 2 * channels + here, count));
            d = multiply_add(load_some(abc + here, count), d, c);
            store_numbers(dx, at, d * slope, count);
        }
    }
}

FLOW_INLINE void batch_norm_gradient_apply_any(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *abc, FlowNumbers dx) {
    for (int64_t row = 0; row < rows; row += BatchNormBlock) {
        int64_t count = rows - row < BatchNormBlock ? rows - row : BatchNormBlock;
        int64_t start = row * channels;
#define GROUP(vectors, last) \
    batch_norm_gradient_apply_group( \
        silu_first, flow_numbers_from(g, start + first), flow_numbers_from(x, start + first), count, channels, scale + first, shift + first, abc + first, \
        flow_numbers_from(dx, start + first), vectors, last)
        FLOW_CHANNEL_GROUPS(channels, GROUP);
#undef GROUP
    }
}

static void batch_norm_gradient_apply(
    bool silu_first, FlowNumbers g, FlowNumbers x, int64_t rows, int64_t channels, const float *scale,
    const float *shift, const float *abc, FlowNumbers dx) {
    if (silu_first) batch_norm_gradient_apply_any(true, g, x, rows, channels, scale, shift, abc, dx);
    else batch_norm_gradient_apply_any(false, g, x, rows, channels, scale, shift, abc, dx);
}

/* What sums are taken about: of the first row. */
static void batch_norm_pivot(bool silu_first, FlowNumbers x, int64_t channels, float *pivot) {
    for (int64_t i = 0; i < channels; i += FLOW_WIDTH) {
        Vector value = load_numbers(x, i, channels - i);
        store_some(pivot + i, silu_first ? value * logistic(value) : value, channels - i);
    }
}
