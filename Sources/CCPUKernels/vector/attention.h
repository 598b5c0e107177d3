/* Softmax attention of one head, and its gradient. A head's rows are copied to memory of whole vectors, padded with
   zeros, where a small matrix product works on tiles of 4 rows held in registers. Its operands are of words, as in
   product_tile.h: a product's left one by rows, its right one by steps of the sum. With words of floats both are the same. */

#if FLOW_WIDTH == 16
enum { TileVectors = 4 };
#else
enum { TileVectors = 2 };
#endif

enum { TileRows = 4, AttentionBlock = 64 };

/* Rows of numbers that are read or written soon, asked for little by little so that they come while products run. */
enum { FetchRegions = 8, FetchRows = 8 };
typedef struct Fetch {
    int count, region;
    int64_t row, rows, numbers; /* of a region */
    FlowNumbers from[FetchRegions];
    int64_t stride[FetchRegions];
} Fetch;

FLOW_INLINE void fetch_add(Fetch *fetch, FlowNumbers from, int64_t stride) {
    fetch->from[fetch->count] = from;
    fetch->stride[fetch->count++] = stride;
}

FLOW_INLINE void fetch_some(Fetch *fetch, int rows) {
    for (int i = 0; i < rows && fetch->region < fetch->count; i++) {
        const int64_t at = fetch->row * fetch->stride[fetch->region];
        flow_touch(flow_numbers_from(fetch->from[fetch->region], at), fetch->numbers);
        if (++fetch->row == fetch->rows) {
            fetch->row = 0;
            fetch->region++;
        }
    }
}

FLOW_INLINE int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

/* A tile of c (rows x columns) = or += a (rows x inner) b (inner x columns), inner in words; `a` by any strides, `b` and `c`
   by rows. */
FLOW_INLINE void small_product_tile(
    const float *a, int64_t a_row, int64_t a_column, const float *b, int64_t b_row, float *c, int64_t c_row,
    int64_t inner, bool add, int vectors) {
    Vector total[TileRows][TileVectors];
    for (int r = 0; r < TileRows; r++) {
        for (int v = 0; v < vectors; v++) {
            total[r][v] = add ? load(c + r * c_row + v * FLOW_WIDTH) : splat(0.0f);
        }
    }
    for (int64_t k = 0; k < inner; k++) {
        Vector right[TileVectors];
        for (int v = 0; v < vectors; v++) right[v] = load(b + k * b_row + v * FLOW_WIDTH);
        for (int r = 0; r < TileRows; r++) {
            Vector left = repeated(&a[r * a_row + k * a_column]);
            for (int v = 0; v < vectors; v++) total[r][v] = multiply_words(left, right[v], total[r][v]);
        }
    }
    for (int r = 0; r < TileRows; r++) {
        for (int v = 0; v < vectors; v++) store(c + r * c_row + v * FLOW_WIDTH, total[r][v]);
    }
}

/* `rows` is a multiple of TileRows, `columns` of FLOW_WIDTH. */
static void small_product(
    const float *a, int64_t a_row, int64_t a_column, const float *b, int64_t b_row, float *c, int64_t c_row,
    int64_t rows, int64_t columns, int64_t inner, bool add, Fetch *fetch) {
    int64_t column = 0;
    for (; column + TileVectors * FLOW_WIDTH <= columns; column += TileVectors * FLOW_WIDTH) {
        for (int64_t row = 0; row < rows; row += TileRows) {
            fetch_some(fetch, FetchRows);
            small_product_tile(
                a + row * a_row, a_row, a_column, b + column, b_row, c + row * c_row + column, c_row, inner, add,
                TileVectors);
        }
    }
    for (; column < columns; column += FLOW_WIDTH) {
        for (int64_t row = 0; row < rows; row += TileRows) {
            small_product_tile(
                a + row * a_row, a_row, a_column, b + column, b_row, c + row * c_row + column, c_row, inner, add, 1);
        }
    }
}

