import NN

/// Everything that training carries from step to step, as symbolic tensors or as arrays on a device.
package struct StateArrays<Element> {
    /// One for each entry of the parameter tree.
    package var values: [Element]
    /// What the optimizer keeps: a list a name, in it one for each trained entry.
    package var optimizerStates: [[Element]]
    /// Moving averages, one for each entry; empty where none are kept.
    package var averages: [Element]
    /// Steps done, an int64 scalar.
    package var step: Element

    /// One of each a weight, as ``StateLayout`` orders them.
    package init(values: [Element], optimizerStates: [[Element]], averages: [Element], step: Element) {
        self.values = values
        self.optimizerStates = optimizerStates
        self.averages = averages
        self.step = step
    }

    /// All in one list, in the order programs take and return them.
    package var flattened: [Element] { values + optimizerStates.flatMap { $0 } + averages + [step] }

    /// Takes a list apart as ``flattened`` put it together.
    package init(_ list: [Element], _ layout: StateLayout) {
        let (entries, trained) = (layout.tree.entries.count, layout.trained.count)
        precondition(list.count == layout.count, "a state of \(layout.count) arrays")
        values = Array(list[..<entries])
        optimizerStates = layout.optimizerStateNames.indices.map { index in
            Array(list[(entries + index * trained)..<(entries + (index + 1) * trained)])
        }
        averages = Array(list[(entries + optimizerStates.count * trained)..<(list.count - 1)])
        step = list[list.count - 1]
    }
}

extension StateArrays: Sendable where Element: Sendable {}
