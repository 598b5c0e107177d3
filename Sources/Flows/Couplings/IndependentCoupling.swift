import Settings
public import Tensors

/// Noise and images are drawn independently.
public struct IndependentCoupling: Coupling {
    public static let name = "independent"
    public static let summary = "Noise and images are drawn independently (Lipman et al. 2023); where to begin."

    public init() {}

    public func paired(noise: Tensor, with data: Tensor, labels: Tensor, _ random: RandomStream) -> Tensor { noise }
}
