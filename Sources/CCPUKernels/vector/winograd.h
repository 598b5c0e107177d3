/* Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray, "Fast algorithms for convolutional neural networks",
   2016): a tile of 4 x 4 results from 36 products a pair of channels instead of 144.

   One dimension is Toom and Cook's multiplication of polynomials at the points 0, a, -a, b, -b and infinity. a = 11/16
   and b = 3/2 keep the error near the direct sum's (about 8e-7 relative at 64 channels; the usual 1 and 2 give 1.7e-6),
   and all their products below are exact in a float. Transforms of two dimensions are the same along columns, then
   rows; point 6 i + j of a tile is point i of the column, j of the row. */

#define WINOGRAD_A 0.6875f
#define WINOGRAD_B 1.5f
#define WINOGRAD_A2 (WINOGRAD_A * WINOGRAD_A)
#define WINOGRAD_B2 (WINOGRAD_B * WINOGRAD_B)
/* The Lagrange denominators at 0, a and b. */
#define WINOGRAD_AT_0 (1 / ((double)WINOGRAD_A2 * (double)WINOGRAD_B2))
#define WINOGRAD_AT_A (1 / (2 * (double)WINOGRAD_A2 * ((double)WINOGRAD_A2 - (double)WINOGRAD_B2)))
#define WINOGRAD_AT_B (1 / (2 * (double)WINOGRAD_B2 * ((double)WINOGRAD_B2 - (double)WINOGRAD_A2)))

/* Rows of a product's register block, the longest run of tiles transformed together. */
enum { WinogradRows = FLOW_WIDTH == 16 ? 8 : 4, WinogradLongestRun = 8 };

/* MARK: One dimension */

/* Six numbers of the image to six points. */
FLOW_INLINE void winograd_from_image(const Vector *d, Vector *points) {
    const Vector sum = splat(-(WINOGRAD_A2 + WINOGRAD_B2)), product = splat(WINOGRAD_A2 * WINOGRAD_B2);
    const Vector a = splat(WINOGRAD_A), b = splat(WINOGRAD_B);
    const Vector a2 = splat(-WINOGRAD_A2), b2 = splat(-WINOGRAD_B2);
    points[0] = multiply_add(product, d[0], multiply_add(sum, d[2], d[4]));
    Vector even = multiply_add(b2, d[2], d[4]), odd = multiply_add(b2, d[1], d[3]);
    points[1] = multiply_add(a, odd, even);
    points[2] = multiply_add(-a, odd, even);
    even = multiply_add(a2, d[2], d[4]);
    odd = multiply_add(a2, d[1], d[3]);
    points[3] = multiply_add(b, odd, even);
    points[4] = multiply_add(-b, odd, even);
    points[5] = multiply_add(product, d[1], multiply_add(sum, d[3], d[5]));
}

/* Three numbers of the kernel to six points. */
FLOW_INLINE void winograd_from_kernel(const Vector *g, Vector *points) {
    points[0] = splat((float)WINOGRAD_AT_0) * g[0];
    Vector even = splat((float)WINOGRAD_AT_A) * multiply_add(splat(WINOGRAD_A2), g[2], g[0]);
    Vector odd = splat((float)(WINOGRAD_AT_A * (double)WINOGRAD_A)) * g[1];
    points[1] = even + odd;
    points[2] = even - odd;
    even = splat((float)WINOGRAD_AT_B) * multiply_add(splat(WINOGRAD_B2), g[2], g[0]);
    odd = splat((float)(WINOGRAD_AT_B * (double)WINOGRAD_B)) * g[1];
    points[3] = even + odd;
    points[4] = even - odd;
    points[5] = g[2];
}

/* Six points to four numbers of the result. */
FLOW_INLINE void winograd_to_result(const Vector *points, Vector *y) {
    Vector even_a = points[1] + points[2], odd_a = points[1] - points[2];
    Vector even_b = points[3] + points[4], odd_b = points[3] - points[4];
    y[0] = points[0] + even_a + even_b;
    y[1] = multiply_add(splat(WINOGRAD_A), odd_a, splat(WINOGRAD_B) * odd_b);
    y[2] = multiply_add(splat(WINOGRAD_A2), even_a, splat(WINOGRAD_B2) * even_b);
    y[3] = multiply_add(
        splat(WINOGRAD_A2 * WINOGRAD_A), odd_a,
        multiply_add(splat(WINOGRAD_B2 * WINOGRAD_B), odd_b, points[5]));
}

