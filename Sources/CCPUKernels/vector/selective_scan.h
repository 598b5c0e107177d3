/* The selective scan of Mamba (Gu and Dao 2023, equations 2a, 2b with a diagonal A), its time steps made positive and
   its result gated:
       step_l = softplus(dt_l),  A = -exp(a_log),
       h_l = exp(step_l A) h_(l-1) + step_l B_l x_l,   y_l = C_l . h_l + skip x_l,   out_l = y_l silu(z_l).
   A block is ScanVectors vectors of channels, a line of the cache: what a span keeps of it for the way back then lies in the
   first-level cache. Its sequence is walked in spans of ScanSpan positions, each span once for every ScanGroup states, whose
   decays and states stay in registers along it. */

enum { ScanSpan = 64, ScanGroup = 4, ScanWidth = 16, ScanVectors = ScanWidth / FLOW_WIDTH };

/* ln(1 + e^x): max(x, 0) + ln(1 + t) with t = e^-|x|, and ln(1 + t) = 2 artanh(t / (2 + t)). */
FLOW_INLINE Vector softplus(Vector x) {
    Vector t = exp_vector(choose(x < splat(0.0f), x, -x));
    Vector s = t / (t + splat(2.0f)), square = s * s;
    Vector y = splat(0.2801512480f);
    y = multiply_add(y, square, splat(0.2800084651f));
    y = multiply_add(y, square, splat(0.4002161921f));
    y = multiply_add(y, square, splat(0.6666641235f));
    y = multiply_add(y * square, s, s + s);
    return choose(x > splat(0.0f), x + y, y);
}

/* Padded sizes: whole groups of states, whole blocks of channels. */
FLOW_INLINE int64_t scan_states(const FlowScan *scan) { return (scan->states + ScanGroup - 1) / ScanGroup * ScanGroup; }
static int64_t selective_scan_channels(int64_t channels) { return (channels + ScanWidth - 1) / ScanWidth * ScanWidth; }

/* A transposed to (padded states, padded channels); the padding is 0. */
static void selective_scan_decays(const float *a_log, int64_t channels, int64_t states, float *a) {
    int64_t padded = selective_scan_channels(channels);
    for (int64_t n = 0; n < (states + ScanGroup - 1) / ScanGroup * ScanGroup; n++) {
        for (int64_t d = 0; d < padded; d += FLOW_WIDTH) {
            Vector value = splat(0.0f);
            for (int64_t i = 0; i < FLOW_WIDTH && d + i < channels && n < states; i++) {
                value[i] = a_log[(d + i) * states + n];
            }
            value = -exp_vector(value);
            for (int64_t i = 0; i < FLOW_WIDTH; i++) {
                if (d + i >= channels || n >= states) value[i] = 0.0f;
            }
            store(a + n * padded + d, value);
        }
    }
}

/* Rows of one span, (span, ScanVectors) vectors each. */
typedef Vector ScanRows[ScanSpan][ScanVectors];

/* What walks along a block's sequence with it. `b` and `c` have rows of padded states. */
typedef struct ScanBlock {
    int64_t start;  /* of the block in the first row of x */
    int64_t count;  /* channels, up to ScanWidth */
    int64_t states; /* padded */
    const float *a; /* of the block's first channel; rows are a_row apart */
    int64_t a_row;
    const float *b, *c;
} ScanBlock;

FLOW_INLINE Vector scan_load(const float *from, int64_t at, int64_t count, int v) {
    return load_some(from + at + v * FLOW_WIDTH, count - v * FLOW_WIDTH);
}

/* Memory that may be fetched ahead of its time as rows of floats. */
FLOW_INLINE const float *scan_floats(FlowNumbers numbers) { return numbers.rounded ? NULL : numbers.at; }

FLOW_INLINE void scan_store_numbers(FlowNumbers to, int64_t at, int64_t count, int v, Vector value) {
    if (count > v * FLOW_WIDTH) store_numbers(to, at + v * FLOW_WIDTH, value, count - v * FLOW_WIDTH);
}

