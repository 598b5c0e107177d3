package import NN
package import StableHLO

/// Names and types of the arrays of a training state.
public struct StateLayout: Sendable {
    /// Of the network's parameters.
    package let tree: ParameterTree
    /// Indices of the trained entries of the tree.
    package let trained: [Int]
    /// Names of the arrays that the optimizer keeps for each of them.
    package let optimizerStateNames: [String]
    /// Whether the state has moving averages.
    package let keepsAverages: Bool

    /// - Parameters:
    ///   - tree: of the network's parameters
    ///   - optimizer: says what it keeps for a weight
    ///   - average: says whether one is kept
    package init(_ tree: ParameterTree, optimizer: any Optimizer, average: any WeightAverage) {
        self.tree = tree
        optimizerStateNames = type(of: optimizer).stateNames
        keepsAverages = average.isKept
        trained = tree.entries.indices.filter { tree.entries[$0].parameter.isTrainable }
    }

    /// How many arrays there are.
    package var count: Int {
        tree.entries.count * (keepsAverages ? 2 : 1) + optimizerStateNames.count * trained.count + 1
    }

    /// Types of the arrays, in the order of ``names``.
    package var types: [TensorType] {
        let states = optimizerStateNames.flatMap { _ in trained.map { tree.types[$0] } }
        return tree.types + states + (keepsAverages ? tree.types : []) + [TensorType([], .int64)]
    }

    /// Names in a checkpoint: weights under PyTorch's own, the rest under prefixes.
    package var names: [String] {
        tree.names + optimizerStateNames.flatMap { name in trained.map { "optimizer.\(name).\(tree.names[$0])" } }
            + (keepsAverages ? tree.names.map { "ema.\($0)" } : []) + ["training.step"]
    }

    /// A state of these weights before the first step: what the optimizer keeps is 0, averages are the weights.
    ///
    /// - Parameters:
    ///   - values: the weights
    ///   - zero: an array of zeros of a type
    ///   - step: an int64 scalar 0
    package func beginning<Element>(
        _ values: [Element], zero: (TensorType) throws -> Element, step: Element
    ) rethrows -> StateArrays<Element> {
        StateArrays(
            values: values,
            optimizerStates: try optimizerStateNames.map { _ in try trained.map { try zero(tree.types[$0]) } },
            averages: keepsAverages ? values : [], step: step)
    }
}