/* The transpose of winograd_to_result: four numbers of the result's gradient to six points. */
FLOW_INLINE void winograd_from_gradient(const Vector *g, Vector *points) {
    const Vector a = splat(WINOGRAD_A), b = splat(WINOGRAD_B);
    points[0] = g[0];
    Vector even = multiply_add(splat(WINOGRAD_A2), g[2], g[0]), odd = multiply_add(splat(WINOGRAD_A2), g[3], g[1]);
    points[1] = multiply_add(a, odd, even);
    points[2] = multiply_add(-a, odd, even);
    even = multiply_add(splat(WINOGRAD_B2), g[2], g[0]);
    odd = multiply_add(splat(WINOGRAD_B2), g[3], g[1]);
    points[3] = multiply_add(b, odd, even);
    points[4] = multiply_add(-b, odd, even);
    points[5] = g[3];
}

/* The transpose of winograd_from_kernel: six points to three numbers of the kernel's gradient. */
FLOW_INLINE void winograd_to_kernel(const Vector *points, Vector *g) {
    Vector even_a = splat((float)WINOGRAD_AT_A) * (points[1] + points[2]);
    Vector even_b = splat((float)WINOGRAD_AT_B) * (points[3] + points[4]);
    g[0] = multiply_add(splat((float)WINOGRAD_AT_0), points[0], even_a + even_b);
    g[1] = multiply_add(
        splat((float)(WINOGRAD_AT_A * (double)WINOGRAD_A)), points[1] - points[2],
        splat((float)(WINOGRAD_AT_B * (double)WINOGRAD_B)) * (points[3] - points[4]));
    g[2] = multiply_add(splat(WINOGRAD_A2), even_a, multiply_add(splat(WINOGRAD_B2), even_b, points[5]));
}

/* MARK: Words */

/* As many words as hold so many steps of a sum: of channels for a result, of tiles for a kernel's gradient. */
FLOW_INLINE int64_t winograd_words(int64_t steps) { return (steps + StepsInWord - 1) / StepsInWord; }

/* Where a tile's points go: FlowWinogradPoints planes. A word of two steps is stored with its second; the first's points are kept
   until then. */
typedef struct WinogradPlanes {
    float *points;
    int64_t plane;
    float *kept;
    bool of_tiles; /* a word's steps are tiles, the same channels of both; else vectors of neighbouring channels of one tile */
} WinogradPlanes;

FLOW_INLINE void winograd_put(const WinogradPlanes *to, int point, int step, Vector value) {
    float *at = to->points + point * to->plane;
#if FLOW_STEPS_IN_WORD == 1
    (void)step;
    store(at, value);
#else
    float *kept = to->kept + point * FLOW_WIDTH;
    if (step == 0) store(kept, value);
    else if (to->of_tiles) store(at, words_of_steps(load(kept), value));
    else store(at, words_of_neighbours(load(kept), value));
#endif
}

/* Stores words whose first step was the sum's last. */
FLOW_INLINE void winograd_put_rest(const WinogradPlanes *to) {
    for (int point = 0; point < FlowWinogradPoints; point++) winograd_put(to, point, StepsInWord - 1, splat(0.0f));
}

/* The planes of a tile, counted within its block, where words are of tiles. */
FLOW_INLINE WinogradPlanes winograd_tile_planes(float *points, int64_t plane, float *kept, int64_t tile) {
    return (WinogradPlanes){points + tile / StepsInWord * FLOW_WIDTH, plane, kept, true};
}

/* Points kept of a block of tiles, for so many vectors of channels. */
enum { WinogradKept = StepsInWord > 1 ? FlowWinogradPoints * FLOW_WIDTH : 1, WinogradBlockVectors = 64 / FLOW_WIDTH };

/* MARK: Tiles */

/* Places of a block of tiles' points: FlowWinogradPoints planes, each (vectors of channels, tiles, FLOW_WIDTH), with the channels
   or the tiles counted in words. A line between planes keeps them from falling on the same lines of the cache. */
