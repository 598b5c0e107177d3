import NN

/// Everything that training carries from step to step, as symbolic tensors or as arrays on a device.
public struct StateArrays<Element> {
    /// One for each entry of the parameter tree.
    public var values: [Element]
    /// Adam's running means of the gradient and of its square, one for each trained entry.
    public var firstMoments: [Element]
    public var secondMoments: [Element]
    /// Exponential moving averages, one for each entry; empty where none are kept.
    public var averages: [Element]
    /// Steps done, an int64 scalar.
    public var step: Element

    public init(
        values: [Element], firstMoments: [Element], secondMoments: [Element], averages: [Element], step: Element
    ) {
        self.values = values
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
        self.averages = averages
        self.step = step
    }

    /// All in one list, in the order programs take and return them.
    public var flattened: [Element] { values + firstMoments + secondMoments + averages + [step] }

    /// Takes a list apart as ``flattened`` put it together.
    public init(_ list: [Element], _ layout: StateLayout) {
        let (entries, trained) = (layout.tree.entries.count, layout.trained.count)
        precondition(list.count == layout.count, "a state of \(layout.count) arrays")
        values = Array(list[..<entries])
        firstMoments = Array(list[entries..<entries + trained])
        secondMoments = Array(list[entries + trained..<entries + 2 * trained])
        averages = Array(list[(entries + 2 * trained)..<(list.count - 1)])
        step = list[list.count - 1]
    }
}

extension StateArrays: Sendable where Element: Sendable {}
