/* The products of bfloat16 for AVX-512 with BF16. */
#include "vector_kernels.h"

#if defined(__x86_64__)
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define FLOW_WIDTH 16
#define FLOW_FUSED 1
#define FLOW_TILE_ROWS 8
#define FLOW_BFLOAT16 1
#define FLOW_TABLE flow_products_avx512_bfloat16
#include "vector/table_bfloat16.h"
#pragma clang attribute pop
#endif
