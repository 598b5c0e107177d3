import Basis
import Measurements
import Quality

/// How far apart two values of an axis are: the mean of the differences between runs that differ by them alone.
struct ComparisonFinding: Equatable {
    /// The value whose runs have the lower figure on average.
    let ahead: String
    let behind: String
    /// What is behind less what is ahead, with Student's interval over the pairs.
    let difference: Estimate
    let pairs: Int

    /// For a report.
    func finding(_ figure: String) -> Finding {
        Finding(
            figure: figure, ahead: ahead, behind: behind, difference: difference.value,
            uncertainty: difference.halfWidth, pairs: pairs, sentence: text(figure).replacing("+-", with: "±"))
    }

    static let seed = "training.seed"

    /// In a sentence.
    ///
    /// - Parameter figure: what was compared, such as "mean loss of the last 50 steps"
    func text(_ figure: String) -> String {
        let amount = "\(NumberForm.decimal.text(difference.value)) +- \(NumberForm.decimal.text(difference.halfWidth))"
        return abs(difference.value) > difference.halfWidth
            ? "\(ahead) ahead of \(behind) by \(amount) in \(figure), \(pairs) pairs"
            : "\(ahead) and \(behind) are not told apart in \(figure): \(amount), \(pairs) pairs"
    }

    /// For each axis but the seeds, each two of its values; nothing where there are no two seeds to be sure by.
    ///
    /// - Parameters:
    ///   - figures: of each run, lower being better; runs that have none take no part, and runs of the same choices
    ///   are one training, which counts once
    ///   - axes: that are not asked about
    static func of(
        _ figures: [(choices: [ComparedRun.Choice], figure: Double)], leavingOut axes: Set<String> = []
    ) -> [ComparisonFinding] {
        let figures = figures.map { (choices: $0.choices.filter(\.decidesTraining), figure: $0.figure) }
        let values = Dictionary(figures.map { (Set($0.choices), $0.figure) }, uniquingKeysWith: { first, _ in first })
        let choices = figures.flatMap(\.choices).uniqued
        guard choices.filter({ $0.key == seed }).count > 1 else { return [] }
        return choices.map(\.key).uniqued.filter { $0 != seed && !axes.contains($0) }.flatMap { key in
            let titles = choices.filter { $0.key == key }
            return titles.indices.flatMap { first in
                titles[(first + 1)...].compactMap { second in
                    finding(titles[first], second, in: values)
                }
            }
        }
    }

    private static func finding(
        _ one: ComparedRun.Choice, _ other: ComparedRun.Choice, in values: [Set<ComparedRun.Choice>: Double]
    ) -> ComparisonFinding? {
        let differences = values.compactMap { choices, figure -> Double? in
            guard choices.contains(one) else { return nil }
            return values[choices.subtracting([one]).union([other])].map { $0 - figure }
        }
        guard differences.count > 1 else { return nil }
        let estimate = Estimate(meanOfFew: differences)
        let isAhead = estimate.value >= 0
        return ComparisonFinding(
            ahead: isAhead ? one.title : other.title, behind: isAhead ? other.title : one.title,
            difference: Estimate(abs(estimate.value), halfWidth: estimate.halfWidth), pairs: differences.count)
    }
}
