/* The products of Winograd's minimal filtering and the ways back from them; see winograd.h. */

/* WinogradRows tiles of one plane times a panel of `vectors` vectors of output channels, summed over `words` of channels. */
FLOW_INLINE void winograd_product(
    const float *image, int64_t step, const float *panel, int64_t words, int vectors, float *to) {
    Vector total[WinogradRows][2];
    for (int row = 0; row < WinogradRows; row++) {
        for (int v = 0; v < vectors; v++) total[row][v] = splat(0.0f);
    }
    for (int64_t c = 0; c < words; c += FLOW_WIDTH, image += step) {
        int64_t count = words - c < FLOW_WIDTH ? words - c : FLOW_WIDTH;
        for (int64_t lane = 0; lane < count; lane++, panel += vectors * FLOW_WIDTH) {
            Vector u[2];
            for (int v = 0; v < vectors; v++) u[v] = load(panel + v * FLOW_WIDTH);
            for (int row = 0; row < WinogradRows; row++) {
                Vector factor = repeated(&image[row * FLOW_WIDTH + lane]);
                for (int v = 0; v < vectors; v++) total[row][v] = multiply_words(factor, u[v], total[row][v]);
            }
        }
    }
    for (int row = 0; row < WinogradRows; row++) {
        for (int v = 0; v < vectors; v++) store(to + (row * vectors + v) * FLOW_WIDTH, total[row][v]);
    }
}

/* One vector of output channels of one tile. */
FLOW_INLINE void winograd_result_tile(
    const FlowWinograd *shape, const float *points, int64_t plane, WinogradPlace place, int64_t output, int64_t count,
    const float *bias, const float *residual, FlowNumbers y) {
    Vector columns[6][4];
    for (int j = 0; j < 6; j++) {
        Vector d[6];
        for (int i = 0; i < 6; i++) d[i] = load(points + (6 * i + j) * plane);
        winograd_to_result(d, columns[j]);
    }
    Vector shift = bias != NULL ? load_some(bias + output, count) : splat(0.0f);
    int64_t row = 4 * place.row, column = 4 * place.column;
    int64_t at = ((place.image * shape->result_height + row) * shape->result_width + column) * shape->outputs + output;
    int64_t width = shape->result_width - column;
    for (int i = 0; i < 4 && row + i < shape->result_height; i++, at += shape->result_width * shape->outputs) {
        Vector d[6], out[4];
        for (int j = 0; j < 6; j++) d[j] = columns[j][i];
        winograd_to_result(d, out);
        for (int j = 0; j < 4; j++) {
            if (j >= width) break;
            int64_t here = at + j * shape->outputs;
            Vector value = out[j] + shift;
            if (residual != NULL) value = value + load_some(residual + here, count);
            store_numbers(y, here, value, count);
        }
    }
}

/* Brings the tiles due at a point near, so that what comes from memory does so while the products keep the arithmetic
   busy. */
FLOW_INLINE void winograd_fetch(const FlowWinograd *shape, const FlowWinogradFetch *fetch, int point) {
    int64_t end = fetch->first + fetch->count * (point + 1) / FlowWinogradPoints;
    for (int64_t tile = fetch->first + fetch->count * point / FlowWinogradPoints; tile < end; tile++) {
        WinogradPlace place = winograd_place(shape, tile);
        for (int64_t row = 4 * place.row; row < 4 * place.row + 4 && row < fetch->height; row++) {
            int64_t column = 4 * place.column, last = column + 4 < fetch->width ? column + 4 : fetch->width;
            int64_t pixel = ((place.image * fetch->height + row) * fetch->width + column) * fetch->channels;
            for (; column < last; column++, pixel += fetch->channels) {
                flow_touch(flow_numbers_from(fetch->pixels, pixel), fetch->numbers);
            }
        }
    }
}

FLOW_INLINE void winograd_result_panel(
    const FlowWinograd *shape, const float *image, int64_t first, int64_t count, int64_t capacity, const float *panels,
    int64_t output, int vectors, const float *bias, const float *residual, float *points, FlowNumbers y,
    const FlowWinogradFetch *next) {
    const int64_t words = winograd_words(shape->channels);
    int64_t from = winograd_plane(capacity, words), wide = vectors * FLOW_WIDTH;
    int64_t to = capacity * wide + 16, rest = shape->outputs - output;
    FlowWinogradFetch results = {
        flow_numbers_from(y, output), shape->result_height, shape->result_width, shape->outputs, rest < wide ? rest : wide, first, count};
    FlowWinogradFetch addends = results;
    if (residual != NULL) addends.pixels = flow_floats(residual + output);
    for (int point = 0; point < FlowWinogradPoints; point++) {
        winograd_fetch(shape, &results, point);
        if (residual != NULL && residual != y.at) winograd_fetch(shape, &addends, point);
        if (output == 0) winograd_fetch(shape, next, point);
        const float *panel = panels + point * flow_winograd_panel(words, wide);
        for (int64_t tile = 0; tile < count; tile += WinogradRows) {
            winograd_product(
                image + point * from + tile * FLOW_WIDTH, capacity * FLOW_WIDTH, panel, words, vectors,
                points + point * to + tile * wide);
        }
    }
    for (int64_t tile = 0; tile < count; tile++) {
        WinogradPlace place = winograd_place(shape, first + tile);
        for (int v = 0; v < vectors; v++) {
            int64_t o = output + v * FLOW_WIDTH, left = shape->outputs - o;
            const float *at = points + (tile * vectors + v) * FLOW_WIDTH;
            if (left >= FLOW_WIDTH) {
                winograd_result_tile(shape, at, to, place, o, FLOW_WIDTH, bias, residual, y);
            } else {
                winograd_result_tile(shape, at, to, place, o, left, bias, residual, y);
            }
        }
    }
}