/* to (columns x rows) = from (rows x columns) transposed; both sizes multiples of FLOW_WIDTH. */
static void transpose(const float *from, int64_t rows, int64_t columns, float *to) {
    for (int64_t row = 0; row < rows; row += FLOW_WIDTH) {
        for (int64_t column = 0; column < columns; column += FLOW_WIDTH) {
            Vector block[FLOW_WIDTH];
            for (int i = 0; i < FLOW_WIDTH; i++) block[i] = load(from + (row + i) * columns + column);
            transpose_block(block);
            for (int i = 0; i < FLOW_WIDTH; i++) store(to + (column + i) * rows + row, block[i]);
        }
    }
}

/* The words of rows of `count` numbers, `stride` apart, along rows of `padded_count` floats; and rows of zeros up to
   `padded_rows`. */
FLOW_INLINE void pack_rows(
    FlowNumbers from, int64_t stride, int64_t rows, int64_t count, float *to, int64_t padded_rows,
    int64_t padded_count) {
    const int64_t words = padded_count / StepsInWord;
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < words; i += FLOW_WIDTH) {
            const int64_t step = i * StepsInWord;
#if FLOW_STEPS_IN_WORD == 1
            Vector word = load_some((const float *)from.at + row * stride + step, count - step);
#else
            Vector word = words_of_row(from, row * stride + step, count - step);
#endif
            store(to + row * words + i, word);
        }
    }
    memset(to + rows * words, 0, (size_t)((padded_rows - rows) * words) * sizeof(float));
}

/* The words of rows that are steps: of neighbouring rows, rows of zeros up to `padded_rows`. */
FLOW_INLINE void pack_steps(
    FlowNumbers from, int64_t stride, int64_t rows, int64_t count, float *to, int64_t padded_rows,
    int64_t padded_count) {
#if FLOW_STEPS_IN_WORD == 1
    pack_rows(from, stride, rows, count, to, padded_rows, padded_count);
#else
    for (int64_t row = 0; row < padded_rows; row += 2, to += padded_count) {
        for (int64_t i = 0; i < padded_count; i += FLOW_WIDTH) {
            store(to + i, words_of_rows(from, row * stride + i, stride, rows - row, count - i));
        }
    }
#endif
}

FLOW_INLINE float largest(Vector value) {
    float parts[FLOW_WIDTH], most;
    store(parts, value);
    most = parts[0];
    for (int i = 1; i < FLOW_WIDTH; i++) most = parts[i] > most ? parts[i] : most;
    return most;
}

/* Scores of padded keys become so negative that their weight vanishes. */
FLOW_INLINE void hide_padding(float *scores, int64_t rows, int64_t length, int64_t padded_length) {
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = length; i < padded_length; i++) scores[row * padded_length + i] = -1e30f;
    }
}

/* The next head's queries, keys and values. */
FLOW_INLINE void fetch_packed(Fetch *fetch, const FlowAttention *heads) {
    const int64_t width = heads->heads * heads->head;
    const int64_t at = heads->next / heads->heads * heads->length * 3 * width + heads->next % heads->heads * heads->head;
    for (int part = 0; part < 3; part++) {
        fetch_add(fetch, flow_numbers_from(heads->qkv, at + part * width), 3 * width);
    }
}

/* Sizes of a head in memory: whole vectors of words. */
FLOW_INLINE int64_t padded(int64_t size) { return round_up(size, FLOW_WIDTH * StepsInWord); }

/* Floats of working memory a head needs. */
static int64_t attention_memory(int64_t length, int64_t head) {
    int64_t l = padded(length), d = padded(head);
    return 3 * l * d + AttentionBlock * (2 * l + 2 * d);
}

