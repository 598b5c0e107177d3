import Compute
import Foundation
import Measurements
import Quality
import Settings
import TestSupport
import Testing
import Training

@testable import Experiments

@Suite("What is compared")
struct ComparedRunTests {
    private func product(_ axes: String..., given: [String] = []) throws -> [ComparedRun] {
        try ComparedRun.product(
            of: axes.map { try ComparisonAxis(text: $0) }, over: RunConfiguration(),
            changes: assignments(given),
            in: URL(fileURLWithPath: "/comparison"))
    }

    @Test("Each combination of values is a run; the last axis changes fastest")
    func combinations() throws {
        let runs = try product("model=unet,dit", "data=mnist,fashion-mnist", "seed=0,7")
        #expect(runs.count == 8)
        #expect(runs[0].title == "UNet, MNIST, seed 0" && runs[7].title == "DiT, Fashion-MNIST, seed 7")
        #expect(runs[1].folder.url.path == "/comparison/unet-mnist-seed-7")
        #expect(runs.map(\.configuration.training.seed) == [0, 7, 0, 7, 0, 7, 0, 7])
        #expect(
            runs.map(\.configuration.model.kindName) == ["unet", "unet", "unet", "unet", "dit", "dit", "dit", "dit"])
        #expect(Set(runs.map(\.folder.url)).count == 8 && Set(runs.map(\.name)).count == 8)
    }

    @Test("Runs that differ by the sampling alone are trained once")
    func sampling() throws {
        let runs = try product("seed=0,1", "solver=euler,heun")
        #expect(runs.map(\.folder.url.lastPathComponent) == ["seed-0", "seed-0", "seed-1", "seed-1"])
        #expect(Set(runs.map(\.name)).count == 4)
        #expect(try product("solver=euler,heun").map(\.folder.url.lastPathComponent) == ["unet", "unet"])
    }

    @Test("Values that differ in signs alone have folders of their own, the same whatever else is compared")
    func signs() throws {
        func folders(_ values: String...) throws -> [String] {
            try product("data=\(values.map { "./\($0)" }.joined(separator: ";"))").map(\.folder.url.lastPathComponent)
        }
        let names = try folders("a/b", "a-b", "a:b", "A-b", "c/d")
        #expect(Set(names.map { $0.lowercased() }).count == 5)
        #expect(names[4] == "c-d" && names[0].hasPrefix("a-b-"))
        #expect(try folders("a:b", "a-b", "a/b").last == names[0])
        #expect(FolderNames([["a-b"], ["a/b"]])[0] == "a-b")
        #expect(
            FolderNames([["x-y", "z"], ["x", "y-z"], ["x-y", "z"]])[0]
                != FolderNames([["x-y", "z"], ["x", "y-z"]])[1])
    }

    @Test("Where nothing is varied the run is called after its network")
    func single() throws {
        let run = try #require(try product(given: ["model=dit"]).first)
        #expect(run.name == "dit" && run.title == "DiT" && run.folder.url.lastPathComponent == "dit")
    }

    @Test("A setting that begins with a network's name is that network's alone; values may have commas")
    func own() throws {
        let runs = try product("model=unet,dit", given: ["dit.depth=2", "unet.channels=8,16"])
        #expect(runs[1].configuration.flattened().first { $0.key == "model.depth" }?.value == .integer(2))
        let sizes = try product("model.channels=8,16;8,16,32")
        #expect(sizes.map(\.folder.url.lastPathComponent) == ["channels-8-16", "channels-8-16-32"])
        #expect(throws: SettingsError.self) { try product("model=unet", given: ["dit.depth=2"]) }
    }

    @Test("Axes that are none are told in a sentence", arguments: ["seed", "seed=", "seed=1,1", "=1"])
    func malformed(text: String) { #expect(throws: ComparisonError.malformedAxis(text)) { try product(text) } }

    @Test("What is varied is given once; what there is not is named")
    func refused() throws {
        #expect(throws: ComparisonError.variedTwice("training.seed")) {
            try product("seed=1,2", given: ["training.seed=3"])
        }
        #expect(throws: ComparisonError.variedTwice("model")) { try product("model=unet", "model=dit") }
        #expect(throws: SettingsError.self) { try product("modle=unet,dit") }
        let none = RunFolder(URL(fileURLWithPath: "/nowhere"))
        #expect(throws: ComparisonError.noRun(none.url.relativePath)) { try ComparedRun.trained([none]) }
    }

    private func figures(_ values: [(String, Int, Double)]) -> [(choices: [ComparedRun.Choice], figure: Double)] {
        values.map { model, seed, figure in
            ([.init(key: "model", title: model), .init(key: "training.seed", title: "seed \(seed)")], figure)
        }
    }

    @Test("Differences are taken between runs of the same seed, with Student's interval")
    func findings() throws {
        // Seeds move both by far more than the networks differ.
        let found = ComparisonFinding.of(
            figures([("A", 0, 10), ("A", 1, 50), ("A", 2, 90), ("B", 0, 12), ("B", 1, 53), ("B", 2, 94)]))
        let finding = try #require(found.first)
        #expect(found.count == 1 && finding.ahead == "A" && finding.behind == "B" && finding.pairs == 3)
        #expect(abs(finding.difference.value - 3) < 1e-12)
        // scipy.stats.t.ppf(0.975, 2) / sqrt(3)
        #expect(abs(finding.difference.halfWidth - 2.484138) < 1e-3)
        #expect(finding.text("loss") == "A ahead of B by 3.00 +- 2.48 in loss, 3 pairs")
        let unsure = ComparisonFinding.of(figures([("A", 0, 10), ("A", 1, 12), ("B", 0, 12), ("B", 1, 10.5)]))
        #expect(unsure.map(\.pairs) == [2])
        #expect(unsure[0].text("loss").contains("are not told apart in loss"))
        #expect(ComparisonFinding.of(figures([("A", 0, 10), ("B", 0, 12)])) == [])
    }
}

