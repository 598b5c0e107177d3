public import Compute
import Flows
import StableHLO
import Tensors

/// Images followed back to the noise that a sampler makes them of, and from noise to images again.
public struct Inversion: Sendable {
    private let sampler: Sampler
    private let size: Int
    private let isGuided: Bool
    private let integrator: FlowIntegrator

    /// Compiles what it needs.
    ///
    /// - Parameters:
    ///   - sampler: whose flow is followed
    ///   - size: images at once, a multiple of the number of devices
    ///   - times: ascending from 0 to 1, between which the solver's steps lead where they are not adaptive
    ///   - isGuided: whether guidance scales other than 1 count
    /// - Throws: ``SamplingError/freshNoise`` for a stochastic solver, or what the device reports.
    public init(_ sampler: Sampler, size: Int, times: [Double], isGuided: Bool) throws {
        self.sampler = sampler
        self.size = size
        let isGuided = isGuided && sampler.computations.canGuide
        self.isGuided = isGuided
        integrator = try FlowIntegrator(
            "follow", sampler.solver, times: times, constants: sampler.computations.constantTypes(size),
            state: [TensorType([size] + sampler.network.imageShape)], on: sampler.engine
        ) { sampler.computations.velocity($0, isGuided: isGuided) }
    }

    /// Follows points all the way.
    ///
    /// - Parameters:
    ///   - points: `size` of them, row-major
    ///   - labels: one each
    ///   - scale: of the guidance
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - direction: to the noise, or from it
    ///   - onTime: told how far they have got
    /// - Returns: the points at the other end, and how often the network was evaluated for each
    public func callAsFunction(
        _ points: [Float], labels: [Int], guidance scale: Double, weights: [DeviceArray],
        _ direction: FlowDirection, onTime: (Double) -> Void = { _ in }
    ) throws -> (points: [Float], evaluations: Int) {
        let device = sampler.engine.device
        let state = try DeviceArray(points, TensorType([size] + sampler.network.imageShape), on: device)
        let constants =
            try sampler.allWeights(weights) + [
                DeviceArray(labels.map { Int32($0) }, TensorType([size], .int32), on: device),
                DeviceArray([Float](repeating: Float(scale), count: size), TensorType([size]), on: device),
            ]
        let result = try integrator.integrate([state], constants: constants, direction, onTime: onTime)
        return (try result.state[0].values(as: Float.self), result.evaluations * (isGuided ? 2 : 1))
    }
}
