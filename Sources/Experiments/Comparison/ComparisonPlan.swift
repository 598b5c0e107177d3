package import Compute
package import Datasets
import Foundation
import Training

/// What a comparison would do, before anything long begins.
package struct ComparisonPlan: Sendable {
    package struct Entry: Sendable {
        package let run: ComparedRun
        package let stepsDone: Int
        /// Zero for a run that is finished, was given, or shares the folder of one before it.
        package let stepsLeft: Int
        /// Of training, from a few measured steps.
        package let seconds: Double
    }

    package let entries: [Entry]

    private static let measuredSteps = 3

    /// Measures a few steps of each run that is not finished.
    ///
    /// - Throws: ``TrainingError``, ``SettingsError``, ``DatasetError`` for runs that could not be trained
    package init(_ comparison: ComparisonRun, with places: DatasetPlaces, on engine: Engine) throws {
        var planned: Set<String> = []
        let engines = comparison.engines(like: engine)
        entries = try comparison.members.map { member in
            let isNew = planned.insert(member.folder.url.standardizedFileURL.path).inserted
            let done = member.isGiven ? 0 : try TrainingRun(member.configuration, in: member.folder).stepsDone
            let left = member.isGiven || !isNew ? 0 : member.configuration.training.steps - done
            guard left > 0 else { return Entry(run: member, stepsDone: done, stepsLeft: 0, seconds: 0) }
            let own = engines[member.configuration.training.precision, default: engine]
            let benchmark = try StepBenchmark(member.configuration.followingData(from: places), on: own)
            // The first takes longer: its memory is new.
            _ = try benchmark.steps(1)
            let count = min(ComparisonPlan.measuredSteps, left)
            let seconds = try benchmark.steps(count).seconds / Double(count)
            return Entry(run: member, stepsDone: done, stepsLeft: left, seconds: seconds * Double(left))
        }
    }

    /// Of training all that is left.
    package var seconds: Double { entries.reduce(0) { $0 + $1.seconds } }
}
