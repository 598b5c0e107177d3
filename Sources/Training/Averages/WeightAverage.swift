public import Settings
public import Tensors

/// A moving average of the weights and batch statistics, kept beside them: average += (weight - average) (1 - decay).
public protocol WeightAverage: SettingKind {
    /// The decay of the step after `step` steps (a float32 scalar), or nil where no average is kept.
    func decay(after step: Tensor) -> Tensor?

    /// Whether an average is kept.
    var isKept: Bool { get }
}

/// The kinds of average.
public enum WeightAverages {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any WeightAverage>(
        "The average of the weights that samples are drawn with.",
        [
            ExponentialAverage(),
            NoAverage(),
        ])
}
