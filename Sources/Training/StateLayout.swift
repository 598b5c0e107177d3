public import NN
public import StableHLO

/// Names and types of the arrays of a training state.
public struct StateLayout: Sendable {
    public let tree: ParameterTree
    /// Indices of the trained entries of the tree.
    public let trained: [Int]
    public let keepsAverages: Bool

    public init(_ tree: ParameterTree, keepsAverages: Bool) {
        self.tree = tree
        self.keepsAverages = keepsAverages
        trained = tree.entries.indices.filter { tree.entries[$0].parameter.isTrainable }
    }

    /// How many arrays there are.
    public var count: Int { tree.entries.count * (keepsAverages ? 2 : 1) + 2 * trained.count + 1 }

    public var types: [TensorType] {
        let moments = trained.map { tree.types[$0] }
        return tree.types + moments + moments + (keepsAverages ? tree.types : []) + [TensorType([], .int64)]
    }

    /// Names in a checkpoint: weights under PyTorch's own, the rest under prefixes.
    public var names: [String] {
        tree.names + trained.map { "optimizer.exp_avg.\(tree.names[$0])" }
            + trained.map { "optimizer.exp_avg_sq.\(tree.names[$0])" }
            + (keepsAverages ? tree.names.map { "ema.\($0)" } : []) + ["training.step"]
    }
}
