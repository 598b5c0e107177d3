import NN
import Settings
import Tensors

/// What a transformer-like network shares with its kin: patches with positions, the condition made of time and label,
/// and the modulated last layer.
struct PatchSizes {
    let width: Int
    let patch: Int
    let tEmbedDim: Int
    let yEmbedDim: Int
    let numClasses: Int
    let imageShape: [Int]

    var patchCount: Int { (imageShape[1] / patch) * (imageShape[2] / patch) }

    /// An image is cut into whole patches.
    var conflicts: [SettingConflict] {
        imageShape[1] % patch == 0
            ? [] : [SettingConflict("patch_size", mustBe: "a divisor of image_size, \(imageShape[1])")]
    }
}

/// c = MLP(time features) + MLP(label embedding), (batch, width).
struct Conditioning: Module {
    private let timeEmbedder: FourierFeatures
    private let timeMlp: ConditionMLP
    private let yEmbedder: Embedding
    private let yMlp: ConditionMLP

    init(_ sizes: PatchSizes) {
        timeEmbedder = FourierFeatures(sizes.tEmbedDim)
        timeMlp = ConditionMLP(sizes.tEmbedDim, hidden: sizes.width, sizes.width)
        yEmbedder = Embedding(sizes.numClasses + 1, sizes.yEmbedDim)
        yMlp = ConditionMLP(sizes.yEmbedDim, hidden: sizes.width, sizes.width)
    }

    func callAsFunction(_ time: Tensor, _ labels: Tensor, _ context: Context) -> Tensor {
        timeMlp(timeEmbedder(time, context), context) + yMlp(yEmbedder(labels, context), context)
    }
}

/// Vectors computed from the condition: Linear(SiLU(c)), cut into equal parts; zero at the start.
struct Modulation: Module {
    private let linear: Linear
    private let count: Int

    init(_ width: Int, count: Int) {
        linear = Linear(width, count * width, initializer: .constant(0))
        self.count = count
    }

    var children: [(name: String, value: Any)] { [("1", linear)] }

    /// (batch, width) to `count` vectors (batch, width).
    func callAsFunction(_ condition: Tensor, _ context: Context) -> [Tensor] {
        linear(silu(condition), context).split(into: count, along: 1)
    }
}

/// The residual stream of a network's blocks, (batch, patches, width). An update waits for the layer norm that comes
/// after it, so that both are one operation.
struct ResidualStream {
    private var value: Tensor
    private var waiting: (gate: Tensor, update: Tensor)?

    init(_ value: Tensor) { self.value = value }

    /// The modulated layer norm of all so far.
    mutating func normalized(scale: Tensor, shift: Tensor) -> Tensor {
        guard let (gate, update) = waiting else { return modulatedLayerNorm(value, scale: scale, shift: shift) }
        let sum = gatedResidualLayerNorm(value, gate: gate, update: update, scale: scale, shift: shift)
        value = sum.stream
        waiting = nil
        return sum.normalized
    }

    /// Adds gate * update to what was normalised last; gate (batch, width).
    mutating func add(_ update: Tensor, gate: Tensor) {
        precondition(waiting == nil, "an update follows a layer norm")
        waiting = (gate, update)
    }
}

/// Modulated layer norm, then a linear map of every vector to the pixels of its patch; zero at the start.
struct FinalLayer: Module {
    private let linear: Linear
    private let modulation: Modulation

    init(_ sizes: PatchSizes) {
        linear = Linear(
            sizes.width, sizes.patch * sizes.patch * sizes.imageShape[0], initializer: .constant(0))
        modulation = Modulation(sizes.width, count: 2)
    }

    var children: [(name: String, value: Any)] {
        [("final_layer.1", linear)] + modulation.children.map { ("final_adaLN.\($0.name)", $0.value) }
    }

    /// (batch, patches, patch x patch x channels)
    func callAsFunction(_ stream: consuming ResidualStream, _ condition: Tensor, _ context: Context) -> Tensor {
        let parts = modulation(condition, context)
        return linear(stream.normalized(scale: parts[0], shift: parts[1]), context)
    }
}