static int64_t winograd_plane(int64_t tiles, int64_t channels) {
    return (channels + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH * tiles + 16;
}

/* Where a tile lies. */
typedef struct WinogradPlace {
    int64_t image, row, column; /* row and column of tiles */
} WinogradPlace;

FLOW_INLINE WinogradPlace winograd_place(const FlowWinograd *shape, int64_t tile) {
    int64_t row = tile / shape->tile_columns;
    return (WinogradPlace){row / shape->tile_rows, row % shape->tile_rows, tile % shape->tile_columns};
}

static const float winograd_zeros[FLOW_WIDTH] __attribute__((aligned(64)));

/* The transform's columns of a run of tiles next to each other, for `count` channels from `channel` on: neighbours share the
   two columns they share. */
FLOW_INLINE void winograd_image_columns(
    const FlowWinograd *shape, FlowNumbers x, WinogradPlace place, int64_t run, int64_t channel, int64_t count,
    Vector (*columns)[6]) {
    const FlowNumbers zeros = {(void *)winograd_zeros, x.rounded};
    FlowNumbers rows[6];
    int64_t steps[6];
    x = flow_numbers_from(x, place.image * shape->height * shape->width * shape->channels + channel);
    for (int i = 0; i < 6; i++) {
        int64_t row = 4 * place.row - shape->padding + i;
        bool inside = row >= 0 && row < shape->height;
        rows[i] = inside ? flow_numbers_from(x, row * shape->width * shape->channels) : zeros;
        steps[i] = inside ? shape->channels : 0;
    }
    for (int64_t j = 0; j < 4 * run + 2; j++) {
        int64_t column = 4 * place.column - shape->padding + j;
        if (column < 0 || column >= shape->width) {
            for (int i = 0; i < 6; i++) columns[j][i] = splat(0.0f);
            continue;
        }
        Vector d[6];
        for (int i = 0; i < 6; i++) d[i] = load_numbers(rows[i], column * steps[i], count);
        winograd_from_image(d, columns[j]);
    }
}

/* Such columns of any number of channels. */
FLOW_INLINE void winograd_some_columns(
    const FlowWinograd *shape, FlowNumbers x, WinogradPlace place, int64_t run, int64_t channel, int64_t count,
    Vector (*columns)[6]) {
    const FlowNumbers floats = {x.at, false}, halves = {x.at, true};
    if (count < FLOW_WIDTH) winograd_image_columns(shape, x, place, run, channel, count, columns);
    else if (x.rounded) winograd_image_columns(shape, halves, place, run, channel, FLOW_WIDTH, columns);
    else winograd_image_columns(shape, floats, place, run, channel, FLOW_WIDTH, columns);
}

/* The points of a tile from its six columns. */
FLOW_INLINE void winograd_image_tile(Vector (*columns)[6], const WinogradPlanes *to, int step) {
    for (int i = 0; i < 6; i++) {
        Vector d[6], out[6];
        for (int j = 0; j < 6; j++) d[j] = columns[j][i];
        winograd_from_image(d, out);
        for (int j = 0; j < 6; j++) winograd_put(to, 6 * i + j, step, out[j]);
    }
}

/* Tiles from `tile` on, of a block of `count` that begins at `first`, that lie next to each other. */
FLOW_INLINE int64_t winograd_run(const FlowWinograd *shape, WinogradPlace place, int64_t left) {
    int64_t run = shape->tile_columns - place.column;
    if (run > left) run = left;
    return run > WinogradLongestRun ? WinogradLongestRun : run;
}

/* The points of tiles `first` to `first + count` of the images, for all channels; words are of channels. */
static void winograd_image(
    const FlowWinograd *shape, FlowNumbers x, int64_t first, int64_t count, int64_t capacity, float *points) {
    const int64_t channels = shape->channels, plane = winograd_plane(capacity, winograd_words(channels));
    Vector columns[4 * WinogradLongestRun + 2][6];
    float kept[WinogradLongestRun * WinogradKept] __attribute__((aligned(64)));
    int64_t run;
    for (int64_t tile = 0; tile < count; tile += run) {
        WinogradPlace place = winograd_place(shape, first + tile);
        run = winograd_run(shape, place, count - tile);
        for (int64_t c = 0; c < channels; c += StepsInWord * FLOW_WIDTH) {
            for (int step = 0; step < StepsInWord; step++) {
                const int64_t channel = c + step * FLOW_WIDTH;
                if (channel < channels) {
                    winograd_some_columns(shape, x, place, run, channel, channels - channel, columns);
                }
                for (int64_t t = 0; t < run; t++) {
                    WinogradPlanes to = {
                        points + c / StepsInWord * capacity + (tile + t) * FLOW_WIDTH, plane, kept + t * WinogradKept, false};
                    if (channel >= channels) winograd_put_rest(&to);
                    else if (step == 0) winograd_image_tile(columns + 4 * t, &to, 0);
                    else winograd_image_tile(columns + 4 * t, &to, 1);
                }
            }
        }
    }
}

/* The same for at most 64 `channels` from `channel` on; words are of tiles. */
static void winograd_image_of_tiles(
    const FlowWinograd *shape, FlowNumbers x, int64_t first, int64_t count, int64_t channel, int64_t channels,
    int64_t capacity, float *points) {
    const int64_t words = winograd_words(capacity), plane = winograd_plane(words, channels);
    Vector columns[4 * WinogradLongestRun + 2][6];
    float kept[WinogradBlockVectors * WinogradKept] __attribute__((aligned(64)));
    int64_t run;
    for (int64_t tile = 0; tile < count; tile += run) {
        WinogradPlace place = winograd_place(shape, first + tile);
        run = winograd_run(shape, place, count - tile);
        for (int64_t c = 0; c < channels; c += FLOW_WIDTH) {
            float *own = kept + c / FLOW_WIDTH * WinogradKept;
            winograd_some_columns(shape, x, place, run, channel + c, channels - c, columns);
            for (int64_t t = 0; t < run; t++) {
                WinogradPlanes to = winograd_tile_planes(points + c * words, plane, own, tile + t);
                if ((tile + t) % StepsInWord == 0) winograd_image_tile(columns + 4 * t, &to, 0);
                else winograd_image_tile(columns + 4 * t, &to, 1);
                if (tile + t + 1 == count && count % StepsInWord != 0) winograd_put_rest(&to);
            }
        }
    }
}

/* One tile of the result's gradient; adds what it sums to into `total`. */
FLOW_INLINE Vector winograd_gradient_tile(
    const FlowWinograd *shape, FlowNumbers g, WinogradPlace place, int64_t count, const WinogradPlanes *to, int step,
    Vector total) {
    int64_t row = 4 * place.row, column = 4 * place.column, outputs = shape->outputs;
    bool whole = row + 4 <= shape->result_height && column + 4 <= shape->result_width;
    const FlowNumbers zeros = {(void *)winograd_zeros, g.rounded};
    g = flow_numbers_from(g, ((place.image * shape->result_height + row) * shape->result_width + column) * outputs);
    Vector columns[4][6];
    for (int j = 0; j < 4; j++) {
        Vector d[4];
        for (int i = 0; i < 4; i++) {
            bool inside = whole || (row + i < shape->result_height && column + j < shape->result_width);
            d[i] = load_numbers(inside ? g : zeros, inside ? (i * shape->result_width + j) * outputs : 0, count);
        }
        total = total + ((d[0] + d[1]) + (d[2] + d[3]));
        winograd_from_gradient(d, columns[j]);
    }
    for (int i = 0; i < 6; i++) {
        Vector d[4], out[6];
        for (int j = 0; j < 4; j++) d[j] = columns[j][i];
        winograd_from_gradient(d, out);
        for (int j = 0; j < 6; j++) winograd_put(to, 6 * i + j, step, out[j]);
    }
    return total;
}

/* As winograd_image_of_tiles, of the result's gradient; adds the gradient of the bias into bias[0..<channels]. */
static void winograd_gradient(
    const FlowWinograd *shape, FlowNumbers g, int64_t first, int64_t count, int64_t channel, int64_t channels,
    int64_t capacity, float *points, float *bias) {
    const int64_t words = winograd_words(capacity), plane = winograd_plane(words, channels);
    float kept[WinogradKept] __attribute__((aligned(64)));
    for (int64_t c = 0; c < channels; c += FLOW_WIDTH) {
        int64_t some = channels - c < FLOW_WIDTH ? channels - c : FLOW_WIDTH;
        Vector total = splat(0.0f);
        for (int64_t tile = 0; tile < count; tile++) {
            WinogradPlace place = winograd_place(shape, first + tile);
            WinogradPlanes to = winograd_tile_planes(points + c * words, plane, kept, tile);
            const FlowNumbers from = flow_numbers_from(g, channel + c);
            const int step = (int)(tile % StepsInWord);
            if (some < FLOW_WIDTH) total = winograd_gradient_tile(shape, from, place, some, &to, step, total);
            else if (step == 0) total = winograd_gradient_tile(shape, from, place, FLOW_WIDTH, &to, 0, total);
            else total = winograd_gradient_tile(shape, from, place, FLOW_WIDTH, &to, 1, total);
            if (tile + 1 == count && count % StepsInWord != 0) winograd_put_rest(&to);
        }
        store_some(bias + c, load_some(bias + c, some) + total, some);
    }
}

/* MARK: Kernels */

/* The points of the kernels from input channels `first` (the first of a word) to `first + count` to `outputs` (at most two
   vectors) output channels: FlowWinogradPoints panels (words of channels, outputs rounded up to vectors). Kernel (o, i) begins at
   w + o output_stride + i input_stride; `rotated` takes it from its end. */
static void winograd_kernel(
    const float *w, int64_t output_stride, int64_t input_stride, bool rotated, int64_t first, int64_t count,
    int64_t channels, int64_t outputs, float *panels) {
    const int64_t width = (outputs + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH;
    const int64_t plane = flow_winograd_panel(winograd_words(channels), width);
    float kept[2 * WinogradKept] __attribute__((aligned(64)));
    for (int64_t i = first; i < first + count; i++) {
        for (int64_t o = 0; o < outputs; o += FLOW_WIDTH) {
            /* Of channels, but as where words are of tiles the lanes are the same. */
            WinogradPlanes to = {
                panels + i / StepsInWord * width + o, plane, kept + o / FLOW_WIDTH * WinogradKept, true};
            float taps[9][FLOW_WIDTH] __attribute__((aligned(64)));
            memset(taps, 0, sizeof taps);
            int64_t lanes = outputs - o < FLOW_WIDTH ? outputs - o : FLOW_WIDTH;
            for (int64_t lane = 0; lane < lanes; lane++) {
                const float *from = w + (o + lane) * output_stride + i * input_stride;
                for (int tap = 0; tap < 9; tap++) taps[tap][lane] = from[rotated ? 8 - tap : tap];
            }
            Vector columns[3][6];
            for (int b = 0; b < 3; b++) {
                Vector g[3] = {load(taps[b]), load(taps[3 + b]), load(taps[6 + b])};
                winograd_from_kernel(g, columns[b]);
            }
            for (int a = 0; a < 6; a++) {
                Vector g[3] = {columns[0][a], columns[1][a], columns[2][a]}, out[6];
                winograd_from_kernel(g, out);
                for (int b = 0; b < 6; b++) winograd_put(&to, 6 * a + b, (int)(i % StepsInWord), out[b]);
            }
            if (i + 1 == channels && channels % StepsInWord != 0) winograd_put_rest(&to);
        }
    }
}

/* The gradient of the kernels from input channel `i` to `outputs` output channels: of `parts` sums of points, each
   FlowWinogradPoints planes of `plane` floats, `part` apart; kernel (o, i) begins at dw + o stride. */
static void winograd_kernel_gradient(
    const float *sums, int64_t parts, int64_t part, int64_t plane, int64_t outputs, int64_t stride, float *dw) {
    for (int64_t o = 0; o < outputs; o += FLOW_WIDTH) {
        int64_t lanes = outputs - o < FLOW_WIDTH ? outputs - o : FLOW_WIDTH;
        Vector rows[6][3];
        for (int i = 0; i < 6; i++) {
            Vector points[6];
            for (int j = 0; j < 6; j++) {
                const float *from = sums + (6 * i + j) * plane + o;
                points[j] = load(from);
                for (int64_t k = 1; k < parts; k++) points[j] = points[j] + load(from + k * part);
            }
            winograd_to_kernel(points, rows[i]);
        }
        float taps[9][FLOW_WIDTH] __attribute__((aligned(64)));
        for (int b = 0; b < 3; b++) {
            Vector points[6], out[3];
            for (int i = 0; i < 6; i++) points[i] = rows[i][b];
            winograd_to_kernel(points, out);
            for (int a = 0; a < 3; a++) store(taps[3 * a + b], out[a]);
        }
        for (int64_t lane = 0; lane < lanes; lane++) {
            for (int tap = 0; tap < 9; tap++) dw[(o + lane) * stride + tap] = taps[tap][lane];
        }
    }
}
