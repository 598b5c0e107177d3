/* The selective scan of Mamba (Gu and Dao 2023, equations 2a, 2b with a diagonal A):
       h_l = exp(dt_l A) h_(l-1) + dt_l B_l x_l,    y_l = C_l . h_l + skip x_l.
   A vector holds FLOW_WIDTH channels; the states of those channels stay in registers along the sequence. */

enum { ScanSpan = 64, ScanRegisterStates = 16 };

/* A block's rows of `a`, transposed to one vector per state and scaled. */
FLOW_INLINE void scan_load_a(
    const FlowScan *scan, int64_t channel, int64_t count, int64_t states, float factor, Vector *a) {
    for (int64_t n = 0; n < states; n++) {
        Vector value = {0};
        for (int64_t i = 0; i < count; i++) value[i] = scan->a[(channel + i) * scan->states + n] * factor;
        a[n] = value;
    }
}

FLOW_INLINE void scan_forward(
    const FlowScan *scan, int64_t batch, int64_t channel, int64_t count, int64_t states, Vector *a, Vector *h) {
    const float log2e = 1.44269504088896341f;
    scan_load_a(scan, channel, count, states, log2e, a);
    for (int64_t n = 0; n < states; n++) h[n] = splat(0.0f);
    Vector skip = load_some(scan->skip + channel, count);
    for (int64_t l = 0; l < scan->length; l++) {
        int64_t position = batch * scan->length + l;
        int64_t at = position * scan->channels + channel;
        const float *b = scan->b + position * states, *c = scan->c + position * states;
        Vector x = load_some(scan->x + at, count), dt = load_some(scan->dt + at, count);
        Vector u = x * dt, even = skip * x, odd = splat(0.0f);
        for (int64_t n = 0; n < states; n++) {
            h[n] = multiply_add(exp2_vector(dt * a[n]), h[n], u * splat(b[n]));
            if (n % 2 == 0) even = multiply_add(h[n], splat(c[n]), even);
            else odd = multiply_add(h[n], splat(c[n]), odd);
        }
        store_some(scan->y + at, even + odd, count);
    }
}

static void selective_scan(const FlowScan *scan, int64_t batch, int64_t block) {
    int64_t channel = block * FLOW_WIDTH;
    int64_t count = scan->channels - channel < FLOW_WIDTH ? scan->channels - channel : FLOW_WIDTH;
    if (scan->states == ScanRegisterStates && count == FLOW_WIDTH) {
        Vector a[ScanRegisterStates], h[ScanRegisterStates];
        scan_forward(scan, batch, channel, FLOW_WIDTH, ScanRegisterStates, a, h);
    } else {
        Vector a[FlowScanMaximumStates], h[FlowScanMaximumStates];
        scan_forward(scan, batch, channel, count, scan->states, a, h);
    }
}

/* MARK: Gradient

   Walking the sequence backwards needs every h. They are computed again from the state kept at the start of each span
   of ScanSpan positions, so memory grows with length / ScanSpan.

   Memory, in vectors: a, scaled a, dh, da: states each; entry states: spans x states; h: (ScanSpan + 1) x states;
   decay: ScanSpan x states; db, dc before their sum over channels: length x states each. */

static int64_t selective_scan_memory(int64_t length, int64_t states) {
    int64_t spans = (length + ScanSpan - 1) / ScanSpan;
    return FLOW_WIDTH * states * (4 + spans + 2 * ScanSpan + 1 + 2 * length);
}

/* States of one span: h[l + 1] from h[l], with the decays. */
FLOW_INLINE void scan_span(
    const FlowScan *scan, int64_t batch, int64_t channel, int64_t count, int64_t states, const float *scaled_a,
    int64_t first, int64_t last, float *h, float *decay) {
    for (int64_t l = first; l < last; l++) {
        int64_t position = batch * scan->length + l;
        int64_t at = position * scan->channels + channel;
        const float *b = scan->b + position * states;
        Vector dt = load_some(scan->dt + at, count);
        Vector u = dt * load_some(scan->x + at, count);
        float *from = h + (l - first) * states * FLOW_WIDTH, *to = from + states * FLOW_WIDTH;
        float *e = decay + (l - first) * states * FLOW_WIDTH;
        for (int64_t n = 0; n < states; n++) {
            Vector factor = exp2_vector(dt * load(scaled_a + n * FLOW_WIDTH));
            store(e + n * FLOW_WIDTH, factor);
            store(to + n * FLOW_WIDTH, multiply_add(factor, load(from + n * FLOW_WIDTH), u * splat(b[n])));
        }
    }
}

