public import StableHLO

/// How a graph becomes a program on a given platform.
public struct LoweringOptions: Sendable {
    /// How matrix products and convolutions are computed.
    public var precision: MatrixPrecision
    /// The composites that the platform runs natively.
    package var nativeKernels: PlatformKernels
    /// Over how many devices the program is split.
    package var deviceCount = 1

    /// - Parameter precision: of matrix products and convolutions
    public init(precision: MatrixPrecision = .float32) { self.init(precision: precision, nativeKernels: []) }

    /// - Parameters:
    ///   - precision: of matrix products and convolutions
    ///   - nativeKernels: composites that the platform has kernels for
    package init(precision: MatrixPrecision = .float32, nativeKernels: PlatformKernels) {
        self.precision = precision
        self.nativeKernels = nativeKernels
    }

    /// Whether the platform's kernel computes a composite.
    func runsNatively(_ composite: Composite, _ operands: [Tensor]) -> Bool {
        nativeKernels.contain(composite, of: operands)
    }

    /// The call of a composite's kernel. One that holds products is told where they may be of bfloat16.
    func call(of composite: Composite, _ operands: [Tensor]) -> CustomCall {
        let isRounded = precision == .bfloat16 && composite.holdsProducts(of: operands)
        return composite.call(attributes: isRounded ? ["bfloat16": .integer(1)] : [:])
    }
}

/// Traces functions into programs.
package enum Tracer {
    /// Calls `body` on placeholders of the given types and lowers what it returns.
    ///
    /// Equal computations are shared, unused ones dropped.
    ///
    /// - Parameters:
    ///   - name: of the module
    ///   - types: of the arguments
    ///   - donations: arguments whose memory a result may take over: argument index to result index.
    ///   - options: precision and native kernels
    ///   - body: called once with symbolic arguments
    package static func program(
        _ name: String, arguments types: [TensorType], donations: [Int: Int] = [:], options: LoweringOptions,
        body: ([Tensor]) throws -> [Tensor]
    ) rethrows -> Program {
        let arguments = types.map(Tensor.argument)
        let results = try body(arguments)
        let region = RegionLowering.lower(arguments: arguments, results: results, options, ProgramScope())
        guard options.deviceCount > 1 else { return Program(name: name, entry: region, donations: donations) }
        let everywhere = { (count: Int) in
            Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, Sharding.replicated) })
        }
        return Program(
            name: name, entry: region, donations: donations, argumentShardings: everywhere(arguments.count),
            resultShardings: everywhere(results.count), partitions: options.deviceCount)
    }
}

/// What the regions of a program share.
private final class ProgramScope {
    /// What each loop reads from outside, by its node. Loops that follow each other are within each other's reach: found
    /// anew each time, the work would double with each.
    var captures: [ObjectIdentifier: [Tensor]] = [:]
    private var next = 0

    /// Numbers for values, unique within the program.
    func take(_ count: Int) -> [Int] {
        defer { next += count }
        return Array(next..<next + count)
    }
}

/// Turns the graph below some results into the instructions of one region.
private struct RegionLowering {
    private let options: LoweringOptions
    private let scope: ProgramScope
    private var values: [TensorIdentity: Int] = [:]
    /// Results of every instruction by its text, which names operands: equal text is an equal computation.
    private var known: [String: [Int]] = [:]
    private var instructions: [Instruction] = []
    /// Of native kernels, by their nodes.
    private var calls: [ObjectIdentifier: CustomCall] = [:]
    /// Those of bfloat16, though their tensors are of float32.
    private var roundedValues: Set<Int> = []