FLOW_INLINE void scan_store(float *to, int64_t at, int64_t count, int v, Vector value) {
    if (count > v * FLOW_WIDTH) store_some(to + at + v * FLOW_WIDTH, value, count - v * FLOW_WIDTH);
}

/* Steps, drives step x, and skip x of a span. */
FLOW_INLINE void scan_open(
    const FlowScan *scan, const ScanBlock *block, int64_t channel, int64_t count, int64_t first, int64_t last,
    ScanRows step, ScanRows drive, ScanRows y) {
    for (int64_t l = first; l < last; l++) {
        int64_t at = block->start + l * scan->channels;
        for (int v = 0; v < ScanVectors; v++) {
            Vector x = scan_load(scan->x, at, count, v);
            Vector s = softplus(scan_load(scan->dt, at, count, v));
            step[l - first][v] = s;
            drive[l - first][v] = s * x;
            y[l - first][v] = x * scan_load(scan->skip, channel, count, v);
        }
    }
}

/* Rows lie far apart, which the machine does not foresee: a walk along a span asks for the same rows of the next block in
   one array. `rows` is the first of them, or null. */
typedef struct ScanAhead {
    const float *rows;
    int64_t stride;
} ScanAhead;

/* The walk with the states from `n` on takes its turn among the arrays. */
FLOW_INLINE ScanAhead scan_ahead(
    const FlowScan *scan, const ScanBlock *block, int64_t n, int64_t first, const float *const arrays[4]) {
    const float *array = n / ScanGroup < 4 ? arrays[n / ScanGroup] : NULL;
    if (array == NULL) return (ScanAhead){NULL, 0};
    return (ScanAhead){array + block->start + first * scan->channels + ScanWidth, scan->channels};
}

/* Takes ScanGroup states from `n` on along a span, adds their part to y. Where `h` is given, it gets the states before
   each position and after the last, and `decay` the decays. */
FLOW_INLINE void scan_advance(
    const ScanBlock *block, int64_t n, int64_t first, int64_t last, const ScanRows step, const ScanRows drive,
    ScanRows y, Vector state[ScanGroup][ScanVectors], Vector (*h)[ScanGroup][ScanVectors],
    Vector (*decay)[ScanGroup][ScanVectors], ScanAhead ahead) {
    Vector a[ScanGroup][ScanVectors];
    for (int i = 0; i < ScanGroup; i++) {
        for (int v = 0; v < ScanVectors; v++) {
            a[i][v] = load(block->a + (n + i) * block->a_row + v * FLOW_WIDTH) * splat(1.44269504088896341f);
        }
    }
    for (int64_t l = 0; l < last - first; l++) {
        const float *b = block->b + (first + l) * block->states + n, *c = block->c + (first + l) * block->states + n;
        for (int v = 0; v < ScanVectors; v++) {
            Vector total = y[l][v];
            if (ahead.rows != NULL) __builtin_prefetch(ahead.rows + l * ahead.stride + v * FLOW_WIDTH, 0, 2);
            for (int i = 0; i < ScanGroup; i++) {
                Vector factor = exp2_vector(step[l][v] * a[i][v]);
                if (h != NULL) {
                    h[l][i][v] = state[i][v];
                    decay[l][i][v] = factor;
                }
                state[i][v] = multiply_add(factor, state[i][v], drive[l][v] * splat(b[i]));
                total = multiply_add(state[i][v], splat(c[i]), total);
            }
            y[l][v] = total;
        }
    }
    if (h == NULL) return;
    for (int i = 0; i < ScanGroup; i++) {
        for (int v = 0; v < ScanVectors; v++) h[last - first][i][v] = state[i][v];
    }
}

