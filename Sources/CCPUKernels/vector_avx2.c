/* The vector loops for AVX2 and FMA. */
#include "vector_kernels.h"

#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FLOW_WIDTH 8
#define FLOW_FUSED 1
#define FLOW_TILE_ROWS 4
#define FLOW_TABLE flow_vector_avx2
#include "vector/table.h"
#pragma clang attribute pop
#endif
