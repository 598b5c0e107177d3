import Flows
import Settings
import Tensors

/// `x`, `t`, `v`; PATH/data, noise, score that the velocity implies. Each prediction is also read back as a velocity.
enum ConversionsCheck: ToolboxCheck {
    static let kind = "conversions"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        let (x, t, velocity) = try (file.array("x"), file.array("t"), file.array("v"))
        return try file.beginnings(ofNamesWith: 2).flatMap { name -> [Comparison] in
            guard let path = try? file.path(name) else { return [unknown("path", name)] }
            let predictions = Predictions.registry.members.filter { file.holds("\(name)/\(type(of: $0).name)") }
            let outputs = try predictions.map { try file.array("\(name)/\(type(of: $0).name)") }
            return try Precision.both(1e-4, 1e-9).flatMap { precision in
                let results = try evaluator([x, t, velocity] + outputs, precision.type) { arguments in
                    let (x, velocity) = (arguments[0], arguments[2])
                    let ones = [Int](repeating: 1, count: x.rank - 1)
                    let c = path.coefficients(at: arguments[1].reshaped(to: [x.shape[0]] + ones))
                    let ends = VelocityPrediction().ends(of: velocity, at: x, c)
                    let implied = predictions.map { prediction in
                        let row = prediction.combination(c)
                        return row.data * ends.data + row.noise * ends.noise
                    }
                    let back = zip(predictions, arguments.dropFirst(3)).map { $0.velocity(of: $1, at: x, c) }
                    return implied + back
                }
                return zip(predictions, outputs).enumerated().flatMap { index, pair in
                    let part = "\(name)/\(type(of: pair.0).name)"
                    return [
                        precision.compare(part, results[index], pair.1),
                        precision.compare(
                            "\(part) as velocity", results[predictions.count + index], velocity),
                    ]
                }
            }
        }
    }
}
