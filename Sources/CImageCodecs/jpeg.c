#include "internal.h"
#include "jpeg_layout.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(void *) == 8 && sizeof(long) == 8, "jpeg_layout.h describes 64-bit (LP64) systems");
_Static_assert(sizeof(jpeg_error_manager) == 168, "libjpeg's error manager");
_Static_assert(sizeof(jpeg_source) == 56, "libjpeg's source");
_Static_assert(offsetof(jpeg_decompression, source) == 40, "libjpeg's decompression");
_Static_assert(offsetof(jpeg_decompression, output_color_space) == 64, "libjpeg's decompression");
_Static_assert(offsetof(jpeg_decompression, output_width) == 136, "libjpeg's decompression");
_Static_assert(offsetof(jpeg_decompression, output_components) == 148, "libjpeg's decompression");
_Static_assert(offsetof(jpeg_decompression, output_scanline) == 168, "libjpeg's decompression");
_Static_assert(offsetof(jpeg_decompression, has_adobe_marker) == 384, "libjpeg's decompression");
_Static_assert(sizeof(jpeg_decompression) == 632, "libjpeg's decompression");

static struct {
    jpeg_error_manager *(*standard_errors)(jpeg_error_manager *);
    void (*create)(jpeg_decompression *, int version, size_t size);
    int (*read_header)(jpeg_decompression *, int require_image);
    int (*start)(jpeg_decompression *);
    uint32_t (*read_rows)(jpeg_decompression *, uint8_t **rows, uint32_t count);
    void (*destroy)(jpeg_decompression *);
    int (*resynchronize)(jpeg_decompression *, int desired);
} jpeg;

bool cimage_load_jpeg(const char *path, cimage_failure *failure) {
    const symbol symbols[] = {
        {"jpeg_std_error", (void **)&jpeg.standard_errors}, {"jpeg_CreateDecompress", (void **)&jpeg.create},
        {"jpeg_read_header", (void **)&jpeg.read_header},   {"jpeg_start_decompress", (void **)&jpeg.start},
        {"jpeg_read_scanlines", (void **)&jpeg.read_rows},  {"jpeg_destroy_decompress", (void **)&jpeg.destroy},
        {"jpeg_resync_to_restart", (void **)&jpeg.resynchronize},
    };
    return cimage_open(path, symbols, sizeof symbols / sizeof *symbols, failure);
}

/* A progressive file of more scans than this is made to keep its reader busy. */
enum { MOST_SCANS = 500 };

/* What a decoding holds; all of it outlives a jump. */
typedef struct decoding {
    jmp_buf failed;
    cimage_failure *failure;
    jpeg_decompression decompression;
    jpeg_error_manager errors;
    jpeg_source source;
    jpeg_progress progress;
} decoding;

static void fail(jpeg_decompression *decompression, const char *message) {
    decoding *decoding = decompression->context;
    cimage_fail(decoding->failure, "%s", message);
    longjmp(decoding->failed, 1);
}

static void on_error(jpeg_decompression *decompression) {
    char text[JPEG_MESSAGE_SIZE] = "";
    decompression->errors->format_message(decompression, text);
    fail(decompression, text);
}

