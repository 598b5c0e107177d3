public import Settings
public import Tensors

/// An exponential moving average whose decay grows at first, min(d, (1 + n) / (10 + n)) after n steps: an early average
/// forgets its random start quickly.
public struct ExponentialAverage: WeightAverage {
    public static let name = "exponential"
    public static let summary = "An exponential moving average that forgets its random start quickly."

    @Setting("How much of the average stays a step, after the first steps.", .from(0, below: 1)) public var decay =
        0.999

    public init() {}

    public var isKept: Bool { true }

    public func decay(after step: Tensor) -> Tensor? { ((1 + step) / (10 + step)).minimum(Tensor(decay)) }
}
