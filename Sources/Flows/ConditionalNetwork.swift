public import NN
public import Tensors

/// A network of a point, a time and a label; what its output means, a ``Prediction`` says.
public protocol ConditionalNetwork: Module {
    /// - Parameters:
    ///   - x: points on the path, (batch, channels, height, width)
    ///   - time: (batch), 0 is noise and 1 is data
    ///   - labels: (batch) int32; ``classCount`` is the null label
    ///   - context: parameters and mode
    /// - Returns: a tensor of the shape of `x`
    func callAsFunction(_ x: Tensor, at time: Tensor, labels: Tensor, _ context: Context) -> Tensor

    /// How many labels there are without the null label.
    var classCount: Int { get }

    /// Channels, height and width of a point.
    var imageShape: [Int] { get }
}

extension ConditionalNetwork {
    /// The label that stands for "no label".
    public var nullLabel: Int { classCount }
}
