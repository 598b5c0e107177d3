public import Settings
public import Tensors

/// Which noise of a batch goes with which image.
public protocol Coupling: SettingKind {
    /// The fewest images of a batch that there is something to pair in.
    var leastBatch: Int { get }

    /// The batch's noise, rearranged or redrawn, so that row i goes with image i.
    ///
    /// - Parameters:
    ///   - noise: (batch, ...), independent standard normal numbers
    ///   - data: of the shape of `noise`
    ///   - labels: (batch) int32
    ///   - random: a stream of its own
    func paired(noise: Tensor, with data: Tensor, labels: Tensor, _ random: RandomStream) -> Tensor
}

extension Coupling {
    public var leastBatch: Int { 1 }
}

/// The kinds of coupling.
public enum Couplings {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any Coupling>(
        "Which noise goes with which image of a batch.",
        [
            IndependentCoupling(),
            OptimalTransportCoupling(),
            EntropicCoupling(),
        ])
}