static void attention(const FlowAttention *heads, int64_t batch, int64_t index, float *memory) {
    const int64_t length = heads->length, head = heads->head, width = heads->heads * head;
    const int64_t l = padded(length), d = padded(head);
    const FlowNumbers qkv = flow_numbers_from(heads->qkv, batch * length * 3 * width + index * head);
    const FlowNumbers out = flow_numbers_from(heads->out, batch * length * width + index * head);
    float *keys = memory, *transposed = keys + l * d, *values = transposed + l * d;
    float *scores = values + l * d, *queries = scores + AttentionBlock * l, *result = queries + AttentionBlock * d;
    float *weights = StepsInWord == 1 ? scores : result + AttentionBlock * d;
    pack_rows(flow_numbers_from(qkv, width), 3 * width, length, head, keys, l, d);
    pack_steps(flow_numbers_from(qkv, 2 * width), 3 * width, length, head, values, l, d);
    transpose(keys, l, d / StepsInWord, transposed);
    Fetch fetch = {.rows = length, .numbers = head};
    fetch_add(&fetch, out, width);
    if (heads->next >= 0) fetch_packed(&fetch, heads);
    const float scale = 1.0f / __builtin_sqrtf((float)head);
    for (int64_t first = 0; first < length; first += AttentionBlock) {
        int64_t rows = length - first < AttentionBlock ? length - first : AttentionBlock;
        int64_t padded_rows = round_up(rows, TileRows);
        pack_rows(flow_numbers_from(qkv, first * 3 * width), 3 * width, rows, head, queries, padded_rows, d);
        small_product(
            queries, d / StepsInWord, 1, transposed, l, scores, l, padded_rows, l, d / StepsInWord, false, &fetch);
        hide_padding(scores, rows, length, l);
        float inverse[AttentionBlock];
        for (int64_t row = 0; row < rows; row++) {
            float *s = scores + row * l;
            Vector most = load(s);
            for (int64_t i = FLOW_WIDTH; i < l; i += FLOW_WIDTH) most = choose(load(s + i) > most, load(s + i), most);
            float top = largest(most);
            Vector total = splat(0.0f);
            for (int64_t i = 0; i < l; i += FLOW_WIDTH) {
                Vector weight = exp_vector((load(s + i) - splat(top)) * splat(scale));
                store(s + i, weight);
                total = total + weight;
            }
            float whole = sum(total);
            inverse[row] = 1.0f / whole;
            heads->lse[(batch * heads->heads + index) * length + first + row] =
                top * scale + __builtin_logf(whole);
        }
        if (StepsInWord > 1) pack_rows(flow_floats(scores), l, rows, l, weights, padded_rows, l);
        small_product(
            weights, l / StepsInWord, 1, values, d, result, d, padded_rows, d, l / StepsInWord, false, &fetch);
        for (int64_t row = 0; row < rows; row++) {
            for (int64_t i = 0; i < head; i += FLOW_WIDTH) {
                Vector mixed = load(result + row * d + i) * splat(inverse[row]);
                store_numbers(out, (first + row) * width + i, mixed, head - i);
            }
        }
    }
}

static int64_t attention_backward_memory(int64_t length, int64_t head) {
    int64_t l = padded(length), d = padded(head);
    return 6 * l * d + AttentionBlock * (2 * l + 3 * d) + (StepsInWord - 1) * (l * d + AttentionBlock * (3 * l + 2 * d));
}

FLOW_INLINE void copy_out(
    const float *from, int64_t from_row, int64_t rows, int64_t count, FlowNumbers to, int64_t to_row) {
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t i = 0; i < count; i += FLOW_WIDTH) {
            store_numbers(to, row * to_row + i, load(from + row * from_row + i), count - i);
        }
    }
}