@Suite("A comparison of many runs", .needsPlugin)
struct ManyRunsTests {
    @Test("One that fails is shown as failed, what is shared is trained once, and trained runs compare as they did")
    func whole() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=2", "sampling.steps=1")
        let folder = workplace.url.appendingPathComponent("all")
        let axes = [
            ComparisonAxis(key: "model.hidden_dim", values: ["16", "32"]),
            ComparisonAxis(key: "training.seed", values: ["0", "1"]),
            ComparisonAxis(key: "solver", values: ["euler", "heun"]),
        ]
        let members = try ComparedRun.product(of: axes, over: configuration, in: folder)
        let plan = try ComparisonPlan(
            ComparisonRun(members, guidance: [1]), with: workplace.places, on: NativeEngine.shared.engine)
        #expect(plan.entries.map(\.stepsLeft) == [2, 0, 2, 0, 2, 0, 2, 0] && plan.seconds > 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
        // The folder of one cannot be made: a file has its name.
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: folder.appendingPathComponent("hidden_dim-32-seed-1"))
        let made = try outcome(members, workplace)
        #expect(
            made.study.subjects.map { $0.failure != nil } == [false, false, false, false, false, false, true, true])
        #expect(made.pictures.count == 6)
        #expect(made.findings.contains { $0.contains("hidden dim 16") } == false)
        try FileManager.default.removeItem(at: folder.appendingPathComponent("hidden_dim-32-seed-1"))
        let again = try outcome(members, workplace)
        #expect(again.study.subjects.allSatisfy { $0.failure == nil } && again.pictures.count == 8)
        #expect(again.findings.contains { $0.contains("hidden dim 16") && $0.contains("pairs") })
        for (name, picture) in made.pictures { #expect(again.pictures[name] == picture) }
        let given = try outcome(ComparedRun.trained(members.map(\.folder).suffix(1)), workplace)
        #expect(given.study.subjects.map(\.name) == ["hidden_dim-32-seed-1"])
        // Records are enough where nothing is drawn.
        let kept = members.map(\.folder).suffix(1)
        for run in kept { try FileManager.default.removeItem(at: run.url.appendingPathComponent("checkpoints")) }
        let recorded = try outcome(ComparedRun.trained(Array(kept)), workplace, guidance: [])
        #expect(recorded.pictures.isEmpty && recorded.summary == given.summary)
        #expect(recorded.study.subjects[0].failure == nil && recorded.study.subjects[0].readings.count > 3)
    }

    @Test("What the listener throws ends the comparison: it is no failure of a run")
    func listener() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration("training.steps=1", "sampling.steps=1")
        let members = try ComparedRun.product(
            of: [ComparisonAxis(key: "training.seed", values: ["0", "1"])], over: configuration, in: workplace.url)
        #expect(throws: ComparisonError.noRun("told")) {
            _ = try ComparisonRun(members, guidance: [1]).run(
                with: workplace.places, on: NativeEngine.shared.engine, CompilationLog(), command: "again"
            ) { if case .trained = $0 { throw ComparisonError.noRun("told") } }
        }
        #expect(members.map(\.folder.exists) == [true, false])
    }

    private func outcome(
        _ members: [ComparedRun], _ workplace: Workplace, guidance: [Double] = [1]
    ) throws -> ComparisonRun.Outcome {
        let outcome = try ComparisonRun(members, guidance: guidance).run(
            with: workplace.places, on: NativeEngine.shared.engine, CompilationLog(), command: "again",
            onEvent: { _ in })
        return try #require(outcome)
    }
}
