#include "internal.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

void cimage_fail(cimage_failure *failure, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
}

bool cimage_open(const char *path, const symbol *symbols, size_t count, cimage_failure *failure) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        cimage_fail(failure, "%s", dlerror());
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(library, symbols[i].name);
        if (address == NULL) {
            cimage_fail(failure, "%s has no function %s", path, symbols[i].name);
            return false;
        }
        *symbols[i].address = address;
    }
    return true;
}

bool cimage_is_possible(uint32_t width, uint32_t height, uint64_t most_pixels, cimage_failure *failure) {
    if (width == 0 || height == 0) {
        cimage_fail(failure, "it has no pixels");
        return false;
    }
    if ((uint64_t)width * height > most_pixels) {
        cimage_fail(
            failure, "it has %u x %u pixels, more than the %llu that are read", (unsigned)width, (unsigned)height,
            (unsigned long long)most_pixels);
        return false;
    }
    return true;
}
