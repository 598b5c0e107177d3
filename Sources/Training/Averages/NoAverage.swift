import Settings
public import Tensors

/// No average: samples are drawn with the weights themselves.
public struct NoAverage: WeightAverage {
    public static let name = "none"
    public static let summary = "No average: samples are drawn with the weights themselves."

    public init() {}

    public var isKept: Bool { false }

    public func decay(after step: Tensor) -> Tensor? { nil }
}
