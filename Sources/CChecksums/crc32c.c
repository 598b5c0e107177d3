#include "CChecksums.h"

#include <string.h>

#if defined(__x86_64__)

#define INSTRUCTIONS __attribute__((target("sse4.2")))

static bool is_available(void) { return __builtin_cpu_supports("sse4.2"); }

INSTRUCTIONS static inline uint32_t of_eight(uint32_t value, uint64_t bytes) {
    return (uint32_t)__builtin_ia32_crc32di(value, bytes);
}

INSTRUCTIONS static inline uint32_t of_one(uint32_t value, uint8_t byte) {
    return __builtin_ia32_crc32qi(value, byte);
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

#define INSTRUCTIONS __attribute__((target("crc")))

static bool is_available(void) {
    const unsigned long has_crc32 = 1ul << 7; /* HWCAP_CRC32 of Linux's interface */
    return (getauxval(AT_HWCAP) & has_crc32) != 0;
}

INSTRUCTIONS static inline uint32_t of_eight(uint32_t value, uint64_t bytes) {
    return __builtin_arm_crc32cd(value, bytes);
}

INSTRUCTIONS static inline uint32_t of_one(uint32_t value, uint8_t byte) { return __builtin_arm_crc32cb(value, byte); }

#else

#define INSTRUCTIONS

static bool is_available(void) { return false; }

static inline uint32_t of_eight(uint32_t value, uint64_t bytes) { return value ^ (uint32_t)bytes; }

static inline uint32_t of_one(uint32_t value, uint8_t byte) { return value ^ byte; }

#endif

INSTRUCTIONS static uint32_t goes_on(uint32_t value, const unsigned char *bytes, size_t count) {
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        value = of_eight(value, word);
    }
    for (; count > 0; count--, bytes++) value = of_one(value, *bytes);
    return value;
}

bool checksums_crc32c(uint32_t *value, const void *bytes, size_t count) {
    if (!is_available()) return false;
    *value = ~goes_on(~*value, bytes, count);
    return true;
}