    static func lower(
        arguments: [Tensor], captures: [Tensor] = [], results: [Tensor], _ options: LoweringOptions,
        _ scope: ProgramScope
    ) -> Region {
        var lowering = RegionLowering(options: options, scope: scope)
        let inputs = arguments + captures
        let inputValues = scope.take(inputs.count)
        for (input, value) in zip(inputs, inputValues) { lowering.values[TensorIdentity(input)] = value }
        let unknown = results.filter { lowering.values[TensorIdentity($0)] == nil }
        let nodes = topologicalOrder(of: unknown, lowering.dependencies)
        lowering.calls = KernelResults.calls(in: nodes, results: results, options, sources: lowering.sources)
        for node in nodes { lowering.emit(node) }
        return Region(
            arguments: zip(inputValues, inputs).map { ($0, $1.type) }, instructions: lowering.instructions,
            results: results.map { (lowering.value(of: $0), $0.type) })
    }

    private init(options: LoweringOptions, scope: ProgramScope) {
        self.options = options
        self.scope = scope
    }

    private func value(of tensor: Tensor) -> Int {
        guard let value = values[TensorIdentity(tensor)] else {
            preconditionFailure("a tensor of another trace was used: \(tensor.type)")
        }
        return value
    }

    /// What must be emitted before a node: what it reads and the region does not have yet.
    private func dependencies(_ node: Node) -> [Tensor] {
        sources(of: node).filter { values[TensorIdentity($0)] == nil }
    }

    /// What a node reads on this platform.
    private func sources(of node: Node) -> [Tensor] {
        switch node.kind {
        case .operation(let operation):
            return isRounded(operation, node) ? node.operands.map(\.unreversed) : node.operands
        case .argument: return node.operands
        case .composite(let composite):
            return options.runsNatively(composite, node.operands) ? node.operands : composite.decomposed
        case .loop(let loop): return node.operands + captures(of: loop, node)
        }
    }

    /// Tensors from outside that a loop reads, constants excepted: those are repeated inside.
    private func captures(of loop: Loop, _ node: Node) -> [Tensor] {
        if let found = scope.captures[ObjectIdentifier(node)] { return found }
        var dependent = Set(loop.arguments.map { ObjectIdentifier($0.node) })
        var captured: [Tensor] = []
        var seen: Set<TensorIdentity> = []
        func capture(_ tensor: Tensor) {
            if dependent.contains(ObjectIdentifier(tensor.node)) { return }
            if case .operation = tensor.node.kind, tensor.node.operands.isEmpty { return }
            if seen.insert(TensorIdentity(tensor)).inserted { captured.append(tensor) }
        }
        // What the enclosing region has already does not depend on the loop.
        let roots = [loop.condition] + loop.body
        for node in topologicalOrder(of: roots, dependencies)
        where sources(of: node).contains(where: { dependent.contains(ObjectIdentifier($0.node)) }) {
            dependent.insert(ObjectIdentifier(node))
        }
        let inside = topologicalOrder(of: roots) { dependent.contains(ObjectIdentifier($0)) ? sources(of: $0) : [] }
        for node in inside where dependent.contains(ObjectIdentifier(node)) { sources(of: node).forEach(capture) }
        roots.forEach(capture)
        scope.captures[ObjectIdentifier(node)] = captured
        return captured
    }

    private mutating func emit(_ node: Node) {
        let results = node.results
        switch node.kind {
        case .argument: preconditionFailure("an argument of another trace was used: \(node.resultTypes)")
        case .operation(is BatchSplit):
            if options.deviceCount > 1 {
                emit(ShardingAnnotation(.batch(devices: options.deviceCount)), node, results)
            } else {
                values[TensorIdentity(results[0])] = value(of: node.operands[0])
            }
        case .operation(let operation): emit(operation, node, results)
        case .composite(let composite):
            if let call = calls[ObjectIdentifier(node)] {
                emit(call, node)
            } else {
                // What nobody reads may have no value.
                for (result, tensor) in zip(results, composite.decomposed) {
                    values[TensorIdentity(result)] = values[TensorIdentity(tensor)]
                }
            }
        case .loop(let loop): emit(loop, node, results)
        }
    }

    /// A kernel's call, with operands and results as the region holds them.
    private mutating func emit(_ call: CustomCall, _ node: Node) {
        let operands = node.operands.map { tensor in
            let value = value(of: tensor)
            return (value: value, type: roundedValues.contains(value) ? tensor.type.with(.bfloat16) : tensor.type)
        }
        for ((result, type), value) in zip(zip(node.results, call.results), emit(call, operands, call.results)) {
            values[TensorIdentity(result)] = value
            if type != result.type { roundedValues.insert(value) }
        }
    }

