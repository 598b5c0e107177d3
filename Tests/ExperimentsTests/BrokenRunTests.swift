import Experiments
import Formats
import Foundation
import Settings
import TestSupport
import Testing
import Training

@Suite("A run that something happened to", .needsPlugin)
struct BrokenRunTests {
    /// A run of four steps with a checkpoint after the second and the fourth, whose event file is written too.
    private func trained(_ workplace: Workplace) throws -> RunFolder {
        let run = try TrainingRun(
            new: workplace.configuration(
                "training.steps=4", "recording.checkpoint_every=2", "recording.tensorboard=true"),
            in: workplace.run())
        _ = try run.records(workplace)
        return run.folder
    }

    private func events(of run: TrainingRun, _ workplace: Workplace) throws -> (notices: [String], steps: [Int]) {
        var (notices, steps): ([String], [Int]) = ([], [])
        func note(_ event: TrainingRun.Event) {
            switch event {
            case .notice(let text): notices.append(text)
            case .steps(let records): steps += records.map(\.step)
            default: break
            }
        }
        _ = try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: note)
        return (notices, steps)
    }

    @Test("It goes on from the newest whole checkpoint, says so, and is the uninterrupted run")
    func fallback() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let whole = try MetricsLog(folder.metricsFile).records()
        try Data(count: 100).write(to: folder.checkpointFile(step: 4))
        let run = try TrainingRun(resuming: folder)
        #expect(run.stepsDone == 2)
        let (notices, steps) = try events(of: run, workplace)
        #expect(steps == [3, 4] && notices.count == 1)
        #expect(notices.first?.hasPrefix("the checkpoint of step 4 is not whole") == true)
        #expect(notices.first?.hasSuffix("going on from step 2") == true)
        #expect(try MetricsLog(folder.metricsFile).records().map(\.loss) == whole.map(\.loss))
        let aside = folder.checkpointFile(step: 4).path + ".damaged"
        #expect(FileManager.default.fileExists(atPath: aside))
        #expect(try RunCheck(folder).isWhole)
    }

    @Test("It is drawn from the newest checkpoint whose weights are whole, and says so")
    func drawn() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        try Data().write(to: folder.checkpointFile(step: 4))
        let drawn = try SamplingRun(
            folder, changes: assignments(["sampling.steps=1"]), on: { try NativeEngine.shared.engine })
        #expect(drawn.notices.count == 1)
        #expect(try drawn.draw(.init(labels: [1], columns: 1), guidance: 1).images.allSatisfy(\.isFinite))
        #expect(throws: FormatError.self) {
            try SamplingRun(folder, checkpoint: 4, on: { try NativeEngine.shared.engine })
        }
    }

    @Test("Records that are torn, damaged or gone are told when it goes on, and keep their numbers")
    func records() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let lines = try String(contentsOf: folder.metricsFile, encoding: .utf8).split(separator: "\n")
        func resume(_ text: String?, to steps: Int) throws -> [String] {
            try? FileManager.default.removeItem(at: folder.metricsFile)
            if let text { try Data(text.utf8).write(to: folder.metricsFile) }
            let run = try TrainingRun(resuming: folder, changes: assignments(["training.steps=\(steps)"]))
            return try events(of: run, workplace).notices
        }
        let torn = try resume(lines[..<3].joined(separator: "\n") + "\n" + lines[3].prefix(30), to: 5)
        #expect(torn.count == 2 && torn[0].hasSuffix("line 4, the last, is cut short"))
        #expect(torn[1].hasSuffix("step 4 is missing"))
        #expect(try MetricsLog(folder.metricsFile).contents().records.map(\.step) == [1, 2, 3, 5])
        #expect(try resume(nil, to: 6).map { $0.hasSuffix("steps 1 to 5 are missing") } == [true])
        #expect(try MetricsLog(folder.metricsFile).contents().records.map(\.step) == [6])
    }

    @Test("Nobody trains it while another does, and what is imported is not written over one")
    func locked() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let run = try TrainingRun(resuming: folder, changes: assignments(["training.steps=5"]))
        let lock = try RunLock(folder)
        let error = #expect(throws: TrainingError.self) {
            try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        }
        #expect(error?.description.contains("is being written by process") == true)
        withExtendedLifetime(lock) {}
    }

    @Test("A run that went on since it was looked at is not trained twice")
    func changed() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let changes = try assignments(["training.steps=5"])
        let (first, second) = try (
            TrainingRun(resuming: folder, changes: changes), TrainingRun(resuming: folder, changes: changes)
        )
        #expect(try events(of: first, workplace).steps == [5])
        #expect(throws: TrainingError.changedMeanwhile(folder.url.relativePath)) {
            try second.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        }
        #expect(try MetricsLog(folder.metricsFile).records().map(\.step) == Array(1...5))
    }

    @Test("A check reads everything and names each file that is not whole")
    func check() throws {
        let workplace = try Workplace()
        let folder = try trained(workplace)
        let files = try RunCheck(folder).findings.map(\.file)
        let events = try #require(files.first { $0.contains("tfevents") })
        #expect(
            files == [
                "config.json", "metrics.jsonl", "checkpoints/step-2.safetensors", "checkpoints/step-4.safetensors",
                "samples/step-2.png", "samples/step-4.png", events,
            ])
        for file in files {
            let url = folder.url.appendingPathComponent(file)
            let bytes = try Data(contentsOf: url)
            #expect(try RunCheck(folder).isWhole)
            for damaged in [bytes.dropLast(), bytes[..<(bytes.count / 2)] + [0xFF] + bytes[(bytes.count / 2 + 1)...]] {
                try Data(damaged).write(to: url)
                let found = try RunCheck(folder).findings.filter { !$0.problems.isEmpty }
                // A line of the settings may lose its last end without harm.
                #expect(found.map(\.file) == [file] || file == "config.json", "\(file): \(found)")
            }
            try bytes.write(to: url)
        }
    }

    @Test("Held-out losses that an interruption cut short are made up for: the records are the uninterrupted run's")
    func heldOut() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration(
            "training.steps=4", "recording.validate_every=2", "recording.validation_images=40",
            "recording.steps_per_dispatch=1")
        let whole = try TrainingRun(new: configuration, in: workplace.run("whole")).records(workplace)
        let run = try TrainingRun(new: configuration, in: workplace.run())
        // Asked before each dispatch and each batch of the held-out loss: the fourth time is within the evaluation.
        var asked = 0
        _ = try run.train(
            with: workplace.places, on: { try NativeEngine.shared.engine },
            until: {
                asked += 1
                return asked > 2
            }, onEvent: { _ in })
        let cut = try #require(MetricsLog(run.folder.metricsFile).records().last)
        #expect(cut.step == 2 && cut.validationLoss == nil)
        let resumed = try TrainingRun(resuming: run.folder).records(workplace)
        #expect(resumed.map(\.loss) == whole.map(\.loss))
        #expect(resumed.map(\.validationLoss) == whole.map(\.validationLoss))
        #expect(resumed.map(\.validationLossAveraged) == whole.map(\.validationLossAveraged))
    }

    @Test("What the machine has no memory for is refused before anything is made")
    func tooLarge() throws {
        let workplace = try Workplace()
        let sizes = ["model.image_size=65536", "model.patch_size=16", "training.batch_size=40"]
        let configuration = try workplace.configuration().applying(assignments(sizes))
        let run = try TrainingRun(new: configuration, in: workplace.run())
        let error = #expect(throws: (any Error).self) {
            try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("of memory; this process may have"))
        #expect(!run.folder.exists)
    }
}
