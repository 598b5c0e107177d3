import StableHLO

/// Finds how a region of a program holds what its native kernels compute: in a program of bfloat16 as such where nothing but
/// native kernels reads a result, all of which take it so; and not at all where nobody reads the last results and the kernel does
/// without them. What a kernel takes, the kernel decides.
struct KernelResults {
    /// An operand of a kernel's call.
    private struct Reader {
        let call: CustomCall
        let operands: [TensorType]
        let index: Int

        func takesRounded(_ kernels: PlatformKernels) -> Bool {
            var types = operands
            types[index] = types[index].with(.bfloat16)
            // A result that is written over the operand is of its type.
            let written = call.aliases.filter { $0.value == index }.keys
            return kernels.take(call.rounding(Set(written)), of: types)
        }
    }

    private let options: LoweringOptions
    private var readers: [TensorIdentity: [Reader]] = [:]
    /// Read by something else than a kernel.
    private var kept: Set<TensorIdentity> = []
    /// Of results that are another node's: those of composites that are inlined.
    private var origins: [TensorIdentity: TensorIdentity] = [:]
    private var calls: [(node: Node, call: CustomCall)] = []

    /// The calls of the region's kernels, by their nodes, with the results as the region holds them.
    ///
    /// - Parameters:
    ///   - nodes: of the region, each after those it depends on
    ///   - results: of the region
    ///   - sources: what a node reads on the platform
    static func calls(
        in nodes: [Node], results: [Tensor], _ options: LoweringOptions, sources: (Node) -> [Tensor]
    ) -> [ObjectIdentifier: CustomCall] {
        guard !options.nativeKernels.names.isEmpty else { return [:] }
        var search = KernelResults(options: options)
        for node in nodes { search.add(node, sources) }
        for result in results { search.kept.insert(search.origin(of: result)) }
        let rounded = options.precision == .bfloat16 ? search.rounded : []
        return Dictionary(
            uniqueKeysWithValues: search.calls.map { node, call in
                let held = node.results.prefix(search.count(node, call))
                let indices = Set(held.indices.filter { rounded.contains(TensorIdentity(held[$0])) })
                return (ObjectIdentifier(node), call.keepingResults(held.count).rounding(indices))
            })
    }

    private init(options: LoweringOptions) { self.options = options }

    private func origin(of tensor: Tensor) -> TensorIdentity {
        let identity = TensorIdentity(tensor)
        return origins[identity] ?? identity
    }

    private mutating func add(_ node: Node, _ sources: (Node) -> [Tensor]) {
        switch node.kind {
        case .composite(let composite) where options.runsNatively(composite, node.operands):
            let call = options.call(of: composite, node.operands)
            let types = node.operands.map(\.type)
            for (index, operand) in node.operands.enumerated() {
                readers[origin(of: operand), default: []].append(Reader(call: call, operands: types, index: index))
            }
            calls.append((node, call))
        case .composite(let composite):
            for (result, tensor) in zip(node.results, composite.decomposed) {
                origins[TensorIdentity(result)] = origin(of: tensor)
            }
        case .operation(is BatchSplit) where options.deviceCount == 1:
            origins[TensorIdentity(node.results[0])] = origin(of: node.operands[0])
        case .operation, .argument, .loop:
            for source in sources(node) { kept.insert(origin(of: source)) }
        }
    }

    /// How many results a kernel is asked for.
    private func count(_ node: Node, _ call: CustomCall) -> Int {
        let read = node.results.lastIndex { result in
            let identity = TensorIdentity(result)
            return kept.contains(identity) || readers[identity] != nil
        }
        let count = (read ?? 0) + 1
        guard count < node.results.count,
            options.nativeKernels.take(call.keepingResults(count), of: node.operands.map(\.type))
        else { return node.results.count }
        return count
    }

    /// The results held as bfloat16.
    private var rounded: Set<TensorIdentity> {
        var found: Set<TensorIdentity> = []
        for (node, call) in calls {
            let types = node.operands.map(\.type)
            for (index, result) in node.results.map(TensorIdentity.init).enumerated() {
                var types = types
                if let overwritten = call.aliases[index] { types[overwritten] = types[overwritten].with(.bfloat16) }
                guard !kept.contains(result), let readers = readers[result],
                    options.nativeKernels.take(call.rounding([index]), of: types),
                    readers.allSatisfy({ $0.takesRounded(options.nativeKernels) })
                else { continue }
                found.insert(result)
            }
        }
        while let unequal = unequalPairs(found) { found.subtract(unequal) }
        return found
    }

    /// Results and the operands they are written over of which one alone would be rounded.
    private func unequalPairs(_ rounded: Set<TensorIdentity>) -> Set<TensorIdentity>? {
        var unequal: Set<TensorIdentity> = []
        for (node, call) in calls {
            for (result, operand) in call.aliases {
                let pair: Set = [TensorIdentity(node.results[result]), origin(of: node.operands[operand])]
                if pair.intersection(rounded).count == 1 { unequal.formUnion(pair) }
            }
        }
        return unequal.isEmpty ? nil : unequal
    }
}

extension CustomCall {
    /// The same call for the first results only.
    func keepingResults(_ count: Int) -> CustomCall {
        CustomCall(
            target, attributes: attributes, results: Array(results.prefix(count)),
            aliases: aliases.filter { $0.key < count })
    }

    /// The same call with some results, by index, of bfloat16.
    func rounding(_ indices: Set<Int>) -> CustomCall {
        let types = results.enumerated().map { indices.contains($0) ? $1.with(.bfloat16) : $1 }
        return CustomCall(target, attributes: attributes, results: types, aliases: aliases)
    }
}