    /// Whether an operation's operands are rounded to bfloat16.
    private func isRounded(_ operation: any Operation, _ node: Node) -> Bool {
        options.precision == .bfloat16 && operation is any MatrixOperation
            && node.operands.allSatisfy { $0.type.elementType == .float32 }
    }

    private mutating func emit(_ operation: any Operation, _ node: Node, _ results: [Tensor]) {
        let resultValues: [Int]
        if isRounded(operation, node), let operation = operation as? any MatrixOperation {
            let narrow = node.operands.map { emitNarrowed($0) }
            let type = node.resultTypes[0].with(operation.resultOfBFloat16)
            let product = emit(operation, narrow, [type])[0]
            resultValues = [emitConversion(of: (product, type), to: .float32).value]
        } else {
            let operands = node.operands.map { (value: value(of: $0), type: $0.type) }
            resultValues = emit(operation, operands, node.resultTypes)
        }
        for (result, value) in zip(results, resultValues) { values[TensorIdentity(result)] = value }
    }

    /// A float32 tensor rounded to bfloat16. What only reverses another is rounded before it is reversed: the numbers are the
    /// same, and a convolution by a reversed kernel is what compilers know the gradient of another one by.
    private mutating func emitNarrowed(_ tensor: Tensor) -> (value: Int, type: TensorType) {
        if case .operation(let reverse as Reverse) = tensor.node.kind {
            let type = tensor.type.with(.bfloat16)
            return (emit(reverse, [emitNarrowed(tensor.node.operands[0])], [type])[0], type)
        }
        return emitConversion(of: (value(of: tensor), tensor.type), to: .bfloat16)
    }

    /// A value in another element type; equal conversions are one, so forward and backward pass share it.
    private mutating func emitConversion(
        of operand: (value: Int, type: TensorType), to elementType: ElementType
    ) -> (value: Int, type: TensorType) {
        if operand.type.elementType == elementType { return operand }
        let type = operand.type.with(elementType)
        return (emit(Convert(to: elementType), [operand], [type])[0], type)
    }

    /// The results of an instruction, which is written unless an equal one has been.
    private mutating func emit(
        _ operation: any Operation, _ operands: [(value: Int, type: TensorType)], _ resultTypes: [TensorType]
    ) -> [Int] {
        let text = operation.text(
            TextContext(
                operands: operands.map { "%\($0.value)" }, operandTypes: operands.map(\.type),
                resultTypes: resultTypes, precision: options.precision))
        if let existing = known[text] { return existing }
        let results = scope.take(resultTypes.count)
        known[text] = results
        instructions.append(Instruction(results: results, text: text))
        return results
    }

    private mutating func emit(_ loop: Loop, _ node: Node, _ results: [Tensor]) {
        let captures = captures(of: loop, node)
        let condition = RegionLowering.lower(
            arguments: loop.arguments, captures: captures, results: [loop.condition], options, scope)
        let body = RegionLowering.lower(
            arguments: loop.arguments, captures: captures, results: loop.body + captures, options, scope)
        let carried = node.operands + captures
        let types = carried.map(\.type.description).joined(separator: ", ")
        let operands = carried.map { "%\(value(of: $0))" }.joined(separator: ", ")
        let resultValues = scope.take(carried.count)
        instructions.append(
            Instruction(
                results: resultValues, text: "\"stablehlo.while\"(\(operands))", regions: [condition, body],
                suffix: " : (\(types)) -> (\(types))"))
        for (result, value) in zip(results, resultValues) { values[TensorIdentity(result)] = value }
    }
}

extension Tensor {
    /// What this tensor is a reversal of, else itself.
    fileprivate var unreversed: Tensor {
        guard case .operation(is Reverse) = node.kind else { return self }
        return node.operands[0].unreversed
    }
}
