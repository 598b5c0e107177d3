/* CRC-32C by the processor's own instruction. */
#ifndef CCHECKSUMS_H
#define CCHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Goes on with a CRC-32C over `count` bytes. `*value` is the checksum of what came before, 0 at the start. Returns
   false, and does nothing, where the processor has no such instruction. */
bool checksums_crc32c(uint32_t *value, const void *bytes, size_t count);

#endif
