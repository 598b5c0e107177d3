import Flows
import Tensors

/// `conditional`, `unconditional`, `t`; cfg/W, zero_star/W, interval/FROM/TO/W.
enum GuidanceCheck: ToolboxCheck {
    static let kind = "guidance"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        let inputs = try [file.array("conditional"), file.array("unconditional"), file.array("t")]
        return try file.parts.filter { $0.count > 1 }.flatMap { parts -> [Comparison] in
            let name = parts.joined(separator: "/")
            let numbers = parts.dropFirst().compactMap { Double($0) }
            guard let scale = numbers.last, let guidance = guidance(parts[0], numbers) else {
                return [unknown("guidance", name)]
            }
            return try Precision.both(1e-5, 1e-5).map { precision in
                let results = try evaluator(inputs, precision.type) { arguments in
                    let ones = [Int](repeating: 1, count: arguments[0].rank - 1)
                    let time = arguments[2].reshaped(to: arguments[2].shape + ones)
                    let scales = Tensor(scale, shape: time.shape, elementType: precision.type)
                    return [
                        guidance.combined(
                            conditional: arguments[0], baseline: arguments[1], at: time, scale: scales)
                    ]
                }
                return precision.compare(name, results[0], try file.array(name))
            }
        }
    }

    private static func guidance(_ name: String, _ numbers: [Double]) -> (any Guidance)? {
        switch (name, numbers.count) {
        case ("cfg", 1): return ClassifierFreeGuidance()
        case ("zero_star", 1): return ZeroStarGuidance()
        case ("interval", 3):
            var guidance = IntervalGuidance()
            (guidance.start, guidance.end) = (numbers[0], numbers[1])
            return guidance
        default: return nil
        }
    }
}
