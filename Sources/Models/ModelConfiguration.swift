public import Flows
public import Settings

/// The sizes of a network: a kind of the model slot.
public protocol ModelConfiguration: SettingKind {
    /// The network of these sizes.
    ///
    /// - Throws: ``SettingsError`` with every size that is impossible.
    func makeNetwork() throws(SettingsError) -> any ConditionalNetwork

    /// What the shapes of a state dict say of a network of this kind; nil where they are another kind's.
    func sizes(in shapes: TensorShapes) -> SizesInShapes?
}

extension ModelConfiguration {
    /// A kind that does not look for its sizes has to be given them.
    public func sizes(in shapes: TensorShapes) -> SizesInShapes? { nil }
}

/// The kinds of network.
public enum Networks {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any ModelConfiguration>(
        "The network.",
        [
            UNet.Configuration(),
            DiT.Configuration(),
            Mamba.Configuration(),
        ])
}

extension SettingRange<Int> {
    /// Sizes are at least 1, and small enough that products of them do not overflow.
    static var size: SettingRange { .from(1, through: 65536) }

    /// How many labels there are.
    static var classes: SettingRange { .from(0, through: 65536) }

    /// How often something is repeated.
    static var count: SettingRange { .from(1, through: 1024) }
}

/// Time features are half sines, half cosines.
func evenTimeEmbedding(_ size: Int) -> [SettingConflict] {
    size % 2 == 0 ? [] : [SettingConflict("t_embed_dim", mustBe: "even: half sines, half cosines")]
}
