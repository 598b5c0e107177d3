internal import CCPUKernels

/// The instruction sets that the kernels' own loops are compiled for. oneDNN chooses its own.
package enum InstructionSet: Int, Sendable, Hashable, CaseIterable {
    /// What every machine of the architecture has: SSE2 on x86-64, NEON on Arm.
    case baseline
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512
    /// The same with BF16: where products may be of bfloat16, they are.
    case avx512BFloat16
    /// The baseline, and with bfloat16 what ``avx512BFloat16`` does, on any machine: for tests, never chosen by itself.
    case emulated

    /// The one in use; at first the most capable the machine has.
    package static var current: InstructionSet {
        InstructionSet(rawValue: Int(flow_instruction_set().rawValue)) ?? .baseline
    }

    /// Whether the machine has it.
    package var isSupported: Bool { flow_supports(native) }

    /// Makes the kernels use it from their next call on.
    /// - Throws: ``CPUKernelError/unsupportedInstructionSet(_:)``
    package func use() throws(CPUKernelError) {
        guard flow_set_instruction_set(native) else { throw .unsupportedInstructionSet(self) }
    }

    /// As people write it.
    package var name: String {
        switch self {
        case .baseline: "baseline"
        case .avx2: "AVX2"
        case .avx512: "AVX-512"
        case .avx512BFloat16: "AVX-512 with bfloat16"
        case .emulated: "emulated"
        }
    }

    /// Whether products that may be of bfloat16 are. Elsewhere they are of float32, which is as fast there.
    package var multipliesBFloat16: Bool { flow_multiplies_bfloat16(native) }

    private var native: FlowInstructionSet { FlowInstructionSet(rawValue: UInt32(rawValue)) }
}
