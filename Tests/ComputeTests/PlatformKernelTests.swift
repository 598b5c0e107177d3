import NN
import StableHLO
import Tensors
import Testing

@testable import Compute

/// Which kernels a program calls for the shapes it has, on platforms that need not be there.
@Suite("Kernels of a platform")
struct PlatformKernelTests {
    /// What the scan of Mamba's mixer calls, forward and backward.
    private func scanCalls(length: Int, states: Int, _ kernels: PlatformKernels) -> Set<String> {
        let (sequence, row) = ([1, length, 2], [1, length, states])
        let shapes = [sequence, sequence, [2, states], row, row, [2], sequence]
        let program = Tracer.program(
            "scan", arguments: shapes.map { TensorType($0) }, options: LoweringOptions(nativeKernels: kernels)
        ) { arguments in
            let y = gatedSelectiveScan(
                arguments[0], step: arguments[1], decayLogarithm: arguments[2], input: arguments[3],
                output: arguments[4], skip: arguments[5], gate: arguments[6])
            return gradients(of: (y * y).sum(), withRespectTo: arguments)
        }
        return Set(program.customCalls.keys)
    }

    @Test("On a CPU the scan is native up to 256 states")
    func cpuScan() {
        let both: Set = ["flow.gated_selective_scan", "flow.gated_selective_scan_backward"]
        #expect(scanCalls(length: 4, states: 256, .cpu) == both)
        #expect(scanCalls(length: 4, states: 257, .cpu).isEmpty)
    }

    @Test("On an NVIDIA GPU it is too; its gradient also as long as the states of the sequence can be kept")
    func cudaScan() {
        let both: Set = ["flow.selective_scan", "flow.selective_scan_backward"]
        #expect(scanCalls(length: 4, states: 256, .cuda) == both)
        #expect(scanCalls(length: 4, states: 257, .cuda).isEmpty)
        #expect(scanCalls(length: 1024, states: 256, .cuda) == both)
        #expect(scanCalls(length: 1025, states: 256, .cuda) == ["flow.selective_scan"])
    }
}
