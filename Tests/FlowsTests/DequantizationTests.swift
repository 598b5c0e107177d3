import Flows
import Foundation
import StableHLO
import Tensors
import TestSupport
import Testing

@Suite("Bytes as points of a density", .needsPlugin)
struct DequantizationTests {
    @Test("A byte's cell is around the value that training takes it for, and cells leave no gap")
    func cells() throws {
        let bytes = (0..<256).map { Double($0) }
        let points = try [0.0, 0.5, 1].map { uniform in
            try evaluate(
                HostArray(bytes, [256], .uint8), HostArray([Double](repeating: uniform, count: 256), [256], .float64)
            ) {
                [UniformDequantization.points(of: $0[0], uniform: $0[1])]
            }[0]
        }
        for byte in 0..<256 {
            #expect(abs(points[1][byte] - (Double(byte) / 255 * 2 - 1)) < 1e-12)
            #expect(abs(points[2][byte] - points[0][byte] - UniformDequantization.step) < 1e-12)
        }
        #expect(zip(points[2], points[0].dropFirst()).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test("A uniform density over all cells costs eight bits an entry")
    func bits() {
        let volume = 256 * UniformDequantization.step
        let bits = UniformDequantization.bitsPerDimension(logDensity: -100 * log(volume), dimensions: 100)
        #expect(abs(bits - 8) < 1e-12)
        #expect(abs(UniformDequantization.logScale - log(2.0 / 255)) < 1e-15)
    }

    @Test("The standard normal density")
    func prior() {
        #expect(abs(DensityFlow.standardNormal([1, -2]) + 2.5 + log(2 * Double.pi)) < 1e-12)
    }
}
