public import StableHLO

/// The declaration of one array that a module owns: its shape, how it starts, and who it is; never its value.
///
/// Values live in a list that a ``ParameterTree`` orders and names.
public struct Parameter: Sendable, Hashable {
    private final class Identity: Sendable {}

    /// Shape and element type.
    public let type: TensorType
    /// What it is at first.
    public let initializer: Initializer
    /// Whether training moves it; batch statistics and counters are kept with the weights but are not trained.
    public let isTrainable: Bool
    /// Replaces the property's name in the parameter's path.
    let key: String?
    private let identity = Identity()

    /// A trained float32 array.
    public init(_ shape: [Int], _ initializer: Initializer, key: String? = nil) {
        self.init(type: TensorType(shape), initializer, isTrainable: true, key: key)
    }

    /// An array that a traced call replaces, such as running statistics.
    public static func state(_ type: TensorType, _ initializer: Initializer) -> Parameter {
        Parameter(type: type, initializer, isTrainable: false, key: nil)
    }

    private init(type: TensorType, _ initializer: Initializer, isTrainable: Bool, key: String?) {
        self.type = type
        self.initializer = initializer
        self.isTrainable = isTrainable
        self.key = key
    }

    public static func == (a: Parameter, b: Parameter) -> Bool { a.identity === b.identity }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(identity)) }
}
