public import Compute
public import Flows
public import StableHLO
public import Tensors

/// The log-density that a flow gives to points: they are followed to the noise they come from, and the divergence on the
/// way is added up (see ``DensityFlow``).
///
/// The random vectors of point `i` depend on the seed and `i` alone, whatever the batch it is computed in.
public struct LogDensity: Sendable {
    /// What came of a batch.
    public struct Values: Sendable {
        /// In nats: of each point, one value an estimate of the divergence.
        public let estimates: [[Double]]
        /// The noise that the points come from, row-major.
        public let noise: [Double]
        /// How often the velocity was asked for.
        public let evaluations: Int
    }

    private let divergence: any DivergenceEstimate
    private let pointType: TensorType
    private let integrator: FlowIntegrator
    private let device: DeviceGroup

    /// Compiles what an integration needs.
    ///
    /// - Parameters:
    ///   - divergence: how it is computed along the way
    ///   - solver: the numerical method
    ///   - times: ascending from 0 to 1, between which the steps of a solver lead that are not adaptive
    ///   - points: (batch, ...), float32 or float64
    ///   - constants: what the velocity needs beside points and time: weights, labels
    ///   - engine: what it runs on
    ///   - velocity: of the constants; its times are scalars or (batch), and no point's velocity may depend on
    ///     another
    public init(
        _ divergence: any DivergenceEstimate, _ solver: any Solver, times: [Double], points: TensorType,
        constants: [TensorType], on engine: Engine,
        velocity: (_ constants: [Tensor]) -> (_ x: Tensor, _ time: Tensor) -> Tensor
    ) throws {
        self.divergence = divergence
        pointType = points
        device = engine.device
        let scalar = TensorType([], .uint64)
        integrator = try FlowIntegrator(
            "log_density", solver, times: times, constants: constants + [scalar, scalar],
            state: [points, TensorType([points.shape[0], divergence.estimates], points.elementType)], on: engine
        ) { values in
            let (seed, first) = (values[constants.count], values[constants.count + 1])
            return DensityFlow(divergence).velocity(of: velocity(Array(values[..<constants.count]))) { estimate in
                LogDensity.normal(points, estimate: estimate, seed: seed, first: first)
            }
        }
    }

    /// The log-densities of a batch.
    ///
    /// - Parameters:
    ///   - points: of the type that was compiled for
    ///   - constants: of the types it was made for
    ///   - seed: of the random vectors
    ///   - first: the number of the first point
    ///   - onTime: told how far the points are on their way, from 1 to 0
    public func callAsFunction(
        _ points: DeviceArray, constants: [DeviceArray], seed: UInt64, first: Int, onTime: (Double) -> Void = { _ in }
    ) throws -> Values {
        let count = divergence.estimates
        let type = TensorType([pointType.shape[0], count], pointType.elementType)
        let zero = try DeviceArray([UInt8](repeating: 0, count: type.byteCount), type, on: device)
        let numbers = try [seed, UInt64(first)].map { try DeviceArray([$0], TensorType([], .uint64), on: device) }
        let result = try integrator.integrate([points, zero], constants: constants + numbers, .toNoise, onTime: onTime)
        let (noise, integrals) = (try result.state[0].doubles(), try result.state[1].doubles())
        let dimensions = noise.count / pointType.shape[0]
        let estimates = (0..<pointType.shape[0]).map { point in
            let prior = DensityFlow.standardNormal(noise[point * dimensions..<(point + 1) * dimensions])
            return integrals[point * count..<(point + 1) * count].map { prior + $0 }
        }
        return Values(estimates: estimates, noise: noise, evaluations: result.evaluations)
    }

    /// The random vectors of a batch, row-major: one list of all points an estimate.
    package func randomVectors(seed: UInt64, first: Int, on engine: Engine) throws -> [[Float]] {
        let scalar = TensorType([], .uint64)
        let function = try engine.function("probes", arguments: [TensorType([], .int32), scalar, scalar]) { values in
            let normal = LogDensity.normal(pointType, estimate: values[0], seed: values[1], first: values[2])
            return [divergence.randomVector(normal).converted(to: .float32)]
        }
        let numbers = try [seed, UInt64(first)].map { try DeviceArray([$0], scalar, on: device) }
        return try (0..<divergence.estimates).map { estimate in
            let index = try DeviceArray([Int32(estimate)], TensorType([], .int32), on: device)
            return try function([index] + numbers)[0].values(as: Float.self)
        }
    }

    /// The standard normal vectors of an estimate, of the type of the points.
    static func normal(_ points: TensorType, estimate: Tensor, seed: Tensor, first: Tensor) -> Tensor {
        NoiseSource(seed: seed).ofProbe(estimate)
            .images(points.shape[0], from: first, shape: Array(points.shape.dropFirst()))
            .converted(to: points.elementType)
    }
}

/// What is added to the bytes of images `first ..< first + count`, uniform on [0, 1): of image i the same in every batch.
///
/// - Parameters:
///   - count: of the points
///   - seed: scalar uint64
///   - first: scalar uint64
///   - shape: of an image
package func dequantizationNoise(_ count: Int, seed: Tensor, first: Tensor, shape: [Int]) -> Tensor {
    NoiseSource(seed: seed).ofDequantization.uniform(count, from: first, shape: shape)
}

extension DeviceArray {
    /// The values of floating-point elements.
    fileprivate func doubles() throws -> [Double] {
        type.elementType == .float64 ? try values(as: Double.self) : try values(as: Float.self).map { Double($0) }
    }
}
