public import StableHLO
public import Tensors

/// The parameters of a module with their names, in declaration order.
public struct ParameterTree: Sendable {
    /// A parameter and what it is called.
    public struct Entry: Sendable {
        /// The path through the module, such as `blocks.0.attn.in_proj_weight`.
        public let name: String
        /// What is declared.
        public let parameter: Parameter
    }

    /// In the order of the declarations.
    public let entries: [Entry]
    private let indices: [Parameter: Int]

    /// Walks a module once.
    ///
    /// - Throws: ``ModuleError`` where the walk finds no parameters, a name twice, or a declaration twice.
    public init(of module: some Module) throws(ModuleError) {
        var collected: [Entry] = []
        ParameterTree.collect(module, at: "", into: &collected)
        guard !collected.isEmpty else { throw .noParameters(module: "\(type(of: module))") }
        var indices: [Parameter: Int] = [:]
        var names: Set<String> = []
        for (index, entry) in collected.enumerated() {
            guard names.insert(entry.name).inserted else { throw .duplicateName(entry.name) }
            if let first = indices.updateValue(index, forKey: entry.parameter) {
                throw .sharedParameter(collected[first].name, entry.name)
            }
        }
        entries = collected
        self.indices = indices
    }

    /// Types of the parameters, in order.
    public var types: [TensorType] { entries.map(\.parameter.type) }

    /// Names of the parameters, in order.
    public var names: [String] { entries.map(\.name) }

    /// How many numbers training moves.
    public var trainableCount: Int {
        entries.filter(\.parameter.isTrainable).reduce(0) { $0 + $1.parameter.type.elementCount }
    }

    /// The place of a parameter; nil where it is none of the module's.
    public func index(of parameter: Parameter) -> Int? { indices[parameter] }

    /// Symbolic first values of all parameters, in their order.
    ///
    /// Small parameters share a draw, since a program that draws for each by itself takes several times as long to
    /// compile; large ones have their own, since a draw's temporaries are several times its size.
    public func initialValues(_ random: RandomStream) -> [Tensor] {
        let counts = entries.map { $0.parameter.initializer.isRandom ? $0.parameter.type.elementCount : 0 }
        var values: [Tensor] = []
        while values.count < entries.count {
            let first = values.count
            var (end, total) = (first + 1, counts[first])
            while end < entries.count, total + counts[end] <= ParameterTree.sharedDraw {
                total += counts[end]
                end += 1
            }
            let bits = random.stream(entries[first].name).bits([max(1, total)])
            var start = 0
            for (entry, count) in zip(entries[first..<end], counts[first..<end]) {
                let type = entry.parameter.type
                let part = bits.sliced(start..<start + count, along: 0)
                values.append(entry.parameter.initializer.value(type, bits: part.reshaped(to: type.shape)))
                start += count
            }
        }
        return values
    }

    /// The most numbers of a draw that several parameters share.
    private static let sharedDraw = 1 << 20

    private static func collect(_ value: Any, at path: String, into entries: inout [Entry]) {
        func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        switch value {
        case let parameter as Parameter: entries.append(Entry(name: path, parameter: parameter))
        case let module as any Module:
            for child in module.children {
                collect(child.value, at: join((child.value as? Parameter)?.key ?? child.name), into: &entries)
            }
        default:
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .optional:
                for child in mirror.children { collect(child.value, at: path, into: &entries) }
            case .collection:
                for (index, child) in mirror.children.enumerated() {
                    collect(child.value, at: join("\(index)"), into: &entries)
                }
            default: break
            }
        }
    }
}

/// A module that cannot be turned into a list of named parameters.
public enum ModuleError: Error, Equatable, CustomStringConvertible {
    /// A module without a parameter, which cannot be trained.
    case noParameters(module: String)
    /// Two parameters that would have one name.
    case duplicateName(String)
    /// One parameter that is declared in two places, by their names.
    case sharedParameter(String, String)

    public var description: String {
        switch self {
        case .noParameters(let module):
            "\(module) shows no parameters; it declares none, or was built with -disable-reflection-metadata"
        case .duplicateName(let name): "two parameters are named \(name); rename a property or give one a key"
        case .sharedParameter(let first, let second):
            "\(first) and \(second) are one declaration; declare two parameters or keep one property"
        }
    }
}
