/* The products of bfloat16 in every machine's instructions: slow, there to hold the fast ones against where they cannot run. */
#include "vector_kernels.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FLOW_WIDTH 4
#define FLOW_FUSED 0
#define FLOW_TILE_ROWS 4
#define FLOW_BFLOAT16 0
#define FLOW_TABLE flow_products_emulated_bfloat16
#include "vector/table_bfloat16.h"
