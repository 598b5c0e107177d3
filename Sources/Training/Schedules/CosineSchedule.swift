public import Settings
public import Tensors

/// From the peak to 0 along half a cosine (Loshchilov and Hutter 2017), after a warm-up.
///
/// By default it ends with the run. A run that is extended follows, from the step where it goes on, the cosine of its new
/// length: the learning rate jumps up to what it would be there had the run been that long from the start.
public struct CosineSchedule: LearningRateSchedule {
    public static let name = "cosine"
    public static let summary =
        "The learning rate falls to 0 along half a cosine; a run that is extended goes on along the cosine of its new length."

    @Setting("Steps over which the learning rate rises from 0.", unit: "steps", .atLeast(0)) public var warmupSteps = 0
    @Setting(
        "The step at which the learning rate is 0; with 0, the run's last.", unit: "steps", .atLeast(0),
        mayChangeOnResume: true)
    public var steps = 0

    public init() {}

    public func conflicts() -> [SettingConflict] {
        steps == 0 || steps > warmupSteps
            ? [] : [SettingConflict("steps", mustBe: "0, or more than the warm-up's \(warmupSteps)")]
    }

    public func learningRate(peak: Double, after step: Tensor, of total: Int) -> Tensor {
        let span = Double(max(1, (steps > 0 ? steps : total) - warmupSteps))
        let progress = ((step - Double(warmupSteps)) / span).maximum(Tensor(0)).minimum(Tensor(1))
        return warmedUp(peak, after: step, over: warmupSteps) * (0.5 * (1 + cos(progress * Double.pi)))
    }
}
