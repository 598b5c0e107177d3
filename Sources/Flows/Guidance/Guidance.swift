public import Settings
public import Tensors

/// How two velocities become the one that a sample follows: the conditional one, and a worse one to be led away from.
public protocol Guidance: SettingKind {
    /// The guidance scale w; 1 is the conditional velocity itself. Any number: between 0 and 1 guidance is weakened, below
    /// 0 it leads away from the label.
    var scale: Double { get set }

    /// Where the worse velocity, the baseline, comes from.
    var baseline: GuidanceBaseline { get }

    /// - Parameters:
    ///   - conditional: velocities, (batch, ...)
    ///   - baseline: velocities, (batch, ...)
    ///   - time: a scalar, or one of each image, (batch, 1, ...)
    ///   - scale: of each image, (batch, 1, ...)
    func combined(conditional: Tensor, baseline: Tensor, at time: Tensor, scale: Tensor) -> Tensor

    /// Whether the baseline is needed at any time of a step. Where it is not, a step costs half.
    func guides(from start: Double, to end: Double) -> Bool

    /// Times inside 0...1 at which the guided velocity jumps; it is smooth from each on up to the next.
    var switchTimes: [Double] { get }
}

extension Guidance {
    public var baseline: GuidanceBaseline { .unconditional }

    public func guides(from start: Double, to end: Double) -> Bool { true }

    public var switchTimes: [Double] { [] }
}

/// The velocity that guidance leads away from.
public enum GuidanceBaseline: Sendable, Equatable {
    /// The same network's, without the label.
    case unconditional
    /// That of a checkpoint of a run, with the same label.
    ///
    /// - Parameters:
    ///   - run: its folder; empty for the run that is sampled
    ///   - checkpoint: its step; 0 for the earliest of the run that is sampled, or the last of another
    case weaker(run: String, checkpoint: Int)
}

/// The kinds of guidance.
public enum Guidances {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Guidance>(
        "How a sample is pulled to its label.",
        [
            ClassifierFreeGuidance(),
            IntervalGuidance(),
            ZeroStarGuidance(),
            Autoguidance(),
        ])
}
