import Compute
import Formats
import Foundation
import Metrics
import TestSupport
import Testing

/// Values of torch-fidelity, prdc and scipy; see `Goldens/README.md`.
@Suite("Metrics that other libraries computed", .needsPlugin)
struct GoldenTests {
    private let file: SafetensorsFile

    init() throws {
        let url = try #require(Bundle.module.url(forResource: "Goldens/metrics", withExtension: "safetensors"))
        file = try SafetensorsFile(contentsOf: url)
    }

    private func numbers(_ name: String) throws -> [Double] {
        try #require(file[name]).values(as: Double.self)
    }

    private func features(_ name: String) throws -> FeatureSet {
        let entry = try #require(file[name])
        return FeatureSet(try entry.values(as: Double.self), dimensions: entry.shape[1])
    }

    private func isNear(_ value: Double, _ golden: String, within tolerance: Double = 1e-6) throws -> Bool {
        let expected = try numbers(golden)[0]
        return abs(value - expected) <= tolerance * abs(expected)
    }

    @Test func frechet() throws {
        let (real, fake) = (try features("real"), try features("fake"))
        let distance = FrechetDistance.between(Moments(real), Moments(fake))
        #expect(try isNear(distance, "frechet"))
        #expect(try isNear(distance, "frechet/scipy"))
        let low = FrechetDistance.between(
            Moments(try features("low_rank_real")), Moments(try features("low_rank_fake")))
        #expect(try isNear(low, "frechet/low_rank", within: 1e-3))
    }

    @Test func kernel() throws {
        let subsets = try #require(file["kernel/subsets"])
        let size = subsets.shape[1]
        let indices = try subsets.values(as: Int64.self).map { Int($0) }
        let (real, fake) = (try features("real"), try features("fake"))
        let kernel = try KernelDistance(subsetsOf: size, dimensions: real.dimensions, on: .shared)
        for (row, expected) in try numbers("kernel/values").enumerated() {
            let rows = indices[row * size..<(row + 1) * size]
            let value = try kernel.between(real.rows(at: rows), fake.rows(at: rows))
            #expect(abs(value - expected) < 1e-6 * max(1, abs(expected)))
        }
    }

    @Test func coverage() throws {
        let coverage = try Coverage(real: features("real"), generated: features("fake"), k: 5, on: .shared)
        #expect(try isNear(coverage.precision.value, "prdc/precision"))
        #expect(try isNear(coverage.recall.value, "prdc/recall"))
        #expect(try isNear(coverage.density.value, "prdc/density"))
        #expect(try isNear(coverage.coverage.value, "prdc/coverage"))
    }

    @Test func nearest() throws {
        let found = try Neighbours(on: .shared, blockSize: 50)
            .nearest(1, to: features("fake"), in: features("real"))
        for (neighbour, expected) in zip(found, try numbers("nearest")) {
            #expect(abs(neighbour.distances[0] - expected) < 1e-6 * expected)
        }
    }

    @Test func classEntropy() throws {
        let scores = ClassScores(try numbers("probabilities"), classCount: 10)
        #expect(try isNear(scores.classEntropyScore, "class_entropy_score"))
    }
}
