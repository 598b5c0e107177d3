/* The vector loops for every machine of the architecture: SSE2 on x86-64, NEON on Arm. */
#include "vector_kernels.h"

#define FLOW_WIDTH 4
#if defined(__aarch64__) || defined(FLOW_TILES_AS_ON_ARM)
#define FLOW_FUSED 1
#define FLOW_TILE_ROWS 8
#else
#define FLOW_FUSED 0
#define FLOW_TILE_ROWS 4
#endif
#define FLOW_TABLE flow_vector_baseline
#include "vector/table.h"
