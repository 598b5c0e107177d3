public import Compute
import StableHLO
import Tensors

/// The squared maximum mean discrepancy under the kernel (x . y / d + 1)^3, unbiased, over subsets (Binkowski et al. 2018,
/// "Demystifying MMD GANs"): the kernel inception distance, whatever network the features are of. A value may be negative.
public struct KernelDistance: Sendable {
    private let function: CompiledFunction
    private let size: Int
    private let dimensions: Int
    private let engine: Engine

    /// - Parameters:
    ///   - size: rows of a subset, at least 2
    ///   - dimensions: of the features
    ///   - engine: what it is computed on
    public init(subsetsOf size: Int, dimensions: Int, on engine: Engine) throws {
        precondition(size > 1, "the unbiased distance needs two images")
        let type = TensorType([size, dimensions], .float64)
        function = try engine.function("kernel_distance", arguments: [type, type]) { arguments in
            let (x, y) = (arguments[0], arguments[1])
            func kernel(_ a: Tensor, _ b: Tensor) -> Tensor {
                let inner = a.matmul(b.transposed()) / Double(dimensions) + 1
                return inner * inner * inner
            }
            func withoutDiagonal(_ a: Tensor) -> Tensor {
                let own = (a * a).sum(along: [1]) / Double(dimensions) + 1
                return kernel(a, a).sum() - (own * own * own).sum()
            }
            let pairs = Double(size * (size - 1))
            let within = (withoutDiagonal(x) + withoutDiagonal(y)) / pairs
            return [within - 2 * kernel(x, y).sum() / Double(size * size)]
        }
        self.size = size
        self.dimensions = dimensions
        self.engine = engine
    }

    /// The distance between two sets of as many rows as a subset has.
    public func between(_ a: FeatureSet, and b: FeatureSet) throws -> Double {
        precondition(a.count == size && b.count == size, "the executable is for subsets of \(size)")
        let type = TensorType([size, dimensions], .float64)
        let arrays = try [a, b].map { try DeviceArray($0.values, type, on: engine.device) }
        return try function(arrays)[0].values(as: Double.self)[0]
    }

    /// The distances between random subsets of two sets, drawn from a seed without repeats within a subset.
    public func distances(
        between a: FeatureSet, and b: FeatureSet, subsets: Int, seed: UInt64, onSubset: (Int) -> Void = { _ in }
    ) throws -> [Double] {
        var draws = Draws(seed: seed)
        return try (0..<subsets).map { index in
            let first = a.rows(at: draws.distinct(size, below: a.count))
            let second = b.rows(at: draws.distinct(size, below: b.count))
            defer { onSubset(index + 1) }
            return try between(first, and: second)
        }
    }

    /// The mean over subsets, with the error that as many images make which the smaller set has: subsets of one set
    /// overlap, so only count / size of them are independent.
    public func estimate(_ distances: [Double], count: Int) -> Estimate {
        let mean = distances.reduce(0, +) / Double(distances.count)
        let independent = max(1, Double(count) / Double(size))
        return Estimate(
            mean, standardError: Estimate.deviation(distances) / min(independent, Double(distances.count)).squareRoot())
    }
}
