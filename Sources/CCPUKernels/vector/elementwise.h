/* GELU, x times the normal distribution below x, and Adam: ranges of numbers. */

/* Of the normal distribution at |x|, which counts as 9 where it is larger: the density over its greatest value, and the tail
   above it to about 1e-7: t P(t) density with t = 1 / (1 + 0.276 |x|), after Hastings (1955). P was fitted for this file. */
typedef struct NormalTail {
    Vector distance, density, tail;
} NormalTail;

FLOW_INLINE NormalTail normal_tail(Vector x) {
    const Vector distance = at_most((Vector)((VectorOfInt)x & 0x7FFFFFFF), splat(9.0f));
    const Vector t = splat(1.0f) / multiply_add(distance, splat(0.276f), splat(1.0f));
    const Vector density = exp2_vector(distance * distance * splat(-0.72134752044448170f));
    Vector p = splat(-0.1134511605f);
    p = multiply_add(p, t, splat(0.4408108592f));
    p = multiply_add(p, t, splat(-0.3138550222f));
    p = multiply_add(p, t, splat(0.3221482635f));
    p = multiply_add(p, t, splat(0.04672282934f));
    p = multiply_add(p, t, splat(0.1176242307f));
    return (NormalTail){distance, density, p * t * density};
}

/* y = x */
static void copy(const float *x, int64_t count, FlowNumbers y) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) store_numbers(y, i, load_some(x + i, count - i), count - i);
}

static void gelu(const float *x, int64_t count, FlowNumbers y) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        const Vector value = load_some(x + i, count - i);
        const NormalTail normal = normal_tail(value);
        store_numbers(
            y, i, multiply_add(-normal.distance, normal.tail, at_least(value, splat(0.0f))), count - i);
    }
}

static void gelu_backward(const float *g, FlowNumbers x, int64_t count, FlowNumbers dx) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        const Vector value = load_numbers(x, i, count - i);
        const NormalTail normal = normal_tail(value);
        /* The slope at -|x|; at |x| it is what is missing to 1. */
        const Vector below =
            multiply_add(normal.distance * normal.density, splat(-0.39894228040143268f), normal.tail);
        const Vector slope = choose(value < splat(0.0f), below, splat(1.0f) - below);
        store_numbers(dx, i, load_some(g + i, count - i) * slope, count - i);
    }
}

/* Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019) and a moving average. Results may
   be the operands themselves. `average` is null when no average is kept. */
static void adam(const FlowAdam *settings, const FlowAdamRange *range) {
    Vector keep = splat(1.0f - settings->learning_rate * settings->weight_decay);
    Vector beta1 = splat(settings->beta1), rest1 = splat(1.0f - settings->beta1);
    Vector beta2 = splat(settings->beta2), rest2 = splat(1.0f - settings->beta2);
    Vector step = splat(settings->learning_rate / settings->bias_correction1);
    float root = 1.0f / __builtin_sqrtf(settings->bias_correction2);
    Vector average_rest = splat(1.0f - settings->average_decay);
    for (int64_t i = 0; i < range->count; i += FLOW_WIDTH) {
        int64_t left = range->count - i;
        Vector g = load_some(range->gradient + i, left);
        Vector m = multiply_add(beta1, load_some(range->first + i, left), rest1 * g);
        Vector v = multiply_add(beta2, load_some(range->second + i, left), rest2 * g * g);
        Vector deviation = __builtin_elementwise_sqrt(v);
        Vector p = load_some(range->parameter + i, left) * keep;
        p = p - step * (m / multiply_add(deviation, splat(root), splat(settings->epsilon)));
        store_some(range->new_parameter + i, p, left);
        store_some(range->new_first + i, m, left);
        store_some(range->new_second + i, v, left);
        if (range->average != NULL) {
            Vector e = load_some(range->average + i, left);
            store_some(range->new_average + i, multiply_add(average_rest, p - e, e), left);
        }
    }
}
