/* GELU with the error function, and Adam: ranges of numbers. */

/* erf to about 1e-7 absolute: x P(x^2) up to 1, 1 - 2^Q(|x|) above. Minimax polynomials fitted for this file. */
FLOW_INLINE Vector erf_vector(Vector x) {
    VectorOfInt sign = (VectorOfInt)x & (VectorOfInt)splat(-0.0f);
    Vector size = at_most((Vector)((VectorOfInt)x ^ sign), splat(4.1f));
    Vector square = size * size;
    Vector p = splat(7.853892177e-05f);
    p = multiply_add(p, square, splat(-0.0008010203963f));
    p = multiply_add(p, square, splat(0.005188329021f));
    p = multiply_add(p, square, splat(-0.02685381276f));
    p = multiply_add(p, square, splat(0.1128358517f));
    p = multiply_add(p, square, splat(-0.3761262583f));
    p = multiply_add(p, square, splat(1.128379166f)) * size;
    Vector q = splat(0.0002711861309f);
    q = multiply_add(q, size, splat(-0.004276160052f));
    q = multiply_add(q, size, splat(0.03160437774f));
    q = multiply_add(q, size, splat(-0.1489672402f));
    q = multiply_add(q, size, splat(-0.9203889053f));
    q = multiply_add(q, size, splat(-1.626209157f));
    q = multiply_add(q, size, splat(-0.000450793068f));
    Vector value = choose(size <= splat(1.0f), p, splat(1.0f) - exp2_vector(q));
    return (Vector)((VectorOfInt)value | sign);
}

/* y = x */
static void copy(const float *x, int64_t count, FlowNumbers y) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) store_numbers(y, i, load_some(x + i, count - i), count - i);
}

static void gelu(const float *x, int64_t count, FlowNumbers y) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        Vector value = load_some(x + i, count - i), half = value * splat(0.5f);
        value = multiply_add(half, erf_vector(value * splat(0.70710678118654752f)), half);
        store_numbers(y, i, value, count - i);
    }
}

static void gelu_backward(const float *g, FlowNumbers x, int64_t count, FlowNumbers dx) {
    for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
        Vector value = load_numbers(x, i, count - i);
        Vector below = multiply_add(erf_vector(value * splat(0.70710678118654752f)), splat(0.5f), splat(0.5f));
        Vector density = exp_vector(value * value * splat(-0.5f)) * splat(0.39894228040143268f);
        store_numbers(dx, i, load_some(g + i, count - i) * multiply_add(value, density, below), count - i);
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
