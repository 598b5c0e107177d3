/* The choice of instruction set. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static _Atomic int chosen = -1;

bool flow_supports(FlowInstructionSet set) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (set == FlowInstructionSetAVX2) return avx2;
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (set == FlowInstructionSetAVX512) return avx512;
    if (set == FlowInstructionSetAVX512BFloat16) return avx512 && __builtin_cpu_supports("avx512bf16");
#endif
    return set == FlowInstructionSetBaseline || set == FlowInstructionSetEmulated;
}

bool flow_multiplies_bfloat16(FlowInstructionSet set) {
    return set == FlowInstructionSetAVX512BFloat16 || set == FlowInstructionSetEmulated;
}

FlowInstructionSet flow_instruction_set(void) {
    int set = atomic_load(&chosen);
    if (set < 0) {
        set = FlowInstructionSetAVX512BFloat16;
        while (!flow_supports((FlowInstructionSet)set)) set--;
        atomic_store(&chosen, set);
    }
    return (FlowInstructionSet)set;
}

bool flow_set_instruction_set(FlowInstructionSet set) {
    if (!flow_supports(set)) return false;
    atomic_store(&chosen, (int)set);
    return true;
}

const FlowVectorKernels *flow_vector(void) {
    switch (flow_instruction_set()) {
#if defined(__x86_64__)
    case FlowInstructionSetAVX2: return &flow_vector_avx2;
    case FlowInstructionSetAVX512:
    case FlowInstructionSetAVX512BFloat16: return &flow_vector_avx512;
#endif
    default: return &flow_vector_baseline;
    }
}

bool flow_has_rounded(const FlowCall *call) {
    for (int64_t i = 0; i < call->operand_count; i++) {
        if (call->operands[i].rounded) return true;
    }
    for (int64_t i = 0; i < call->result_count; i++) {
        if (call->results[i].rounded) return true;
    }
    return false;
}

const FlowProductKernels *flow_products(const FlowCall *call) {
    if (!flow_flag(call, "bfloat16") && !flow_has_rounded(call)) return &flow_vector()->products;
    switch (flow_instruction_set()) {
#if defined(__x86_64__)
    case FlowInstructionSetAVX512BFloat16: return &flow_products_avx512_bfloat16;
#endif
    case FlowInstructionSetEmulated: return &flow_products_emulated_bfloat16;
    default: return &flow_vector()->products;
    }
}
