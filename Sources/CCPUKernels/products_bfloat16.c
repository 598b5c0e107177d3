/* Matrix products of bfloat16 for AVX-512 with BF16; with FLOW_BFLOAT16_EMULATED, what they do in other instructions, to be
   tested on every machine. */
#include "vector_kernels.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(FLOW_BFLOAT16_EMULATED)
#define FLOW_WIDTH 4
#define FLOW_FUSED 0
#define FLOW_TILE_ROWS 4
#define FLOW_BFLOAT16 0
#include "vector/vector.h"
#include "vector/product_bfloat16.h"
#include "vector/attention.h"

const FlowProductKernels flow_products_bfloat16 =
#include "vector/product_table.h"
;
#elif defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define FLOW_WIDTH 16
#define FLOW_FUSED 1
#define FLOW_TILE_ROWS 8
#define FLOW_BFLOAT16 1
#include "vector/vector.h"
#include "vector/product_bfloat16.h"
#include "vector/attention.h"

const FlowProductKernels flow_products_bfloat16 =
#include "vector/product_table.h"
;
#pragma clang attribute pop
#endif
