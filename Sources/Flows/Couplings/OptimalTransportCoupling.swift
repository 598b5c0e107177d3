public import Settings
import StableHLO
public import Tensors

/// Minibatch optimal transport: the pairing of a batch's noise and images with the least sum of squared distances
/// (Tong et al. 2024, "Improving and generalizing flow-based generative models with minibatch optimal transport";
/// Pooladian et al. 2023, "Multisample flow matching").
///
/// Noise that is paired over the whole batch depends on the label: a conditional model, which is given other noise when it
/// draws, is hurt (Cheng and Schwing 2025, "The curse of conditions"). Within classes the noise of each label stays normal.
public struct OptimalTransportCoupling: Coupling {
    public static let name = "optimal-transport"
    public static let summary =
        "The pairing of least squared distance in the batch (Tong et al. 2024): straighter ways, for few steps; over all "
        + "labels it hurts conditional models (Cheng and Schwing 2025), so set within_classes for these."

    @Setting("Whether noise is paired among images of one label only, as conditional models need.")
    public var withinClasses = false

    public init() {}

    public var leastBatch: Int { 2 }

    public func paired(noise: Tensor, with data: Tensor, labels: Tensor, _ random: RandomStream) -> Tensor {
        let count = noise.shape[0]
        guard count > 1 else { return noise }
        let flat = [count, noise.elementCount / count]
        // Of |z - eps|^2 = |z|^2 + |eps|^2 - 2 z . eps, the pairing decides the last term alone.
        let benefit = data.reshaped(to: flat).matmul(noise.reshaped(to: flat).transposed())
        return noise.rows(at: assignment(withinClasses ? forbidding(benefit, across: labels) : benefit))
    }

    /// The benefits, those between labels so low that no best pairing has one: every image can keep its own noise.
    private func forbidding(_ benefit: Tensor, across labels: Tensor) -> Tensor {
        let count = labels.shape[0]
        let isSame = labels.reshaped(to: [count, 1]).compared(.equal, to: labels.reshaped(to: [1, count]))
        let (least, greatest) = (benefit.min(), benefit.max())
        return isSame.select(benefit, least - (greatest - least) * Double(count))
    }
}
