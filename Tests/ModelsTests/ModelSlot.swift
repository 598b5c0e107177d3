import Flows
import Models
import Settings

/// A slot for a network, as a run's configuration has one.
struct ModelSlot: SettingGroup {
    @Slot(Networks.registry) var model: any ModelConfiguration = UNet.Configuration()

    init() {}

    /// A kind with assignments of its own settings, such as `depth=2`.
    static func configuration(
        _ kind: String, _ assignments: [String] = []
    ) throws(SettingsError) -> any ModelConfiguration {
        var all = [Assignment("model", .text(kind), from: "test")]
        for text in assignments { all.append(try Assignment(text: "model.\(text)", from: "test")) }
        return try ModelSlot().applying(all).model
    }

    static func network(_ kind: String, _ assignments: [String] = []) throws -> any ConditionalNetwork {
        try configuration(kind, assignments).makeNetwork()
    }
}
