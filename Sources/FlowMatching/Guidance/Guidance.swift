public import Settings
public import Tracing

/// How the velocities with and without the label become the one that a sample follows.
public protocol Guidance: SettingKind {
    /// The guidance scale w; 1 is the conditional velocity itself.
    var scale: Double { get set }

    /// - Parameters:
    ///   - conditional, unconditional: velocities, (batch, ...)
    ///   - time: a scalar, or one of each image, (batch, 1, ...)
    ///   - scale: of each image, (batch, 1, ...)
    func combined(conditional: Tensor, unconditional: Tensor, at time: Tensor, scale: Tensor) -> Tensor

    /// Whether the unconditional velocity is needed at any time of a step. Where it is not, a step costs half.
    func guides(from start: Double, to end: Double) -> Bool
}

extension Guidance {
    public func guides(from start: Double, to end: Double) -> Bool { true }
}

/// The kinds of guidance.
public enum Guidances {
    public static let registry = Registry<any Guidance>(
        "How a sample is pulled to its label.",
        [
            ClassifierFreeGuidance(),
            IntervalGuidance(),
        ])
}
