#ifndef CSHA256_H
#define CSHA256_H

#include <stddef.h>
#include <stdint.h>

// The Secure Hash Algorithm with 256 bits (FIPS 180-4), for content whose bytes come in pieces.

typedef struct csha256 {
    uint32_t state[8];
    /* Bytes so far. */
    uint64_t count;
    /* The bytes of a block that is not complete. */
    uint8_t block[64];
} csha256;

void csha256_begin(csha256 *hash);
void csha256_append(csha256 *hash, const void *bytes, size_t count);
void csha256_finish(csha256 *hash, uint8_t digest[32]);

#endif
