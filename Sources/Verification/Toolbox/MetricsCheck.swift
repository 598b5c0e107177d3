import Formats
import Quality
import StableHLO

/// `real`, `fake`: features; `frechet`, `frechet/scipy`, NAME of `low_rank_real` and `low_rank_fake` as frechet/NAME;
/// `kernel/subsets`, the same rows of both sets, and `kernel/values`; prdc/precision, recall, density, coverage with the k of
/// the note; `nearest`, the distance of each fake to the real ones; `probabilities` and `class_entropy_score`.
enum MetricsCheck: ToolboxCheck {
    static let kind = "metrics"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        try frechet(file) + kernel(file, evaluator) + neighbours(file, evaluator) + classes(file)
    }

    private static func compare(_ name: String, _ here: [Double], _ file: ToolboxFile) throws -> Comparison {
        let reference = try file.array(name)
        return Precision(type: .float64, tolerance: name.hasSuffix("/low_rank") ? 1e-3 : 1e-6)
            .compare(name, Values(here, reference.shape), reference)
    }

    private static func features(_ file: ToolboxFile, _ name: String) throws -> FeatureSet {
        let values = try file.array(name)
        guard values.shape.count == 2, values.shape[0] > 1, values.shape[1] > 0 else {
            throw file.error(name, "is no rows of features")
        }
        return FeatureSet(values.numbers, dimensions: values.shape[1])
    }

    /// Two sets of features of the same width.
    private static func pair(_ file: ToolboxFile, _ prefix: String = "") throws -> (real: FeatureSet, fake: FeatureSet)
    {
        let (real, fake) = try (features(file, "\(prefix)real"), features(file, "\(prefix)fake"))
        guard real.dimensions == fake.dimensions else { throw file.error("\(prefix)fake", "has other features") }
        return (real, fake)
    }

    private static func frechet(_ file: ToolboxFile) throws -> [Comparison] {
        try file.parts.filter { $0[0] == "frechet" }.map { parts in
            // frechet/scipy is another library's value of the same sets.
            let prefix = parts.count > 1 && file.holds("\(parts[1])_real") ? "\(parts[1])_" : ""
            let (real, fake) = try pair(file, prefix)
            return try compare(
                parts.joined(separator: "/"), [FrechetDistance.between(Moments(real), and: Moments(fake))], file)
        }
    }

    private static func kernel(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        guard file.holds("kernel/values") else { return [] }
        let (real, fake) = try pair(file)
        let subsets = try file.file.tensor("kernel/subsets")
        let indices = try file.integers("kernel/subsets")
        guard subsets.shape.count == 2, subsets.shape[1] > 1,
            indices.allSatisfy((0..<min(real.count, fake.count)).contains)
        else { throw file.error("kernel/subsets", "is no rows of places in both sets") }
        let size = subsets.shape[1]
        let distance = try KernelDistance(subsetsOf: size, dimensions: real.dimensions, on: evaluator.engine)
        let values = try (0..<subsets.shape[0]).map { subset in
            let rows = indices[subset * size..<(subset + 1) * size]
            return try distance.between(real.rows(at: rows), and: fake.rows(at: rows))
        }
        return [try compare("kernel/values", values, file)]
    }

    private static func neighbours(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        var comparisons: [Comparison] = []
        if file.holds("nearest") {
            let (real, fake) = try pair(file)
            let nearest = try Neighbours(on: evaluator.engine).nearest(1, to: fake, in: real)
            comparisons.append(try compare("nearest", nearest.map { $0.distances[0] }, file))
        }
        let cases = file.cases(of: "prdc")
        guard !cases.isEmpty else { return comparisons }
        let (real, fake) = try pair(file)
        let k = file.number(after: "k").map { Int($0) } ?? 5
        guard (1..<min(real.count, fake.count)).contains(k) else { throw file.error("real", "has no \(k) neighbours") }
        let coverage = try Coverage(real: real, generated: fake, neighbours: k, on: evaluator.engine)
        let values = [
            "precision": coverage.precision, "recall": coverage.recall, "density": coverage.density,
            "coverage": coverage.coverage,
        ]
        for parts in cases {
            let name = "prdc/\(parts.joined(separator: "/"))"
            guard let value = values[parts[0]] else {
                comparisons.append(unknown("figure", name))
                continue
            }
            comparisons.append(try compare(name, [value.value], file))
        }
        return comparisons
    }

    private static func classes(_ file: ToolboxFile) throws -> [Comparison] {
        guard file.holds("class_entropy_score") else { return [] }
        let probabilities = try file.array("probabilities")
        guard probabilities.shape.count == 2, probabilities.shape[1] > 0 else {
            throw file.error("probabilities", "is no rows of probabilities")
        }
        let scores = ClassScores(probabilities.numbers, classCount: probabilities.shape[1])
        return [try compare("class_entropy_score", [scores.classEntropyScore], file)]
    }
}
