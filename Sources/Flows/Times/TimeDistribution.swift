public import Settings
public import Tensors

/// The distribution of the times that a network is trained at, as its quantile function.
public protocol TimeDistribution: SettingKind {
    /// Times in [0, 1] of uniform numbers in [0, 1), one each.
    func times(of uniform: Tensor) -> Tensor
}

/// The kinds of time distribution.
public enum TimeDistributions {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any TimeDistribution>(
        "Which times a network is trained at.",
        [
            UniformTimes(),
            LogitNormalTimes(),
            ShiftedTimes(),
            CosineMappedTimes(),
        ])
}
