import Basis
import Measurements
import Quality
import Settings
import Training

/// Runs that differ by their seeds alone, taken together.
enum SeedGroups {
    /// - Parameter subjects: of the members, in their order
    /// - Returns: nothing where no two runs differ by the seed alone
    static func of(_ members: [ComparedRun], _ subjects: [Subject]) -> [SubjectGroup] {
        let choices = members.map { $0.choices.filter { $0.key != ComparisonFinding.seed } }
        let groups = choices.uniqued.map { own in (choices: own, members: choices.indices.filter { choices[$0] == own })
        }
        guard groups.contains(where: { $0.members.count > 1 }) else { return [] }
        return groups.map { group in
            let first = members[group.members[0]]
            let titles = group.choices.map(\.title)
            let name = titles.isEmpty ? first.configuration.model.kindTitle : titles.joined(separator: ", ")
            let facts = subjects[group.members[0]].choices.filter {
                $0.name != ComparedRun.word(of: ComparisonFinding.seed)
            }
            return SubjectGroup(
                members: group.members, summary: summary(of: group.members.map { subjects[$0] }, name, facts))
        }
    }

    private static func summary(of subjects: [Subject], _ name: String, _ choices: [Fact]) -> Subject {
        let finished = subjects.filter { $0.failure == nil }
        let quantities = finished.flatMap(\.readings).map(\.quantity).uniqued
        let curves = finished.flatMap(\.curves)
        let plots = curves.map { Line(plot: $0.plot, name: $0.name) }.uniqued
        return Subject(
            name: name, choices: choices,
            settings: subjects[0].settings.filter { fact in subjects.allSatisfy { $0.settings.contains(fact) } },
            readings: quantities.compactMap { quantity in
                mean(of: finished.compactMap { $0.reading(of: quantity) }, among: finished.count)
            },
            curves: plots.compactMap { line in
                mean(of: curves.filter { $0.plot == line.plot && $0.name == line.name })
            },
            caveats: subjects.flatMap(\.caveats).uniqued, failure: finished.isEmpty ? subjects[0].failure : nil)
    }

    /// The mean of curves with their band, and that of their floors where they have such.
    private static func mean(of curves: [Curve]) -> Curve? {
        guard var mean = Curve.mean(of: curves, what: "seeds"), curves.count > 1 else { return curves.first }
        let floors = curves.compactMap(\.companion).filter { $0.meaning == QualityOfRuns.floor }
        let floor = Curve.mean(of: floors.map { Curve(mean.plot, line: $0) }, what: "seeds")
        mean.companion = floor.map { Curve.Line(meaning: QualityOfRuns.floor, points: $0.line.points) }
        return mean
    }

    private struct Line: Hashable {
        let plot: Plot
        let name: String
    }

    /// The mean with Student's interval; what is the same for all stays as it is.
    ///
    /// - Parameter seeds: how many there are, of which some may have no reading
    private static func mean(of readings: [Reading], among seeds: Int) -> Reading? {
        guard let first = readings.first else { return nil }
        let values = readings.map(\.value)
        guard readings.count > 1 else {
            let basis = seeds > 1 ? ["1 of \(seeds) seeds"] : []
            return Reading(
                first.quantity, first.value, uncertainty: first.uncertainty, reference: first.reference,
                floor: first.floor, basis: ([first.basis].filter { !$0.isEmpty } + basis).joined(separator: ", "))
        }
        guard values.uniqued.count > 1 || first.uncertainty != nil else { return first }
        let estimate = Estimate(meanOfFew: values)
        let floors = readings.compactMap(\.floor)
        let bases = readings.map(\.basis).uniqued.filter { !$0.isEmpty }.joined(separator: "; or ")
        return Reading(
            first.quantity, estimate.value, uncertainty: estimate.halfWidth, reference: first.reference,
            floor: floors.isEmpty ? nil : floors.reduce(0, +) / Double(floors.count),
            basis: [bases, "mean of \(readings.count)\(readings.count < seeds ? " of \(seeds)" : "") seeds"].filter {
                !$0.isEmpty
            }.joined(separator: ", "))
    }
}
