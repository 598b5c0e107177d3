/// One operation applied to values of the same region.
package struct Instruction: Sendable {
    /// Numbers of the values that it computes.
    package let results: [Int]
    /// The text before its regions.
    package let text: String
    /// Bodies of loops and reductions.
    package let regions: [Region]

    /// `text` is the right-hand side; with regions, it ends where the regions belong and `suffix` follows them.
    package let suffix: String

    /// - Parameters:
    ///   - results: numbers of the values that it computes
    ///   - text: before the regions
    ///   - regions: bodies of loops and reductions
    ///   - suffix: after the regions
    package init(results: [Int], text: String, regions: [Region] = [], suffix: String = "") {
        self.results = results
        self.text = text
        self.regions = regions
        self.suffix = suffix
    }
}

/// A block of instructions with its own arguments.
package struct Region: Sendable {
    /// The values that it is given.
    package let arguments: [(value: Int, type: TensorType)]
    /// In the order in which they are computed.
    package let instructions: [Instruction]
    /// The values that it gives back.
    package let results: [(value: Int, type: TensorType)]

    /// - Parameters:
    ///   - arguments: values that it is given
    ///   - instructions: in order
    ///   - results: values that it gives back
    package init(
        arguments: [(value: Int, type: TensorType)], instructions: [Instruction],
        results: [(value: Int, type: TensorType)]
    ) {
        self.arguments = arguments
        self.instructions = instructions
        self.results = results
    }
}

/// How the elements of an argument or result are spread over the devices of a mesh.
package enum Sharding: Hashable, Sendable {
    /// Every device holds all of it.
    case replicated
    /// The first dimension is cut into one piece a device.
    case batch(devices: Int)

    func text(rank: Int) -> String {
        switch self {
        case .replicated: return "{replicated}"
        case .batch(let devices):
            let tiles = [devices] + [Int](repeating: 1, count: rank - 1)
            return "{devices=[\(tiles.map(String.init).joined(separator: ","))]<=[\(devices)]}"
        }
    }
}

/// A StableHLO module with one entry function, ready to print.
public struct Program: Sendable {
    /// Of the module in the text.
    public let name: String
    /// The body of `main`.
    package let entry: Region
    /// Arguments whose memory a result may take over: argument index to result index.
    package let donations: [Int: Int]
    /// How arguments lie on several devices, by their numbers; all on each where nothing is said.
    package let argumentShardings: [Int: Sharding]
    /// The same of results.
    package let resultShardings: [Int: Sharding]
    /// Devices that one run takes.
    package let partitions: Int

    /// - Parameters:
    ///   - name: of the module in the text
    ///   - entry: the body of `main`
    ///   - donations: of arguments, the results that are computed in their place
    ///   - argumentShardings: how arguments lie on several devices, by their numbers
    ///   - resultShardings: the same of results
    ///   - partitions: devices that one run takes
    package init(
        name: String, entry: Region, donations: [Int: Int] = [:], argumentShardings: [Int: Sharding] = [:],
        resultShardings: [Int: Sharding] = [:], partitions: Int = 1
    ) {
        self.name = name
        self.entry = entry
        self.donations = donations
        self.argumentShardings = argumentShardings
        self.resultShardings = resultShardings
        self.partitions = partitions
    }

    /// Types of the arguments, in their order.
    public var argumentTypes: [TensorType] { entry.arguments.map(\.type) }

    /// Types of the results, in their order.
    public var resultTypes: [TensorType] { entry.results.map(\.type) }

    /// The module as StableHLO text, which PJRT plugins compile.
    public var text: String {
        var out =
            "module @\(name) attributes {mhlo.num_partitions = \(partitions) : i32, mhlo.num_replicas = 1 : i32} {\n"
        let arguments = entry.arguments.enumerated().map { index, argument in
            var attributes: [String] = []
            if let sharding = argumentShardings[index] {
                attributes.append("mhlo.sharding = \"\(sharding.text(rank: argument.type.rank))\"")
            }
            if let result = donations[index] { attributes.append("tf.aliasing_output = \(result) : i32") }
            return "%\(argument.value): \(argument.type)"
                + (attributes.isEmpty ? "" : " {\(attributes.joined(separator: ", "))}")
        }
        let results = entry.results.enumerated().map { index, result in
            "\(result.type)"
                + (resultShardings[index].map { " {mhlo.sharding = \"\($0.text(rank: result.type.rank))\"}" } ?? "")
        }
        out +=
            "  func.func public @main(\(arguments.joined(separator: ", "))) -> (\(results.joined(separator: ", "))) {\n"
        write(entry.instructions, indent: "    ", to: &out)
        let values = entry.results.map { "%\($0.value)" }.joined(separator: ", ")
        out += "    return \(values) : \(resultTypes.map(\.description).joined(separator: ", "))\n  }\n}\n"
        return out
    }

    private func write(_ instructions: [Instruction], indent: String, to out: inout String) {
        for instruction in instructions {
            out += indent
            if !instruction.results.isEmpty {
                out += instruction.results.map { "%\($0)" }.joined(separator: ", ") + " = "
            }
            out += instruction.text
            if !instruction.regions.isEmpty {
                out += " ("
                for (index, region) in instruction.regions.enumerated() {
                    out += index == 0 ? "{\n" : ", {\n"
                    let arguments = region.arguments.map { "%\($0.value): \($0.type)" }.joined(separator: ", ")
                    out += "\(indent)^bb0(\(arguments)):\n"
                    write(region.instructions, indent: indent + "  ", to: &out)
                    let values = region.results.map { "%\($0.value)" }.joined(separator: ", ")
                    let types = region.results.map(\.type.description).joined(separator: ", ")
                    out += "\(indent)  stablehlo.return \(values) : \(types)\n\(indent)}"
                }
                out += ")" + instruction.suffix
            }
            out += "\n"
        }
    }
}

extension Program {
    /// How often the text calls each target of native code; what a loop repeats counts once.
    package var customCalls: [String: Int] { entry.customCalls }
}

extension Region {
    fileprivate var customCalls: [String: Int] {
        instructions.reduce(into: [:]) { counts, instruction in
            if let target = CustomCall.target(in: instruction.text) { counts[target, default: 0] += 1 }
            for region in instruction.regions { counts.merge(region.customCalls, uniquingKeysWith: +) }
        }
    }
}
