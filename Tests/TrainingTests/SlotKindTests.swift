import Foundation
import Models
import NN
import Settings
import TestSupport
import Testing
import Training

/// What holds for every kind of every slot that decides a training, those to come included.
@Suite("Every kind of every slot of training", .needsPlugin)
struct SlotKindTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let slot: String
        let name: String
        let isDefault: Bool

        var testDescription: String { "\(slot)=\(name)" }
    }

    static let kinds: [Kind] = SettingsManual(RunConfiguration()).sections.flatMap { section -> [Kind] in
        guard let choice = section.choice, choice.role == "science", !["model", "data"].contains(section.name) else {
            return []
        }
        return section.kinds.map {
            Kind(slot: section.name, name: $0.name, isDefault: choice.defaultValue == .text($0.name))
        }
    }

    @Test("There are two of a slot at least")
    func several() {
        let slots = Dictionary(grouping: SlotKindTests.kinds, by: \.slot)
        #expect(
            Set(slots.keys) == [
                "path", "prediction", "weighting", "times", "coupling", "optimizer", "schedule", "average",
            ])
        #expect(slots.values.allSatisfy { $0.count >= 2 })
    }

    /// What a slot's kinds are trained with. A weighting may make a prediction's loss another's: none does the score's.
    private static func settings(besides slot: String) -> [String] { slot == "weighting" ? ["prediction=score"] : [] }

    /// Five steps with the default of each slot; traced once, since that takes longer than the steps.
    private static func standard(besides slot: String) throws -> [String: [UInt8]] {
        try (slot == "weighting" ? standardOfWeighting : standard).get()
    }

    private static let standard = Result { try trained(settings(besides: "")) }
    private static let standardOfWeighting = Result { try trained(settings(besides: "weighting")) }

    private static func trained(_ settings: [String]) throws -> [String: [UInt8]] {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        _ = try TinyRun.train(folder, TinyRun.configuration("dit", steps: 5, settings), stepsPerDispatch: 1)
        return try TinyRun.state(folder)
    }

    @Test(
        "A run of it has finite losses, is none of the default kind's, and cut short and resumed is the uninterrupted one",
        arguments: [kinds[0]] + kinds.filter { !$0.isDefault })
    func trains(_ kind: Kind) throws {
        let configuration = try TinyRun.configuration(
            "dit", steps: 5, ["\(kind.slot)=\(kind.name)"] + SlotKindTests.settings(besides: kind.slot))
        let (whole, parts) = (TinyRun.folder(), TinyRun.folder())
        defer { TinyRun.remove(whole, parts) }
        let expected = try TinyRun.train(whole, configuration, stepsPerDispatch: 1)
        #expect(expected.count == 5 && expected.allSatisfy { $0.loss.isFinite && $0.loss > 0 })
        let state = try TinyRun.state(whole)
        #expect(try (state == SlotKindTests.standard(besides: kind.slot)) == kind.isDefault)
        try expectNames(of: state, configuration)

        #expect(try TinyRun.train(parts, configuration, stepsPerDispatch: 1, stopAfter: 2).count == 2)
        #expect(parts.checkpointSteps() == [2])
        let resumed = try TinyRun.train(parts, configuration, stepsPerDispatch: 1)
        #expect(resumed.map(\.loss) == expected.map(\.loss))
        #expect(resumed.map(\.learningRate) == expected.map(\.learningRate))
        #expect(try TinyRun.state(parts) == state)
    }

    /// A checkpoint names the optimizer's arrays after its state and the weight, averages after the weight.
    private func expectNames(of state: [String: [UInt8]], _ configuration: RunConfiguration) throws {
        let tree = try ParameterTree(of: configuration.model.makeNetwork())
        let trained = tree.entries.filter(\.parameter.isTrainable).map(\.name)
        let kept = type(of: configuration.optimizer).stateNames.flatMap { name in
            trained.map { "optimizer.\(name).\($0)" }
        }
        let averages = configuration.average.isKept ? tree.names.map { "ema.\($0)" } : []
        #expect(!trained.isEmpty && !kept.isEmpty)
        #expect(Set(state.keys) == Set(tree.names + kept + averages + ["training.step", "training.seed"]))
    }

    @Test("An extended cosine has the learning rates of its new length from where it goes on")
    func extendedCosine() throws {
        func schedule(_ steps: Int) throws -> RunConfiguration {
            try TinyRun.configuration("dit", steps: steps, ["schedule=cosine", "schedule.warmup_steps=2"])
        }
        func rate(_ step: Int, of total: Int) -> Double {
            let progress = max(0, Double(step - 1) - 2) / Double(total - 2)
            return 1e-3 * min(1, Double(step) / 2) * 0.5 * (1 + cos(.pi * progress))
        }
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        _ = try TinyRun.train(folder, schedule(4))
        let records = try TinyRun.train(folder, schedule(8))
        let expected = (1...4).map { rate($0, of: 4) } + (5...8).map { rate($0, of: 8) }
        #expect(worstDifference(records.map { $0.learningRate * 1e3 }, expected.map { $0 * 1e3 }) < 1e-6)
        #expect(expected[4] > expected[3])
    }
}
