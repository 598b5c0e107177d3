public import Settings
public import Tensors

/// How the learning rate changes from step to step.
public protocol LearningRateSchedule: SettingKind {
    /// The learning rate of the step after `step` steps.
    ///
    /// - Parameters:
    ///   - peak: the optimizer's learning rate
    ///   - step: a float32 scalar
    ///   - total: steps of the run
    func learningRate(peak: Double, after step: Tensor, of total: Int) -> Tensor
}

/// The kinds of schedule.
public enum LearningRateSchedules {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any LearningRateSchedule>(
        "How the learning rate changes from step to step.",
        [
            ConstantSchedule(),
            CosineSchedule(),
        ])
}

/// The peak, reached along a line over the first steps.
func warmedUp(_ peak: Double, after step: Tensor, over steps: Int) -> Tensor {
    let rate = Tensor(peak)
    return steps > 0 ? rate * ((step + 1) / Double(steps)).minimum(Tensor(1)) : rate
}