static void attention_backward(const FlowAttention *heads, int64_t batch, int64_t index, float *memory) {
    const int64_t length = heads->length, head = heads->head, width = heads->heads * head;
    const int64_t l = padded(length), d = padded(head), words = d / StepsInWord;
    const int64_t packed = batch * length * 3 * width + index * head, row_start = batch * length * width + index * head;
    const FlowNumbers qkv = flow_numbers_from(heads->qkv, packed), dqkv = flow_numbers_from(heads->dqkv, packed);
    const FlowNumbers k = flow_numbers_from(qkv, width), v = flow_numbers_from(qkv, 2 * width);
    const float *lse = heads->lse + (batch * heads->heads + index) * length;
    float *keys = memory, *values = keys + l * d, *keys_t = values + l * d, *values_t = keys_t + l * d;
    float *dk = values_t + l * d, *dv = dk + l * d;
    float *weights = dv + l * d, *dweights = weights + AttentionBlock * l;
    float *queries = dweights + AttentionBlock * l, *gradient = queries + AttentionBlock * d;
    float *dq = gradient + AttentionBlock * d;
    /* The same by steps, and the score's gradient by rows. */
    float *key_steps = keys, *query_steps = queries, *gradient_steps = gradient;
    float *weight_steps = weights, *dweight_steps = dweights, *dweight_rows = dweights;
    if (StepsInWord > 1) {
        key_steps = dq + AttentionBlock * d;
        query_steps = key_steps + l * d;
        gradient_steps = query_steps + AttentionBlock * d;
        weight_steps = gradient_steps + AttentionBlock * d;
        dweight_steps = weight_steps + AttentionBlock * l;
        dweight_rows = dweight_steps + AttentionBlock * l;
        pack_steps(k, 3 * width, length, head, key_steps, l, d);
    }
    pack_rows(k, 3 * width, length, head, keys, l, d);
    pack_rows(v, 3 * width, length, head, values, l, d);
    transpose(keys, l, words, keys_t);
    transpose(values, l, words, values_t);
    Fetch fetch = {.rows = length, .numbers = head};
    for (int part = 0; part < 3; part++) fetch_add(&fetch, flow_numbers_from(dqkv, part * width), 3 * width);
    if (heads->next >= 0) {
        fetch_packed(&fetch, heads);
        const int64_t place = heads->next / heads->heads * length * width + heads->next % heads->heads * head;
        fetch_add(&fetch, flow_numbers_from(heads->g, place), width);
        fetch_add(&fetch, flow_numbers_from(heads->out, place), width);
    }
    const float scale = 1.0f / __builtin_sqrtf((float)head);
    for (int64_t first = 0; first < length; first += AttentionBlock) {
        int64_t rows = length - first < AttentionBlock ? length - first : AttentionBlock;
        int64_t padded_rows = round_up(rows, TileRows), steps = (rows + StepsInWord - 1) / StepsInWord;
        const FlowNumbers q = flow_numbers_from(qkv, first * 3 * width);
        const FlowNumbers out = flow_numbers_from(heads->out, row_start + first * width);
        const FlowNumbers g = flow_numbers_from(heads->g, row_start + first * width);
        pack_rows(q, 3 * width, rows, head, queries, padded_rows, d);
        pack_rows(g, width, rows, head, gradient, padded_rows, d);
        small_product(queries, words, 1, keys_t, l, weights, l, padded_rows, l, words, false, &fetch);
        small_product(gradient, words, 1, values_t, l, dweights, l, padded_rows, l, words, false, &fetch);
        hide_padding(weights, rows, length, l);
        for (int64_t row = 0; row < rows; row++) {
            Vector along = splat(0.0f);
            for (int64_t i = 0; i < head; i += FLOW_WIDTH) {
                Vector y = load_numbers(out, row * width + i, head - i);
                along = multiply_add(y, load_numbers(g, row * width + i, head - i), along);
            }
            Vector mean = splat(sum(along)), shift = splat(lse[first + row]);
            float *p = weights + row * l, *dp = dweights + row * l;
            for (int64_t i = 0; i < l; i += FLOW_WIDTH) {
                Vector weight = exp_vector(load(p + i) * splat(scale) - shift);
                store(p + i, weight);
                store(dp + i, weight * (load(dp + i) - mean) * splat(scale));
            }
        }
        if (StepsInWord > 1) {
            pack_rows(flow_floats(dweights), l, rows, l, dweight_rows, padded_rows, l);
            pack_steps(flow_floats(dweights), l, rows, l, dweight_steps, rows, l);
            pack_steps(flow_floats(weights), l, rows, l, weight_steps, rows, l);
            pack_steps(q, 3 * width, rows, head, query_steps, rows, d);
            pack_steps(g, width, rows, head, gradient_steps, rows, d);
        }
        small_product(
            dweight_rows, l / StepsInWord, 1, key_steps, d, dq, d, padded_rows, d, l / StepsInWord, false, &fetch);
        copy_out(dq, d, rows, head, flow_numbers_from(dqkv, first * 3 * width), 3 * width);
        small_product(dweight_steps, 1, l, query_steps, d, dk, d, l, d, steps, first > 0, &fetch);
        small_product(weight_steps, 1, l, gradient_steps, d, dv, d, l, d, steps, first > 0, &fetch);
    }
    copy_out(dk, d, length, head, flow_numbers_from(dqkv, width), 3 * width);
    copy_out(dv, d, length, head, flow_numbers_from(dqkv, 2 * width), 3 * width);
}
