import Compute
import Flows
import Models
import NN
import Sampling
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

/// A tiny UNet with its first weights, to be sampled.
struct TinySampler {
    let network: any ConditionalNetwork

    init(channels: Int = 1, classes: Int = 10) throws {
        var configuration = UNet.Configuration()
        configuration.channels = [4, 8]
        configuration.numResidualLayers = 1
        configuration.tEmbedDim = 8
        configuration.yEmbedDim = 8
        configuration.imageSize = 8
        configuration.imageChannels = channels
        configuration.numClasses = classes
        network = try configuration.makeNetwork()
    }

    func weights(seed: Int = 3, on engine: Engine) throws -> [DeviceArray] {
        let tree = try ParameterTree(of: network)
        return try engine.function("weights", arguments: []) { _ in
            tree.initialValues(RandomStream(seed: Tensor(integer: seed, elementType: .uint64)))
        }([])
    }

    private var field: VelocityField { VelocityField(network, path: LinearPath(), prediction: VelocityPrediction()) }

    /// The same network with other weights.
    func weaker(seed: Int) throws -> WeakerNetwork {
        WeakerNetwork(field, weights: try weights(seed: seed, on: Engine.shared))
    }

    func sampler(
        _ guidance: any Guidance = ClassifierFreeGuidance(), _ solver: any Solver = Euler(),
        weaker: WeakerNetwork? = nil, on engine: Engine? = nil, batch: Int = 128
    ) throws -> Sampler {
        try Sampler(
            field, guidance: guidance, solver: solver, weaker: weaker, on: engine ?? NativeEngine.shared.engine,
            batchSize: batch)
    }

    func sample(
        _ request: SamplingRequest, _ guidance: any Guidance = ClassifierFreeGuidance(),
        _ solver: any Solver = Euler(), weaker: WeakerNetwork? = nil, steps: Int = 3, batch: Int = 128,
        on engine: Engine? = nil
    ) throws -> Trajectory {
        let engine = try engine ?? NativeEngine.shared.engine
        return try sampler(guidance, solver, weaker: weaker, on: engine, batch: batch)
            .sample(request, weights: weights(on: engine), times: UniformGrid().times(steps: steps), seed: 9)
    }
}

/// The largest difference between two lists of one length; infinite for others.
func worst(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
}