FLOW_INLINE void scan_forward(
    const FlowScan *scan, const ScanBlock *block, int64_t channel, int64_t count, Vector (*state)[ScanVectors]) {
    ScanRows step, drive, y;
    const float *const arrays[4] = {scan->x, scan->dt, scan->z, scan_floats(scan->y)};
    memset(state, 0, (size_t)block->states * sizeof *state);
    for (int64_t first = 0; first < scan->length; first += ScanSpan) {
        int64_t last = first + ScanSpan < scan->length ? first + ScanSpan : scan->length;
        scan_open(scan, block, channel, count, first, last, step, drive, y);
        for (int64_t n = 0; n < block->states; n += ScanGroup) {
            Vector group[ScanGroup][ScanVectors];
            memcpy(group, state + n, sizeof group);
            scan_advance(
                block, n, first, last, step, drive, y, group, NULL, NULL, scan_ahead(scan, block, n, first, arrays));
            memcpy(state + n, group, sizeof group);
        }
        for (int64_t l = first; l < last; l++) {
            int64_t at = block->start + l * scan->channels;
            for (int v = 0; v < ScanVectors; v++) {
                Vector z = scan_load(scan->z, at, count, v);
                scan_store_numbers(scan->y, at, count, v, y[l - first][v] * z * logistic(z));
            }
        }
    }
}

