package import Compute
import Formats
package import Foundation
import StableHLO
import Tensors

/// Computes again what files of one kind hold, with the code that training and sampling use.
protocol ToolboxCheck {
    /// As the files' metadata name it.
    static var kind: String { get }

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison]
}

/// Reference values of the toolbox, and what is computed here in their place.
package enum Toolbox {
    /// The kinds of file that there is a check for.
    static var checks: [any ToolboxCheck.Type] {
        [
            SchedulersCheck.self,
            ConversionsCheck.self,
            CouplingsCheck.self,
            SolversCheck.self,
            StochasticCheck.self,
            GuidanceCheck.self,
            TimesCheck.self,
            OptimizersCheck.self,
            LikelihoodCheck.self,
            MetricsCheck.self,
        ]
    }

    /// What came of a file.
    package enum Outcome {
        case compared([Comparison])
        /// Files of its kind are not computed here yet.
        case unknownKind(String)
    }

    /// The kind of a file of reference values; nil for a file of something else.
    ///
    /// - Throws: ``FormatError``
    package static func kind(ofFileAt url: URL) throws -> String? {
        try SafetensorsFile(contentsOf: url).metadata["kind"]
    }

    /// Computes a file's values and compares.
    ///
    /// - Throws: ``VerificationError``, ``FormatError`` for what a file of its kind must hold, or what the device reports.
    package static func compare(_ url: URL, on engine: Engine) throws -> Outcome {
        let file = ToolboxFile(file: try SafetensorsFile(contentsOf: url))
        guard let kind = file.metadata["kind"] else {
            throw VerificationError.notGolden(path: url.path, missing: "metadata 'kind'")
        }
        guard let check = checks.first(where: { $0.kind == kind }) else { return .unknownKind(kind) }
        let comparisons = try check.comparisons(file, Evaluator(engine: engine))
        guard !comparisons.isEmpty else {
            throw VerificationError.notGolden(path: url.path, missing: "value that files of kind '\(kind)' hold")
        }
        return .compared(comparisons)
    }
}

/// Traces a function and runs it on an engine.
struct Evaluator {
    let engine: Engine

    /// - Parameter type: of inputs, float32 or float64
    func callAsFunction(
        _ inputs: [Values], _ type: ElementType, _ body: ([Tensor]) throws -> [Tensor]
    ) throws -> [Values] {
        let function = try engine.function(
            "verify", arguments: inputs.map { TensorType($0.shape, type) }, body: body)
        return try function(inputs.map { try array($0, type) }).map { try values($0) }
    }

    func array(_ values: Values, _ type: ElementType) throws -> DeviceArray {
        switch type {
        case .float64: try DeviceArray(values.numbers, TensorType(values.shape, type), on: engine.device)
        case .int32:
            try DeviceArray(values.numbers.map { Int32($0) }, TensorType(values.shape, type), on: engine.device)
        default: try DeviceArray(values.numbers.map { Float($0) }, TensorType(values.shape), on: engine.device)
        }
    }

    func values(_ array: DeviceArray) throws -> Values {
        switch array.type.elementType {
        case .float64: Values(try array.values(as: Double.self), array.type.shape)
        case .int32: Values(try array.values(as: Int32.self).map { Double($0) }, array.type.shape)
        default: Values(try array.values(as: Float.self).map { Double($0) }, array.type.shape)
        }
    }
}

/// A precision to compute in, and what may be missed then.
struct Precision {
    let type: ElementType
    let tolerance: Double

    /// Training's and sampling's own precision, and the one that tells a wrong formula from a rounded one.
    static func both(_ single: Double, _ double: Double) -> [Precision] {
        [Precision(type: .float32, tolerance: single), Precision(type: .float64, tolerance: double)]
    }

    /// Compares values in units of the reference's norm.
    func compare(_ name: String, _ here: Values, _ reference: Values) -> Comparison {
        Comparison(
            "\(name) in \(type)", here: here.numbers, reference: reference.numbers, tolerance: tolerance)
    }
}

extension ToolboxCheck {
    /// A case that there is nothing for here.
    static func unknown(_ what: String, _ name: String) -> Comparison {
        Comparison("\(name): there is no such \(what)", error: .infinity, tolerance: 0)
    }
}