static bool begins(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* The library goes on where pixels are lost, and makes some up: such a file is damaged here. */
static void on_message(jpeg_decompression *decompression, int level) {
    if (level >= 0) return;
    char text[JPEG_MESSAGE_SIZE] = "";
    decompression->errors->format_message(decompression, text);
    bool is_corrupt = begins(text, "Corrupt JPEG data") && strstr(text, "extraneous bytes") == NULL;
    if (is_corrupt || begins(text, "Premature end") || begins(text, "Inconsistent progression"))
        fail(decompression, text);
}

static void say_nothing(jpeg_decompression *decompression) { (void)decompression; }

static int fill(jpeg_decompression *decompression) {
    fail(decompression, "the file is cut short");
    return 0;
}

static void skip(jpeg_decompression *decompression, long count) {
    jpeg_source *source = decompression->source;
    if (count <= 0) return;
    size_t taken = (size_t)count < source->left ? (size_t)count : source->left;
    source->next += taken;
    source->left -= taken;
}

static void limit_scans(jpeg_decompression *decompression) {
    if (decompression->input_scan > MOST_SCANS) fail(decompression, "it has more scans than any picture needs");
}

static uint8_t product(unsigned a, unsigned b) {
    unsigned value = a * b + 128;
    return (uint8_t)((value + (value >> 8)) >> 8);
}

/* Ink to light, in place: what ink leaves of white, less what black leaves of that. */
static void make_rgb(cimage *image, bool is_inverted) {
    const uint8_t *source = image->pixels;
    uint8_t *destination = image->pixels;
    uint8_t flip = is_inverted ? 0xff : 0;
    for (size_t i = 0; i < (size_t)image->width * image->height; i++, source += 4) {
        unsigned light = 255u - (uint8_t)(source[3] ^ flip);
        for (int channel = 0; channel < 3; channel++)
            *destination++ = (uint8_t)(light - product((uint8_t)(source[channel] ^ flip), light));
    }
    image->channels = 3;
}

static void decode(decoding *decoding, uint64_t most_pixels, cimage *image) {
    jpeg_decompression *decompression = &decoding->decompression;
    decompression->errors = jpeg.standard_errors(&decoding->errors);
    decoding->errors.error_exit = on_error;
    decoding->errors.emit_message = on_message;
    decoding->errors.output_message = say_nothing;
    decompression->context = decoding;
    /* Sets all but the errors and the context to zero. */
    jpeg.create(decompression, JPEG_ABI, sizeof *decompression);
    decompression->source = &decoding->source;
    decoding->progress.monitor = limit_scans;
    decompression->progress = &decoding->progress;
    jpeg.read_header(decompression, 1);
    image->width = decompression->width;
    image->height = decompression->height;
    if (!cimage_is_possible(image->width, image->height, most_pixels, decoding->failure))
        longjmp(decoding->failed, 1);
    bool is_ink = decompression->color_space == JPEG_CMYK || decompression->color_space == JPEG_YCCK;
    bool is_gray = decompression->color_space == JPEG_GRAY;
    decompression->output_color_space = is_ink ? JPEG_CMYK : is_gray ? JPEG_GRAY : JPEG_RGB;
    jpeg.start(decompression);
    image->channels = is_ink ? 4 : is_gray ? 1 : 3;
    if (decompression->output_components != image->channels || decompression->output_width != image->width ||
        decompression->output_height != image->height)
        fail(decompression, "its pixels have an unknown form");
    size_t row_bytes = (size_t)image->width * (size_t)image->channels;
    image->pixels = malloc(row_bytes * image->height);
    if (image->pixels == NULL) fail(decompression, "there is not enough memory");
    while (decompression->output_scanline < image->height) {
        uint8_t *row = image->pixels + decompression->output_scanline * row_bytes;
        if (jpeg.read_rows(decompression, &row, 1) != 1) fail(decompression, "the file is cut short");
    }
    if (is_ink) make_rgb(image, decompression->has_adobe_marker);
}

/* What a jump comes back to; all that is needed after one belongs to the caller. */
static bool attempt(decoding *decoding, uint64_t most_pixels, cimage *image) {
    if (setjmp(decoding->failed) != 0) return false;
    decode(decoding, most_pixels, image);
    return true;
}

bool cimage_decode_jpeg(
    const uint8_t *bytes, size_t count, uint64_t most_pixels, cimage *image, cimage_failure *failure
) {
    decoding decoding = {
        .failure = failure,
        .source = {bytes, count, say_nothing, fill, skip, jpeg.resynchronize, say_nothing},
    };
    memset(image, 0, sizeof *image);
    bool is_done = attempt(&decoding, most_pixels, image);
    if (!is_done) {
        free(image->pixels);
        image->pixels = NULL;
    }
    if (decoding.decompression.memory != NULL) jpeg.destroy(&decoding.decompression);
    return is_done;
}
