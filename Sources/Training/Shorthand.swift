package import Settings

/// What is so often wanted that it has a word of its own, and which settings that is short for.
package enum Shorthand: Sendable {
    /// The learning rate falls to 0 at the last step.
    case cosineDecay
    /// No moving average of the weights.
    case noAverage
    /// Decoupled weight decay of a strength, as it was typed.
    case weightDecay(String)
    /// An event file beside the metrics.
    case tensorBoard

    /// - Parameter origin: who asks, for errors
    package func assignments(from origin: String) -> [Assignment] {
        func set(_ key: String, _ value: SettingValue) -> Assignment { Assignment(key, value, from: origin) }
        return switch self {
        case .cosineDecay: [set("schedule", .text(CosineSchedule.name))]
        case .noAverage: [set("average", .text(NoAverage.name))]
        case .weightDecay(let text): [set("optimizer", .text(AdamW.name)), set("optimizer.weight_decay", .typed(text))]
        case .tensorBoard: [set("recording.tensorboard", .flag(true))]
        }
    }
}
