import Compute
import StableHLO
import TestSupport
import Testing

@Suite("Device request", .needsPlugin)
struct DeviceRequestTests {
    @Test("Who asks for bf16 on a CPU is told that it is slower there", arguments: MatrixPrecision.allCases)
    func emulatedProducts(_ precision: MatrixPrecision) throws {
        var request = DeviceRequest()
        request.usesDiskCache = false
        var problems: [String] = []
        _ = try request.engine(precision: precision, onProblem: { problems.append($0) })
        #expect(problems.contains { $0.contains("bfloat16") } == (precision == .bfloat16))
    }
}
