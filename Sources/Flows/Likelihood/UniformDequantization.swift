import Foundation
public import Tensors

/// Bytes as points of a density: a byte k stands for all values that are rounded to it (Uria et al. 2013; Theis et al. 2016,
/// "A note on the evaluation of generative models", section 3.1).
///
/// x = 2 (k + v - 1/2) / 255 - 1 with v uniform on [0, 1): the cell around the point that training takes the byte for, which
/// is also the cell of values that a sample's byte is rounded from. A cell has the volume (2 / 255)^D, so the probability of
/// an image is the mean of p(x) over its cell times that, and -log2 p(x) - D log2(2 / 255) is, on average over v, at least
/// -log2 of the probability (Jensen's inequality): a bound from above.
public enum UniformDequantization {
    /// The width of a byte in the units of the model, 2 / 255.
    public static let step = 2.0 / 255

    /// log |dx / dk| of the scaling from [0, 255] to [-1, 1] an entry, in nats.
    public static var logScale: Double { log(step) }

    /// Points in the cells of bytes.
    ///
    /// - Parameters:
    ///   - bytes: (batch, ...) uint8
    ///   - uniform: v, of that shape
    public static func points(of bytes: Tensor, uniform: Tensor) -> Tensor {
        (bytes.converted(to: uniform.elementType) + uniform - 0.5) * step - 1
    }

    /// What a density says of an image of bytes: bits an entry.
    ///
    /// - Parameters:
    ///   - logDensity: in nats
    ///   - dimensions: of a point
    public static func bitsPerDimension(logDensity: Double, dimensions: Int) -> Double {
        -(logDensity / Double(dimensions) + logScale) / log(2)
    }
}
