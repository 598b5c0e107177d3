import Flows
import StableHLO
import Tensors

/// exact/N/noise, data; exact/N/assignment, mean_cost; the same of inclass with its labels; sinkhorn/N/R/plan.
enum CouplingsCheck: ToolboxCheck {
    static let kind = "couplings"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        var comparisons: [Comparison] = []
        for parts in file.parts where parts.last == "assignment" {
            let folder = parts.dropLast().joined(separator: "/")
            comparisons += try assignment(file, folder, isWithinClasses: parts[0] == "inclass", evaluator)
        }
        for parts in file.parts where parts.count == 4 && parts[0] == "sinkhorn" && parts[3] == "plan" {
            let name = parts.joined(separator: "/")
            guard let regularization = Double(parts[2]) else {
                comparisons.append(unknown("regularization", name))
                continue
            }
            comparisons.append(try plan(file, name, of: "exact/\(parts[1])", regularization, evaluator))
        }
        return comparisons
    }

    /// The pairing's cost: the reference pairs noise i with data assignment[i].
    private static func assignment(
        _ file: ToolboxFile, _ folder: String, isWithinClasses: Bool, _ evaluator: Evaluator
    ) throws -> [Comparison] {
        let (noise, data) = try (file.array("\(folder)/noise"), file.array("\(folder)/data"))
        let partners = try file.integers("\(folder)/assignment")
        let count = noise.shape.first ?? 0
        guard count > 0, noise.shape == data.shape, partners.count == count, partners.allSatisfy((0..<count).contains)
        else {
            throw file.error("\(folder)/assignment", "is no partner for each row of noise")
        }
        let labels = isWithinClasses ? try file.integers("\(folder)/labels") : [Int](repeating: 0, count: count)
        guard labels.count == count else {
            throw file.error("\(folder)/labels", "is no label for each row")
        }
        let width = noise.numbers.count / count
        func cost(_ noise: [Double], _ row: Int, _ image: Int) -> Double {
            (0..<width).reduce(0) { sum, column in
                let difference = noise[row * width + column] - data.numbers[image * width + column]
                return sum + difference * difference
            }
        }
        let reference = partners.enumerated().reduce(0) { $0 + cost(noise.numbers, $1.offset, $1.element) }
        var coupling = OptimalTransportCoupling()
        coupling.withinClasses = isWithinClasses
        return try [ElementType.float32, .float64].map { type in
            let results = try evaluator([noise, data], type) { arguments in
                let random = RandomStream(seed: Tensor(integer: 0, elementType: .uint64))
                let classes = Tensor(labels.map { Int32(truncatingIfNeeded: $0) }, shape: [count])
                return [coupling.paired(noise: arguments[0], with: arguments[1], labels: classes, random)]
            }
            let here = (0..<count).reduce(0) { $0 + cost(results[0].numbers, $1, $1) }
            return Comparison(
                "\(folder)/assignment's cost in \(type)", here: [here], reference: [reference], tolerance: 1e-6)
        }
    }

    private static func plan(
        _ file: ToolboxFile, _ name: String, of folder: String, _ regularization: Double, _ evaluator: Evaluator
    ) throws -> Comparison {
        let inputs = try [file.array("\(folder)/noise"), file.array("\(folder)/data")]
        let precision = Precision(type: .float64, tolerance: 1e-5)
        let results = try evaluator(inputs, precision.type) { arguments in
            var coupling = EntropicCoupling()
            coupling.regularization = regularization
            coupling.iterations = 1_000_000
            return [exp(coupling.plan(noise: arguments[0], data: arguments[1], tolerance: 1e-9).logarithms)]
        }
        return precision.compare(name, results[0], try file.array(name))
    }
}
