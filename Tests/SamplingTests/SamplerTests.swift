import Compute
import FlowMatching
import Models
import NN
import Sampling
import StableHLO
import TestSupport
import Testing
import Tracing

@Suite(.needsPlugin)
struct SamplerTests {
    private func network() throws -> any VelocityField {
        try ModelSpecification(
            .unet,
            assignments: ["channels=4,8", "num_residual_layers=1", "t_embed_dim=8", "y_embed_dim=8", "image_size=8"]
        ).makeModel()
    }

    private func weights(_ network: any VelocityField, on engine: Engine? = nil) throws -> [DeviceArray] {
        let tree = try ParameterTree(of: network)
        return try (engine ?? Engine.shared).function("weights", arguments: []) { _ in
            tree.initialValues(RandomStream(seed: Tensor(integer: 3, elementType: .uint64)))
        }([])
    }

    private func sample(_ labels: [Int], batch: Int, guidance: Double = 2, steps: Int = 3) throws -> [Float] {
        let network = try network()
        return try Sampler(network, on: Engine.shared, batchSize: batch)
            .sample(
                SamplingRequest(labels: labels, guidance: guidance), weights: weights(network), steps: steps, seed: 9)
    }

    @Test("Image i depends on seed and i alone, not on how many are drawn or how they are batched")
    func independence() throws {
        let many = try sample([3, 1, 4, 1, 5, 9, 2], batch: 5)
        let few = try sample([3, 1, 4], batch: 2)
        #expect(few.count == 3 * 64)
        let worst = zip(few, many).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-4)
    }

    @Test("Several devices share a batch, filled up where it is none of their multiples")
    func severalDevices() throws {
        let network = try network()
        let engine = try Engine.of(devices: 2)
        let images = try Sampler(network, on: engine, batchSize: 5).sample(
            SamplingRequest(labels: [3, 1, 4, 1, 5, 9, 2], guidance: 2), weights: weights(network, on: engine),
            steps: 3, seed: 9)
        let one = try sample([3, 1, 4, 1, 5, 9, 2], batch: 5)
        #expect(images.count == 7 * 64)
        #expect((zip(images, one).map { abs($0 - $1) }.max() ?? .infinity) < 1e-4)
    }

    @Test("The first stop of a trajectory is the noise, the last the sample")
    func trajectory() throws {
        let network = try network()
        let sampler = try Sampler(network, on: Engine.shared)
        let request = SamplingRequest(labels: [1, 2], guidance: 1)
        let sets = try sampler.trajectory(
            request, weights: weights(network), steps: 4, stops: [0, 2, 4], seed: 9)
        let whole = try sampler.sample(request, weights: weights(network), steps: 4, seed: 9)
        let one = try sampler.sample(request, weights: weights(network), steps: 1, seed: 9)
        #expect(zip(sets[2], whole).allSatisfy { abs($0 - $1) < 1e-5 })
        let square = sets[0].reduce(0) { $0 + $1 * $1 } / Float(sets[0].count)
        #expect(abs(square - 1) < 0.4)
        #expect(sets[0] != one)
    }

    @Test("At guidance 0 labels do not matter, at guidance 1 they do")
    func guidance() throws {
        #expect(try sample([1, 2], batch: 2, guidance: 0) == sample([7, 8], batch: 2, guidance: 0))
        #expect(try sample([1, 2], batch: 2, guidance: 1) != sample([7, 8], batch: 2, guidance: 1))
    }

    @Test func impossibleRequestsAreErrors() throws {
        #expect(throws: SamplingError.labelOutOfRange(11, nullLabel: 10)) { try sample([11], batch: 1) }
        #expect(throws: SamplingError.labelOutOfRange(-1, nullLabel: 10)) { try sample([-1], batch: 1) }
        #expect(throws: SamplingError.stepCount(0)) { try sample([1], batch: 1, steps: 0) }
    }
}