/* Floats of padded b and c, whole vectors. */
FLOW_INLINE int64_t scan_padding(int64_t length, int64_t states) {
    return (2 * length * states + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH;
}

/* b and c of a sequence, their rows padded with zeros in `memory` where the states are no whole groups. */
FLOW_INLINE ScanBlock scan_block(const FlowScan *scan, int64_t batch, float *memory) {
    int64_t states = scan_states(scan), rows = scan->length;
    ScanBlock block = {
        .states = states,
        .a_row = selective_scan_channels(scan->channels),
        .b = scan->b + batch * rows * scan->states,
        .c = scan->c + batch * rows * scan->states,
    };
    if (states == scan->states) return block;
    memset(memory, 0, (size_t)(2 * rows * states) * sizeof(float));
    for (int64_t l = 0; l < rows; l++) {
        memcpy(memory + l * states, block.b + l * scan->states, (size_t)scan->states * sizeof(float));
        memcpy(memory + (rows + l) * states, block.c + l * scan->states, (size_t)scan->states * sizeof(float));
    }
    block.b = memory;
    block.c = memory + rows * states;
    return block;
}

FLOW_INLINE void scan_place(const FlowScan *scan, ScanBlock *block, int64_t batch, int64_t channel) {
    block->start = batch * scan->length * scan->channels + channel;
    block->count = scan->channels - channel < ScanWidth ? scan->channels - channel : ScanWidth;
    block->a = scan->a + channel;
}

static void selective_scan(const FlowScan *scan, int64_t batch, float *memory) {
    ScanBlock block = scan_block(scan, batch, memory);
    Vector(*state)[ScanVectors] = (Vector(*)[ScanVectors])(memory + scan_padding(scan->length, block.states));
    for (int64_t channel = 0; channel < scan->channels; channel += ScanWidth) {
        scan_place(scan, &block, batch, channel);
        if (block.count == ScanWidth) scan_forward(scan, &block, channel, ScanWidth, state);
        else scan_forward(scan, &block, channel, block.count, state);
    }
}

/* MARK: Gradient

   Walking the sequence backwards needs every h. They are computed again, span by span, from the state kept at the start
   of each span, so memory grows with length / ScanSpan; nothing of the size length x channels x states is kept. */

typedef struct ScanMemory {
    ScanRows step, drive, y, g, through_drive, through_decay;
    Vector h[ScanSpan + 1][ScanGroup][ScanVectors];
    Vector decay[ScanSpan][ScanGroup][ScanVectors];
} ScanMemory;

/* Floats a worker needs: ScanMemory; padded b and c; db and dc before their sum over channels; for each state dh and
   da; the states before each span. */
static int64_t selective_scan_memory(int64_t length, int64_t states) {
    int64_t padded = (states + ScanGroup - 1) / ScanGroup * ScanGroup, spans = (length + ScanSpan - 1) / ScanSpan;
    return (int64_t)(sizeof(ScanMemory) / sizeof(float)) + scan_padding(length, padded) +
           FLOW_WIDTH * padded * (2 * length + ScanVectors * (2 + spans));
}

/* Goes back along a span with ScanGroup states. `dh` and `da` are the block's, from state `n` on. */
FLOW_INLINE void scan_retreat(
    const ScanBlock *block, int64_t n, int64_t first, int64_t last, ScanMemory *memory, Vector (*dh)[ScanVectors],
    Vector (*da)[ScanVectors], Vector *db, Vector *dc, ScanAhead ahead) {
    Vector a[ScanGroup][ScanVectors], back[ScanGroup][ScanVectors], along[ScanGroup][ScanVectors];
    memcpy(back, dh, sizeof back);
    memcpy(along, da, sizeof along);
    for (int i = 0; i < ScanGroup; i++) {
        for (int v = 0; v < ScanVectors; v++) {
            a[i][v] = load(block->a + (n + i) * block->a_row + v * FLOW_WIDTH);
        }
    }
    for (int64_t l = last - first - 1; l >= 0; l--) {
        int64_t row = (first + l) * block->states + n;
        const float *b = block->b + row, *c = block->c + row;
        Vector g[ScanVectors], through_drive[ScanVectors], through_decay[ScanVectors];
        Vector step[ScanVectors], drive[ScanVectors];
        for (int v = 0; v < ScanVectors; v++) {
            if (ahead.rows != NULL) __builtin_prefetch(ahead.rows + l * ahead.stride + v * FLOW_WIDTH, 1, 2);
            g[v] = memory->g[l][v], step[v] = memory->step[l][v], drive[v] = memory->drive[l][v];
            through_drive[v] = memory->through_drive[l][v], through_decay[v] = memory->through_decay[l][v];
        }
        for (int i = 0; i < ScanGroup; i++) {
            Vector input = db[row + i], output = dc[row + i];
            for (int v = 0; v < ScanVectors; v++) {
                Vector k = multiply_add(g[v], splat(c[i]), back[i][v]);
                output = multiply_add(g[v], memory->h[l + 1][i][v], output);
                input = multiply_add(k, drive[v], input);
                through_drive[v] = multiply_add(k, splat(b[i]), through_drive[v]);
                back[i][v] = k * memory->decay[l][i][v];
                Vector faded = back[i][v] * memory->h[l][i][v];
                through_decay[v] = multiply_add(faded, a[i][v], through_decay[v]);
                along[i][v] = multiply_add(faded, step[v], along[i][v]);
            }
            db[row + i] = input;
            dc[row + i] = output;
        }
        for (int v = 0; v < ScanVectors; v++) {
            memory->through_drive[l][v] = through_drive[v], memory->through_decay[l][v] = through_decay[v];
        }
    }
    memcpy(dh, back, sizeof back);
    memcpy(da, along, sizeof along);
}

FLOW_INLINE void scan_backward(
    const FlowScan *scan, const ScanBlock *block, int64_t batch, int64_t channel, int64_t count, ScanMemory *memory,
    Vector *db, Vector *dc, Vector (*dh)[ScanVectors]) {
    const int64_t length = scan->length, states = block->states, spans = (length + ScanSpan - 1) / ScanSpan;
    const float *const read[4] = {scan->x, scan->dt, scan->z, scan->g};
    const float *const written[4] = {scan->dx, scan_floats(scan->ddt), scan_floats(scan->dz), NULL};
    Vector(*da)[ScanVectors] = dh + states, (*entries)[ScanVectors] = da + states;
    memset(dh, 0, (size_t)(2 * states + spans * states) * sizeof *dh);
    for (int64_t span = 0; span + 1 < spans; span++) {
        int64_t first = span * ScanSpan;
        memcpy(entries + (span + 1) * states, entries + span * states, (size_t)states * sizeof *entries);
        scan_open(
            scan, block, channel, count, first, first + ScanSpan, memory->step, memory->drive, memory->y);
        for (int64_t n = 0; n < states; n += ScanGroup) {
            scan_advance(
                block, n, first, first + ScanSpan, memory->step, memory->drive, memory->y,
                entries + (span + 1) * states + n, NULL, NULL, (ScanAhead){NULL, 0});
        }
    }
    Vector dskip[ScanVectors] = {{0}};
    for (int64_t span = spans - 1; span >= 0; span--) {
        int64_t first = span * ScanSpan, last = first + ScanSpan < length ? first + ScanSpan : length;
        scan_open(scan, block, channel, count, first, last, memory->step, memory->drive, memory->y);
        for (int64_t l = 0; l < last - first; l++) {
            int64_t at = block->start + (first + l) * scan->channels;
            for (int v = 0; v < ScanVectors; v++) {
                Vector z = scan_load(scan->z, at, count, v);
                memory->g[l][v] = scan_load(scan->g, at, count, v) * z * logistic(z);
                memory->through_drive[l][v] = memory->through_decay[l][v] = splat(0.0f);
            }
        }
        for (int64_t n = 0; n < states; n += ScanGroup) {
            scan_advance(
                block, n, first, last, memory->step, memory->drive, memory->y, entries + span * states + n, memory->h,
                memory->decay, scan_ahead(scan, block, n, first, read));
            scan_retreat(
                block, n, first, last, memory, dh + n, da + n, db, dc, scan_ahead(scan, block, n, first, written));
        }
        for (int64_t l = 0; l < last - first; l++) {
            int64_t at = block->start + (first + l) * scan->channels;
            for (int v = 0; v < ScanVectors; v++) {
                Vector x = scan_load(scan->x, at, count, v), z = scan_load(scan->z, at, count, v);
                Vector skip = scan_load(scan->skip, channel, count, v), s = logistic(z);
                Vector through_drive = memory->through_drive[l][v];
                Vector through_step = multiply_add(through_drive, x, memory->through_decay[l][v]);
                scan_store(
                    scan->dx, at, count, v, multiply_add(through_drive, memory->step[l][v], skip * memory->g[l][v]));
                scan_store_numbers(
                    scan->ddt, at, count, v, through_step * logistic(scan_load(scan->dt, at, count, v)));
                scan_store_numbers(
                    scan->dz, at, count, v,
                    scan_load(scan->g, at, count, v) * memory->y[l][v] * multiply_add(z * s, splat(1.0f) - s, s));
                dskip[v] = multiply_add(memory->g[l][v], x, dskip[v]);
            }
        }
    }
    float *da_part = scan->da_parts + batch * scan->channels * scan->states;
    for (int v = 0; v < ScanVectors; v++) {
        for (int64_t n = 0; n < scan->states; n++) {
            Vector a = load(block->a + n * block->a_row + v * FLOW_WIDTH);
            scan_store(da_part, n * scan->channels + channel, count, v, da[n][v] * a);
        }
        scan_store(scan->dskip_parts, batch * scan->channels + channel, count, v, dskip[v]);
    }
}

static void selective_scan_backward(const FlowScan *scan, int64_t batch, float *floats) {
    ScanMemory *memory = (ScanMemory *)floats;
    ScanBlock block = scan_block(scan, batch, floats + sizeof(ScanMemory) / sizeof(float));
    int64_t size = scan->length * block.states;
    float *after = floats + sizeof(ScanMemory) / sizeof(float) + scan_padding(scan->length, block.states);
    Vector *db = (Vector *)after, *dc = db + size;
    Vector(*dh)[ScanVectors] = (Vector(*)[ScanVectors])(dc + size);
    memset(db, 0, (size_t)(2 * size) * sizeof *db);
    for (int64_t channel = 0; channel < scan->channels; channel += ScanWidth) {
        scan_place(scan, &block, batch, channel);
        if (block.count == ScanWidth) {
            scan_backward(scan, &block, batch, channel, ScanWidth, memory, db, dc, dh);
        } else {
            scan_backward(scan, &block, batch, channel, block.count, memory, db, dc, dh);
        }
    }
    for (int64_t l = 0; l < scan->length; l++) {
        for (int64_t n = 0; n < scan->states; n++) {
            int64_t to = (batch * scan->length + l) * scan->states + n;
            scan->db[to] = sum(db[l * block.states + n]);
            scan->dc[to] = sum(dc[l * block.states + n]);
        }
    }
}
