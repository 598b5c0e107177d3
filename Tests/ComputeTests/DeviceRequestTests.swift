import CPUKernels
import Compute
import StableHLO
import TestSupport
import Testing

@Suite("Device request", .needsPlugin)
struct DeviceRequestTests {
    /// What a request for a precision tells of bfloat16.
    private func told(_ precision: MatrixPrecision, usesNativeKernels: Bool) throws -> [String] {
        var request = DeviceRequest()
        request.usesDiskCache = false
        request.usesNativeKernels = usesNativeKernels
        var problems: [String] = []
        _ = try request.engine(precision: precision, onProblem: { problems.append($0) })
        return problems.filter { $0.contains("bfloat16") }
    }

    @Test("Who asks for bf16 is told where the processor does not multiply it", arguments: MatrixPrecision.allCases)
    func processor(_ precision: MatrixPrecision) throws {
        let lacksIt = precision == .bfloat16 && !InstructionSet.current.multipliesBFloat16
        #expect(try told(precision, usesNativeKernels: true).count == (lacksIt ? 1 : 0))
    }

    @Test("Who asks for bf16 without native kernels is told that it is emulated", arguments: MatrixPrecision.allCases)
    func emulatedProducts(_ precision: MatrixPrecision) throws {
        #expect(try told(precision, usesNativeKernels: false).count == (precision == .bfloat16 ? 1 : 0))
    }
}
