/* The vector loops for AVX-512 (F, BW, DQ, VL). */
#include "vector_kernels.h"

#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define FLOW_WIDTH 16
#define FLOW_FUSED 1
#define FLOW_TILE_ROWS 8
#define FLOW_TABLE flow_vector_avx512
#include "vector/table.h"
#pragma clang attribute pop
#endif