FLOW_INLINE void scan_backward_block(
    const FlowScan *scan, int64_t batch, int64_t channel, int64_t count, int64_t states, float *memory) {
    const int64_t size = states * FLOW_WIDTH, length = scan->length;
    const int64_t spans = (length + ScanSpan - 1) / ScanSpan;
    float *db = memory, *dc = db + length * size;
    float *a = dc + length * size, *scaled_a = a + size, *dh = scaled_a + size, *da = dh + size;
    float *entries = da + size, *h = entries + spans * size, *decay = h + (ScanSpan + 1) * size;
    scan_load_a(scan, channel, count, states, 1.0f, (Vector *)a);
    scan_load_a(scan, channel, count, states, 1.44269504088896341f, (Vector *)scaled_a);
    memset(dh, 0, (size_t)size * sizeof(float));
    memset(da, 0, (size_t)size * sizeof(float));
    memset(h, 0, (size_t)size * sizeof(float));
    for (int64_t span = 0; span < spans; span++) {
        memcpy(entries + span * size, h, (size_t)size * sizeof(float));
        if (span == spans - 1) break;
        scan_span(scan, batch, channel, count, states, scaled_a, span * ScanSpan, (span + 1) * ScanSpan, h, decay);
        memcpy(h, h + ScanSpan * size, (size_t)size * sizeof(float));
    }
    Vector skip = load_some(scan->skip + channel, count), dskip = splat(0.0f);
    for (int64_t span = spans - 1; span >= 0; span--) {
        int64_t first = span * ScanSpan, last = first + ScanSpan < length ? first + ScanSpan : length;
        memcpy(h, entries + span * size, (size_t)size * sizeof(float));
        scan_span(scan, batch, channel, count, states, scaled_a, first, last, h, decay);
        for (int64_t l = last - 1; l >= first; l--) {
            int64_t position = batch * length + l;
            int64_t at = position * scan->channels + channel;
            const float *b = scan->b + position * states, *c = scan->c + position * states;
            const float *before = h + (l - first) * size, *after = before + size, *e = decay + (l - first) * size;
            float *db_here = db + l * size, *dc_here = dc + l * size;
            Vector x = load_some(scan->x + at, count), dt = load_some(scan->dt + at, count);
            Vector g = load_some(scan->g + at, count);
            Vector u = dt * x, du = splat(0.0f), through_decay = splat(0.0f);
            for (int64_t n = 0; n < states; n++) {
                int64_t v = n * FLOW_WIDTH;
                Vector k = multiply_add(g, splat(c[n]), load(dh + v));
                store(dc_here + v, multiply_add(g, load(after + v), load(dc_here + v)));
                store(db_here + v, multiply_add(k, u, load(db_here + v)));
                du = multiply_add(k, splat(b[n]), du);
                Vector back = k * load(e + v);
                Vector w = back * load(before + v);
                through_decay = multiply_add(w, load(a + v), through_decay);
                store(da + v, multiply_add(w, dt, load(da + v)));
                store(dh + v, back);
            }
            store_some(scan->dx + at, multiply_add(du, dt, skip * g), count);
            store_some(scan->ddt + at, multiply_add(du, x, through_decay), count);
            dskip = multiply_add(g, x, dskip);
        }
    }
    float *da_part = scan->da_parts + batch * scan->channels * states + channel;
    for (int64_t n = 0; n < states; n++) {
        store_some(da_part + n * scan->channels, load(da + n * FLOW_WIDTH), count);
    }
    store_some(scan->dskip_parts + batch * scan->channels + channel, dskip, count);
}

static void selective_scan_backward(const FlowScan *scan, int64_t batch, float *memory) {
    int64_t states = scan->states, size = states * FLOW_WIDTH, length = scan->length;
    memset(memory, 0, (size_t)(2 * length * size) * sizeof(float));
    for (int64_t channel = 0; channel < scan->channels; channel += FLOW_WIDTH) {
        int64_t count = scan->channels - channel;
        if (count >= FLOW_WIDTH && states == ScanRegisterStates) {
            scan_backward_block(scan, batch, channel, FLOW_WIDTH, ScanRegisterStates, memory);
        } else {
            int64_t some = count < FLOW_WIDTH ? count : FLOW_WIDTH;
            scan_backward_block(scan, batch, channel, some, states, memory);
        }
    }
    for (int64_t i = 0; i < length * states; i++) {
        scan->db[batch * length * states + i] = sum(load(memory + i * FLOW_WIDTH));
        scan->dc[batch * length * states + i] = sum(load(memory + (length * states + i) * FLOW_WIDTH));
    }
}
