/* The vector loops for every machine of the architecture: SSE2 on x86-64, NEON on Arm. */
#include "vector_kernels.h"

#define FLOW_WIDTH 4
#if defined(__aarch64__)
#define FLOW_FUSED 1
#else
#define FLOW_FUSED 0
#endif
#define FLOW_TABLE flow_vector_baseline
#include "vector/table.h"
