import Compute
import Datasets
import Experiments
import Foundation
import Models
import NN
import Settings
import TestSupport
import Testing
import Training

@Suite("A run from its folder", .needsPlugin)
struct TrainingRunTests {
    private func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

    @Test("It is stopped, resumed with nothing said, and drawn from; events say what happens")
    func wholeLife() throws {
        let workplace = try Workplace()
        let settings = ["training.steps=4", "recording.steps_per_dispatch=1", "path=cosine", "prediction=noise"]
        let configuration = try workplace.configuration().applying(assignments(settings))
        let run = try TrainingRun(new: configuration, in: workplace.run())
        #expect(!run.folder.exists)
        var events: [String] = []
        func note(_ event: TrainingRun.Event) {
            switch event {
            case .data(let event): events.append("\(event)")
            case .takenAsTrainedOn(let data): events.append("taken \(data.name)")
            case .finishedEarlier(let steps): events.append("finished \(steps)")
            case .began: events.append("began")
            case .steps(let records): events += records.map { "step \($0.step)" }
            case .saved(let step): events.append("saved \(step)")
            case .notice(let text): events.append(text)
            case .checkpoint(let step, let picture): events.append("checkpoint \(step) \(picture != nil)")
            }
        }
        let stopped = try run.train(
            with: workplace.places, on: { try NativeEngine.shared.engine }, until: { events.contains("step 2") },
            onEvent: note)
        #expect(stopped == 2 && events == ["began", "step 1", "step 2", "saved 2", "checkpoint 2 false"])
        #expect(!exists(run.folder.pictureFile(step: 2)))

        events = []
        let resumed = try TrainingRun(resuming: run.folder)
        #expect(try resumed.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: note) == 4)
        #expect(events == ["began", "step 3", "step 4", "saved 4", "checkpoint 4 true"])
        #expect(exists(run.folder.pictureFile(step: 2)), "a picture for which there was no time is made up for")
        let whole = try TrainingRun(new: configuration, in: workplace.run("whole")).records(workplace)
        #expect(try MetricsLog(run.folder.metricsFile).records().map(\.loss) == whole.map(\.loss))

        events = []
        _ = try TrainingRun(configuration, in: run.folder).train(
            with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: note)
        #expect(events == ["finished 4"])

        let drawn = try SamplingRun(
            run.folder, changes: assignments(["sampling.steps=2", "guidance=interval"]),
            on: { try NativeEngine.shared.engine })
        let samples = try drawn.draw(.init(labels: [3, 10], columns: 2), guidance: 1)
        #expect(samples.images.count == 2 * 64 && samples.images.allSatisfy(\.isFinite))
        #expect(samples.evaluations == 2)
        #expect(throws: SamplingRunError.notOfSampling(["path", "training.seed"])) {
            try SamplingRun(
                run.folder, changes: assignments(["training.seed=1", "path=linear"]),
                on: { try NativeEngine.shared.engine })
        }
    }

    @Test("Imported weights are trained with any settings but another model's")
    func imported() throws {
        let workplace = try Workplace()
        let configuration = try workplace.configuration()
        let network = try configuration.model.makeNetwork()
        let tree = try ParameterTree(of: network)
        let layout = StateLayout(tree, optimizer: configuration.optimizer, average: configuration.average)
        let engine = try Engine.shared
        let weights = try TrainingState(layout, seed: 6, on: engine).weights(averaged: false)
        let file = workplace.url.appendingPathComponent("theirs.safetensors")
        try WeightFile.write(weights, tree, to: file)
        let folder = workplace.run()
        let theirs = try ImportedRun(file, settings: [configuration.assignments], places: workplace.places)
        #expect(theirs.configuration == configuration && theirs.parameterCount == tree.trainableCount)
        try theirs.write(to: folder)
        #expect(throws: TrainingError.folderExists(folder.url.relativePath)) { try theirs.write(to: folder) }

        #expect(throws: TrainingError.self) {
            try TrainingRun(resuming: folder, changes: assignments(["model.depth=2"]))
        }
        // A learning rate below what float32 notices: the trained weights are the imported ones, not first values.
        let changes = [
            "optimizer=sgd", "optimizer.learning_rate=1e-30", "training.seed=9", "path=cosine", "average=none",
            "training.batch_size=4", "training.steps=1",
        ]
        let run = try TrainingRun(resuming: folder, changes: assignments(changes))
        #expect(run.stepsDone == 0)
        #expect(try run.records(workplace).map(\.step) == [1])
        #expect(folder.checkpointSteps() == [0, 1])
        let trained = try SavedWeights(folder, run.configuration, tree).arrays(on: engine)
        for (index, entry) in tree.entries.enumerated() where entry.parameter.isTrainable {
            let difference = try worstDifference(trained[index].numbers(), weights[index].numbers())
            #expect(difference < 1e-12, "\(entry.name)")
        }
        // It has a step now, and is a run as any other.
        #expect(throws: TrainingError.self) {
            try TrainingRun(resuming: folder, changes: assignments(["training.steps=2", "path=linear"]))
        }
    }

    @Test("Data and batch are checked before the folder is made")
    func checked() throws {
        let workplace = try Workplace()
        for (setting, error) in [
            ("training.batch_size=41", TrainingError.batchLargerThanData(batch: 41, data: 40)),
            ("model.num_classes=9", .classCount(model: 9, data: 10)),
        ] {
            let configuration = try workplace.configuration(setting)
            let run = try TrainingRun(new: configuration, in: workplace.run())
            #expect(throws: error) {
                try run.train(with: workplace.places, on: { try NativeEngine.shared.engine }, onEvent: { _ in })
            }
        }
        #expect(!workplace.run().exists)
    }
}
