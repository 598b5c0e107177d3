import Compute
import Formats
import Foundation
import Measurements
import Reports
import Settings
import TestSupport
import Testing
import Training

@testable import Experiments

@Suite("A comparison", .needsPlugin)
struct ComparisonTests {
    private struct Made {
        let outcome: ComparisonRun.Outcome
        let events: [String]
    }

    private func compare(
        _ configurations: [RunConfiguration], _ workplace: Workplace, in folder: String, guidance: [Double] = [1],
        trains: Bool = true
    ) throws -> Made {
        let folder = workplace.url.appendingPathComponent(folder)
        let members = configurations.map { configuration in
            let name = configuration.model.kindName
            return ComparedRun(
                name: name, title: configuration.model.kindTitle, configuration: configuration,
                folder: RunFolder(folder.appendingPathComponent(name)))
        }
        return try compare(members, workplace, guidance, trains: trains)
    }

    private func compare(
        _ members: [ComparedRun], _ workplace: Workplace, _ guidance: [Double] = [1], trains: Bool = true
    ) throws -> Made {
        let comparison = try ComparisonRun(members, guidance: guidance)
        var events: [String] = []
        let outcome = try comparison.run(
            with: workplace.places, on: NativeEngine.shared.engine, CompilationLog(), command: "again",
            trains: trains
        ) {
            switch $0 {
            case .run(_, let run): events.append("\(run.configuration.model.kindName) from \(run.stepsDone)")
            case .training(.finishedEarlier): events.append("finished earlier")
            case .training: break
            case .failed(let error): events.append("\(error)")
            case .notice(let text): events.append(text)
            case .trained(let steps): events.append("trained \(steps)")
            case .sampled(let count, let total): events.append("\(count) of \(total)")
            }
        }
        return Made(outcome: try #require(outcome), events: events)
    }

    private func drawn(_ steps: Int, _ workplace: Workplace, in folder: String) throws -> Made {
        let configuration = try workplace.configuration("training.steps=2", "sampling.steps=\(steps)")
        return try compare([configuration], workplace, in: folder)
    }

    @Test("A finished run is taken up and drawn as is asked for now, not as was recorded with it")
    func takenUp() throws {
        let workplace = try Workplace()
        let first = try drawn(1, workplace, in: "a")
        #expect(first.events == ["dit from 0", "trained 2", "110 of 110"])
        let second = try drawn(4, workplace, in: "a")
        #expect(second.events == ["dit from 2", "finished earlier", "trained 2", "110 of 110"])
        let name = "samples-dit-guidance-1.png"
        #expect(first.outcome.pictures[name] != nil && first.outcome.pictures[name] != second.outcome.pictures[name])
        #expect(try drawn(4, workplace, in: "b").outcome.pictures == second.outcome.pictures)
        let fact = second.outcome.study.configuration.first { $0.name == "sampling.steps" }
        #expect(fact?.value == "4 steps")
    }

    @Test("A run of other settings is not taken up")
    func otherSettings() throws {
        let workplace = try Workplace()
        _ = try workplace.begun(workplace.configuration("training.steps=2", "training.seed=4"), steps: 2, "a/dit")
        let error = try #require(throws: TrainingError.self) { try drawn(1, workplace, in: "a") }
        #expect("\(error)".contains("training.seed: 0, not 4"))
    }

    @Test("Each run is trained and drawn in its own precision")
    func precisions() throws {
        let workplace = try Workplace()
        let members = try ["fp32", "bf16", "tf32"].map { name in
            ComparedRun(
                name: name, title: name,
                configuration: try workplace.configuration(
                    "training.steps=1", "sampling.steps=1", "training.precision=\(name)"),
                folder: RunFolder(workplace.url.appendingPathComponent("a/\(name)")))
        }
        let made = try compare(members, workplace)
        #expect(made.events.count { $0 == "trained 1" } == 3 && made.events.count { $0 == "110 of 110" } == 3)
        #expect(made.outcome.study.configuration.allSatisfy { $0.name != "training.precision" })
    }

    @Test("Scales that differ in the last digit have pictures of their own, equal ones have one")
    func scales() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=1", "sampling.steps=1")
        let made = try compare([configuration], workplace, in: "a", guidance: [3, 3.0000001, 3])
        #expect(
            made.outcome.pictures.keys.sorted() == [
                "samples-dit-guidance-3.0000001.png", "samples-dit-guidance-3.png",
            ])
    }

    @Test("A network that diverges does not end the comparison: it is shown as diverged, and at which step")
    func diverged() throws {
        let workplace = try Workplace()
        let wild = try workplace.configuration(
            "training.steps=60", "sampling.steps=1", "optimizer=sgd", "optimizer.learning_rate=1e25")
        let other = try workplace.configuration("training.steps=60", "sampling.steps=1").applying(
            assignments(["model=unet", "model.channels=4,8", "model.image_size=8", "model.num_residual_layers=1"]))
        let made = try compare([wild, other], workplace, in: "a")
        #expect(made.outcome.study.subjects.map { $0.failure != nil } == [true, false])
        let failure = try #require(made.outcome.study.subjects[0].failure)
        #expect(failure.hasPrefix("diverged at step "))
        #expect(made.events.contains { $0.hasPrefix("training diverged at step ") })
        #expect(made.outcome.summary[0].contains("diverged at step "))
        #expect(made.outcome.study.subjects[0].readings.contains { $0.quantity.id == "last-loss" } == false)
        #expect(made.outcome.pictures.count == 1)
        #expect(MarkdownReport.render(made.outcome.study).contains("diverged at step "))
        let again = try compare([wild, other], workplace, in: "a", trains: false)
        #expect(again.outcome.study.subjects.map(\.failure) == [failure, nil])
        #expect(again.outcome.pictures == made.outcome.pictures)
    }
}
