import Foundation
import Synchronization

/// Trials one after the other, and some beside each other: the program is disturbed, and nothing may be lost.
package struct TrialSeries: Sendable {
    /// A trial that found a fault.
    package struct Finding: Sendable, CustomStringConvertible {
        package let kind: String
        package let fault: Fault
        /// What was run.
        package let story: [String]
        /// How the trial is repeated.
        package let repetition: String

        package var description: String {
            (["\(fault.sort): \(kind): \(fault)"] + story.map { "    \($0)" } + ["  again: \(repetition)"])
                .joined(separator: "\n")
        }
    }

    package struct Result: Sendable {
        package var figures = Figures()
        package var findings: [Finding] = []
    }

    private let workshop: Workshop
    private let seed: UInt64

    package init(_ workshop: Workshop, seed: UInt64) {
        self.workshop = workshop
        self.seed = seed
    }

    /// The names of the kinds of trials.
    package static var kinds: [String] { TrialKinds.all.map { $0.name } }

    /// Tries until the time is over, on as many threads as there are cores.
    ///
    /// - Parameters:
    ///   - seconds: no trial begins after them
    ///   - onFinding: told at once
    package func run(seconds: Double, onFinding: @escaping @Sendable (Finding) -> Void = { _ in }) -> Result {
        let start = ContinuousClock.now
        let next = Atomic<Int>(0)
        let result = Mutex(Result())
        DispatchQueue.concurrentPerform(iterations: max(2, ProcessInfo.processInfo.activeProcessorCount)) { _ in
            while start.secondsUntilNow < seconds {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                let (kind, finding) = perform(number)
                result.withLock {
                    $0.figures.count(kind, finding?.fault)
                    if let finding { $0.findings.append(finding) }
                }
                if let finding { onFinding(finding) }
            }
        }
        return result.withLock { $0 }
    }

    /// Performs one trial.
    package func run(trial number: Int) -> Result {
        var result = Result()
        let (kind, finding) = perform(number)
        result.figures.count(kind, finding?.fault)
        if let finding { result.findings.append(finding) }
        return result
    }

    private func perform(_ number: Int) -> (kind: String, Finding?) {
        let kind = TrialKinds.all[number % TrialKinds.all.count]
        do {
            let trial = try Trial(workshop, seed: seed, number: number)
            do {
                try kind.perform(trial)
                try? FileManager.default.removeItem(at: trial.folder)
                return (kind.name, nil)
            } catch {
                return (kind.name, finding(kind.name, number, error, trial.story))
            }
        } catch {
            return (kind.name, finding(kind.name, number, error, []))
        }
    }

    private func finding(_ kind: String, _ number: Int, _ error: any Error, _ story: [String]) -> Finding {
        Finding(
            kind: kind, fault: error as? Fault ?? Fault(.unclear, "\(error)"), story: story,
            repetition: "make torture SEED=\(seed) TRIAL=\(number)")
    }
}
