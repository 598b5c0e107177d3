public import Compute
public import Flows

/// A network that is less good at the same task, from whose velocity guidance leads away (autoguidance).
public struct WeakerNetwork: Sendable {
    /// Its velocities.
    public let field: VelocityField
    /// One array for each entry of the network's parameter tree.
    public let weights: [DeviceArray]

    /// - Parameters:
    ///   - field: its velocities
    ///   - weights: one array for each entry of its parameter tree
    public init(_ field: VelocityField, weights: [DeviceArray]) {
        self.field = field
        self.weights = weights
    }
}
