import StableHLO
import Tensors

/// Lowers a function of float32 tensors of the given shapes.
func program(
    _ shapes: [Int]..., options: LoweringOptions = LoweringOptions(), body: ([Tensor]) -> [Tensor]
) -> Program {
    Tracer.program("test", arguments: shapes.map { TensorType($0) }, options: options, body: body)
}

extension Program {
    /// The operations of the entry function in order, without dialects.
    var mnemonics: [String] { entry.instructions.map(\.mnemonic) }
}

extension Instruction {
    var mnemonic: String {
        let name = text.prefix { $0 != "(" && $0 != " " }.filter { $0 != "\"" }
        return String(name.split(separator: ".").last ?? "")
    }
}
