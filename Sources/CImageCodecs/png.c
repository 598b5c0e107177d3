#include "internal.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* libpng's handles are opaque: its functions are all there is to declare. */
typedef struct png_structure png_structure;
typedef struct png_information png_information;
typedef void (*png_message)(png_structure *, const char *);
typedef void (*png_reader)(png_structure *, uint8_t *, size_t);

static struct {
    const char *(*get_version)(const png_structure *);
    png_structure *(*create)(const char *version, void *context, png_message error, png_message warning);
    png_information *(*create_information)(png_structure *);
    void (*destroy)(png_structure **, png_information **, png_information **);
    void *(*get_error_context)(const png_structure *);
    void (*set_reader)(png_structure *, void *context, png_reader);
    void *(*get_reader_context)(const png_structure *);
    void (*read_information)(png_structure *, png_information *);
    uint32_t (*get_width)(const png_structure *, const png_information *);
    uint32_t (*get_height)(const png_structure *, const png_information *);
    void (*set_expand)(png_structure *);
    void (*set_scale_16)(png_structure *);
    int (*set_interlace_handling)(png_structure *);
    void (*update_information)(png_structure *, png_information *);
    uint8_t (*get_channels)(const png_structure *, const png_information *);
    size_t (*get_row_bytes)(const png_structure *, const png_information *);
    void (*read_image)(png_structure *, uint8_t **rows);
    void (*read_end)(png_structure *, png_information *);
} png;

bool cimage_load_png(const char *path, cimage_failure *failure) {
    const symbol symbols[] = {
        {"png_get_libpng_ver", (void **)&png.get_version},
        {"png_create_read_struct", (void **)&png.create},
        {"png_create_info_struct", (void **)&png.create_information},
        {"png_destroy_read_struct", (void **)&png.destroy},
        {"png_get_error_ptr", (void **)&png.get_error_context},
        {"png_set_read_fn", (void **)&png.set_reader},
        {"png_get_io_ptr", (void **)&png.get_reader_context},
        {"png_read_info", (void **)&png.read_information},
        {"png_get_image_width", (void **)&png.get_width},
        {"png_get_image_height", (void **)&png.get_height},
        {"png_set_expand", (void **)&png.set_expand},
        {"png_set_scale_16", (void **)&png.set_scale_16},
        {"png_set_interlace_handling", (void **)&png.set_interlace_handling},
        {"png_read_update_info", (void **)&png.update_information},
        {"png_get_channels", (void **)&png.get_channels},
        {"png_get_rowbytes", (void **)&png.get_row_bytes},
        {"png_read_image", (void **)&png.read_image},
        {"png_read_end", (void **)&png.read_end},
    };
    if (!cimage_open(path, symbols, sizeof symbols / sizeof *symbols, failure)) return false;
    if (strncmp(png.get_version(NULL), "1.6.", 4) != 0) {
        cimage_fail(failure, "%s is libpng %s, not 1.6", path, png.get_version(NULL));
        return false;
    }
    return true;
}

/* What a decoding holds; all of it outlives a jump. */
typedef struct decoding {
    jmp_buf failed;
    cimage_failure *failure;
    const uint8_t *bytes;
    size_t left;
    png_structure *structure;
    png_information *information;
    uint8_t **rows;
} decoding;

static void on_error(png_structure *structure, const char *message) {
    decoding *decoding = png.get_error_context(structure);
    cimage_fail(decoding->failure, "%s", message);
    longjmp(decoding->failed, 1);
}

static void on_warning(png_structure *structure, const char *message) {
    (void)structure;
    (void)message;
}

static void read_bytes(png_structure *structure, uint8_t *destination, size_t count) {
    decoding *decoding = png.get_reader_context(structure);
    if (count > decoding->left) on_error(structure, "the file is cut short");
    memcpy(destination, decoding->bytes, count);
    decoding->bytes += count;
    decoding->left -= count;
}

static void fail(decoding *decoding, const char *message) {
    cimage_fail(decoding->failure, "%s", message);
    longjmp(decoding->failed, 1);
}

static void decode(decoding *decoding, uint64_t most_pixels, cimage *image) {
    decoding->structure = png.create(png.get_version(NULL), decoding, on_error, on_warning);
    if (decoding->structure == NULL) fail(decoding, "libpng could not begin");
    decoding->information = png.create_information(decoding->structure);
    if (decoding->information == NULL) fail(decoding, "there is not enough memory");
    png_structure *structure = decoding->structure;
    png_information *information = decoding->information;
    png.set_reader(structure, decoding, read_bytes);
    png.read_information(structure, information);
    image->width = png.get_width(structure, information);
    image->height = png.get_height(structure, information);
    if (!cimage_is_possible(image->width, image->height, most_pixels, decoding->failure))
        longjmp(decoding->failed, 1);
    png.set_expand(structure);
    png.set_scale_16(structure);
    png.set_interlace_handling(structure);
    png.update_information(structure, information);
    image->channels = png.get_channels(structure, information);
    size_t row_bytes = png.get_row_bytes(structure, information);
    if (row_bytes != (size_t)image->width * (size_t)image->channels) fail(decoding, "its rows have an unknown form");
    image->pixels = malloc(row_bytes * image->height);
    decoding->rows = malloc(image->height * sizeof *decoding->rows);
    if (image->pixels == NULL || decoding->rows == NULL) fail(decoding, "there is not enough memory");
    for (uint32_t y = 0; y < image->height; y++) decoding->rows[y] = image->pixels + y * row_bytes;
    png.read_image(structure, decoding->rows);
    /* What follows the pixels tells whether the file is whole. */
    png.read_end(structure, NULL);
}

/* What a jump comes back to; all that is needed after one belongs to the caller. */
static bool attempt(decoding *decoding, uint64_t most_pixels, cimage *image) {
    if (setjmp(decoding->failed) != 0) return false;
    decode(decoding, most_pixels, image);
    return true;
}

bool cimage_decode_png(
    const uint8_t *bytes, size_t count, uint64_t most_pixels, cimage *image, cimage_failure *failure
) {
    decoding decoding = {.failure = failure, .bytes = bytes, .left = count};
    memset(image, 0, sizeof *image);
    bool is_done = attempt(&decoding, most_pixels, image);
    if (!is_done) {
        free(image->pixels);
        image->pixels = NULL;
    }
    free(decoding.rows);
    if (decoding.structure != NULL) png.destroy(&decoding.structure, &decoding.information, NULL);
    return is_done;
}