/* The results of a block of tiles from its images' points: panel by panel of two vectors of output channels, products,
   then the way back. `points` holds one panel's products. */
static void winograd_result(
    const FlowWinograd *shape, const float *image, int64_t first, int64_t count, int64_t capacity, const float *panels,
    const float *bias, const float *residual, float *points, FlowNumbers y, const FlowWinogradFetch *next) {
    const int64_t wide = 2 * FLOW_WIDTH;
    const int64_t size = FlowWinogradPoints * flow_winograd_panel(winograd_words(shape->channels), wide);
    for (int64_t o = 0; o < shape->outputs; o += wide) {
        const float *panel = panels + o / wide * size;
        if (shape->outputs - o > FLOW_WIDTH) {
            winograd_result_panel(shape, image, first, count, capacity, panel, o, 2, bias, residual, points, y, next);
        } else {
            winograd_result_panel(shape, image, first, count, capacity, panel, o, 1, bias, residual, points, y, next);
        }
    }
}

/* WinogradRows channels of the image times `vectors` vectors of the gradient's, summed over `count` words of tiles, added to
   what `sums` holds unless `fresh`. */
FLOW_INLINE void winograd_outer(
    const float *image, const float *g, int64_t step, int64_t count, int vectors, bool fresh, float *sums,
    int64_t stride) {
    Vector total[WinogradRows][2];
    for (int row = 0; row < WinogradRows; row++) {
        for (int v = 0; v < vectors; v++) {
            total[row][v] = fresh ? splat(0.0f) : load(sums + row * stride + v * FLOW_WIDTH);
        }
    }
    for (int64_t tile = 0; tile < count; tile++, image += FLOW_WIDTH, g += FLOW_WIDTH) {
        Vector u[2];
        for (int v = 0; v < vectors; v++) u[v] = load(g + v * step);
        for (int row = 0; row < WinogradRows; row++) {
            Vector factor = repeated(&image[row]);
            for (int v = 0; v < vectors; v++) total[row][v] = multiply_words(factor, u[v], total[row][v]);
        }
    }
    for (int row = 0; row < WinogradRows; row++) {
        for (int v = 0; v < vectors; v++) store(sums + row * stride + v * FLOW_WIDTH, total[row][v]);
    }
}

/* Adds the products of a block of tiles' points to FlowWinogradPoints planes (channels, outputs), both rounded up to
   vectors; `fresh` sets them instead. */
static void winograd_outer_products(
    const FlowWinograd *shape, const float *image, const float *g, int64_t count, int64_t capacity, int64_t channels,
    int64_t outputs, bool fresh, float *sums, const FlowWinogradFetch *next_image, const FlowWinogradFetch *next_g) {
    const int64_t words = winograd_words(count), places = winograd_words(capacity);
    int64_t image_plane = winograd_plane(places, channels), g_plane = winograd_plane(places, outputs);
    int64_t wide = (outputs + FLOW_WIDTH - 1) / FLOW_WIDTH * FLOW_WIDTH;
    int64_t step = places * FLOW_WIDTH, plane = winograd_plane(wide, channels);
    for (int point = 0; point < FlowWinogradPoints; point++) {
        winograd_fetch(shape, next_image, point);
        winograd_fetch(shape, next_g, point);
        for (int64_t o = 0; o < outputs; o += 2 * FLOW_WIDTH) {
            const float *from = g + point * g_plane + o * places;
            for (int64_t c = 0; c < channels; c += WinogradRows) {
                const float *at = image + point * image_plane + c / FLOW_WIDTH * step + c % FLOW_WIDTH;
                float *to = sums + point * plane + c * wide + o;
                if (outputs - o > FLOW_WIDTH) winograd_outer(at, from, step, words, 2, fresh, to, wide);
                else winograd_outer(at, from, step, words, 1, fresh, to, wide);
            }
        }
    }
}
