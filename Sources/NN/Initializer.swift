import Foundation
public import StableHLO
public import Tensors

/// How a parameter's first value is drawn.
public enum Initializer: Sendable, Hashable {
    /// The same number everywhere.
    case constant(Double)
    /// Uniform on [-bound, bound].
    case uniform(bound: Double)
    /// Normal with mean 0.
    case normal(standardDeviation: Double)
    /// Normal with mean 0, conditioned on [-bound, bound].
    case truncatedNormal(standardDeviation: Double, bound: Double)
    /// log(1), log(2), ... log(n) in every row of an (m, n) array: Mamba's `A_log`.
    case logarithmsOfCounts
    /// The inverse softplus of a number drawn log-uniformly from a range: Mamba's time-step bias.
    case inverseSoftplusOfLogUniform(lowest: Double, highest: Double, floor: Double)

    /// U(-k, k), k = 1 / sqrt(inputs): PyTorch's default for linear and convolution weights and biases.
    public static func fanIn(_ inputs: Int) -> Initializer { .uniform(bound: 1 / Double(inputs).squareRoot()) }

    /// U(-k, k), k = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
    public static func xavierUniform(inputs: Int, outputs: Int) -> Initializer {
        .uniform(bound: (6 / Double(inputs + outputs)).squareRoot())
    }

    /// Whether a value is drawn at all.
    var isRandom: Bool {
        switch self {
        case .constant, .logarithmsOfCounts: false
        case .uniform, .normal, .truncatedNormal, .inverseSoftplusOfLogUniform: true
        }
    }

    /// The symbolic first value of an array.
    ///
    /// - Parameters:
    ///   - type: shape and element type
    ///   - bits: uniform 32-bit numbers of the array's shape; not read where nothing is drawn.
    public func value(_ type: TensorType, bits: @autoclosure () -> Tensor) -> Tensor {
        let shape = type.shape
        switch self {
        case .constant(let value): return Tensor(value, shape: shape).converted(to: type.elementType)
        case .uniform(let bound): return RandomStream.uniform(of: bits()) * (2 * bound) - bound
        case .normal(let deviation): return RandomStream.normal(of: bits()) * deviation
        case .truncatedNormal(let deviation, let bound):
            let scale = deviation * 2.0.squareRoot()
            let edge = erf(bound / scale)
            // Just inside +-1, where the inverse error function is finite.
            let u = (RandomStream.uniform(of: bits()) * 2 - (1 - 0x1p-24)) * edge
            return u.unary(.erfInverse) * scale
        case .logarithmsOfCounts: return log(Tensor.iota(shape, dimension: 1, elementType: .float32) + 1)
        case .inverseSoftplusOfLogUniform(let lowest, let highest, let floor):
            let exponent = RandomStream.uniform(of: bits()) * (log(highest) - log(lowest)) + log(lowest)
            let step = exp(exponent).maximum(Tensor(floor))
            return step + log(-expMinusOne(-step))
        }
    }
}
