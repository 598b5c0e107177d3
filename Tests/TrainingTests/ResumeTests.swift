import Foundation
import TestSupport
import Testing
import Training

@Suite(.needsPlugin)
struct ResumeTests {
    @Test("A resumed run is the uninterrupted one, bit for bit, whatever is dispatched together")
    func resumed() throws {
        let whole = TinyRun.folder()
        let parts = TinyRun.folder()
        defer { TinyRun.remove(whole, parts) }
        let expected = try TinyRun.train(whole, TinyRun.configuration(steps: 9), stepsPerDispatch: 1)
        _ = try TinyRun.train(parts, TinyRun.configuration(steps: 4), stepsPerDispatch: 3)
        let resumed = try TinyRun.train(parts, TinyRun.configuration(steps: 9), stepsPerDispatch: 4)
        #expect(expected.map(\.step) == Array(1...9))
        #expect(resumed.map(\.step) == Array(1...9))
        #expect(resumed.map(\.loss) == expected.map(\.loss))
        #expect(resumed.map(\.gradientNorm) == expected.map(\.gradientNorm))
        #expect(try TinyRun.state(whole) == TinyRun.state(parts))
    }

    @Test("Metrics that ran ahead of the last checkpoint are recorded anew, once")
    func truncated() throws {
        let folder = TinyRun.folder()
        defer { try? FileManager.default.removeItem(at: folder.url) }
        let first = try TinyRun.train(folder, TinyRun.configuration(steps: 3))
        let text = try String(contentsOf: folder.metricsFile, encoding: .utf8)
        try Data((text + text + "{\"step\":").utf8).write(to: folder.metricsFile)
        let records = try TinyRun.train(folder, TinyRun.configuration(steps: 5))
        #expect(records.map(\.step) == Array(1...5))
        #expect(Array(records.prefix(3)) == first)
    }

    @Test("Another seed is another run")
    func seeds() throws {
        let folders = [TinyRun.folder(), TinyRun.folder()]
        defer { TinyRun.remove(folders[0], folders[1]) }
        let other = try TinyRun.configuration(steps: 2, ["training.seed=1"])
        let a = try TinyRun.train(folders[0], TinyRun.configuration(steps: 2))
        let b = try TinyRun.train(folders[1], other)
        #expect(a.map(\.loss) != b.map(\.loss))
    }

    @Test("Only the newest checkpoints are kept where that is asked")
    func keptCheckpoints() throws {
        let folder = TinyRun.folder()
        defer { try? FileManager.default.removeItem(at: folder.url) }
        let settings = ["recording.checkpoint_every=2", "recording.keep_checkpoints=2"]
        _ = try TinyRun.train(folder, TinyRun.configuration(steps: 7, settings))
        #expect(folder.checkpointSteps() == [6, 7])
    }

    @Test("A loss that is no number stops the run, names the step and keeps the last good checkpoint")
    func notFinite() throws {
        let folder = TinyRun.folder()
        defer { try? FileManager.default.removeItem(at: folder.url) }
        _ = try TinyRun.train(folder, TinyRun.configuration(steps: 2))
        let wild = try TinyRun.configuration(steps: 40, ["optimizer.learning_rate=1e30"])
        let error = try #require(throws: TrainingError.self) { _ = try TinyRun.train(folder, wild) }
        guard case .notFinite(let step, _, let checkpoint) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(step > 2 && step <= 40)
        #expect(checkpoint == 2)
        #expect(folder.checkpointSteps() == [2])
        let last = try #require(MetricsLog(folder.metricsFile).records().last)
        #expect(last.step == step && !(last.loss.isFinite && last.gradientNorm.isFinite))
    }
}
