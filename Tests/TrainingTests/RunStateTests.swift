import Foundation
import Testing

@testable import Training

@Suite("What is read of a run while it is written")
struct RunStateTests {
    private final class Run {
        let folder = RunFolder(
            FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)"))
        var configuration = RunConfiguration()

        init(steps: Int) throws {
            configuration.training.steps = steps
            try folder.save(configuration)
        }

        deinit { try? FileManager.default.removeItem(at: folder.url) }

        func append(_ steps: ClosedRange<Int>, heldOut: Double? = nil) throws {
            try MetricsLog(folder.metricsFile).append(
                steps.map {
                    StepRecord(
                        step: $0, loss: 1, gradientNorm: 1, learningRate: 1, seconds: 1, imagesPerSecond: 1,
                        validationLoss: heldOut)
                })
        }

        func save(_ step: Int) throws { try Data().write(to: folder.checkpointFile(step: step)) }

        var state: RunState { folder.state(of: configuration) }
    }

    @Test(
        "A run is training while its lock is held, stopped where it was saved, finished at its last step, else broken off"
    )
    func states() throws {
        let run = try Run(steps: 9)
        #expect(run.state == .stopped)
        try run.append(1...5)
        #expect(run.state == .brokenOff(lastStep: 5))
        try run.save(5)
        #expect(run.state == .stopped)
        do {
            let lock = try RunLock(run.folder)
            defer { withExtendedLifetime(lock) {} }
            guard case .training(let holder) = run.state else {
                Issue.record("\(run.state)")
                return
            }
            #expect(holder.hasPrefix("process \(ProcessInfo.processInfo.processIdentifier) on "))
        }
        try run.append(6...9)
        try run.save(9)
        #expect(run.state == .finished)
    }

    @Test("Looking who holds a lock keeps nobody from taking it")
    func looking() async throws {
        let run = try Run(steps: 9)
        _ = try RunLock(run.folder)
        let looker = Task.detached { [folder = run.folder] in
            while !Task.isCancelled { _ = folder.writer }
        }
        defer { looker.cancel() }
        for _ in 0..<200 { _ = try RunLock(run.folder) }
    }

    @Test("A growing log is read line by line, each once; one that was cut back is read anew")
    func tail() throws {
        let run = try Run(steps: 9)
        var tail = MetricsTail(run.folder.metricsFile)
        #expect(try tail.next().records.isEmpty)
        try run.append(1...3)
        #expect(try tail.next().records.map(\.step) == [1, 2, 3])
        #expect(try tail.next().records.isEmpty)
        // Half a line is waited for.
        let url = run.folder.metricsFile
        let whole = try Data(contentsOf: url)
        try run.append(4...5)
        let longer = try Data(contentsOf: url)
        let file = try FileHandle(forUpdating: url)
        try file.truncate(atOffset: UInt64(longer.count - 10))
        #expect(try tail.next().records.map(\.step) == [4])
        try file.seekToEnd()
        try file.write(contentsOf: longer.suffix(10))
        #expect(try tail.next().records.map(\.step) == [5])
        // As a resumed run does, which forgets what came after its checkpoint.
        try whole.write(to: url, options: .atomic)
        let news = try tail.next()
        #expect(news.isAnew && news.records.map(\.step) == [1, 2, 3])
        try FileManager.default.removeItem(at: url)
        let gone = try tail.next()
        #expect(gone.isAnew && gone.records.isEmpty)
    }

    @Test("The last record and the last held-out loss are read from the end of the file")
    func latest() throws {
        let run = try Run(steps: 999)
        let log = MetricsLog(run.folder.metricsFile)
        #expect(log.latest.record == nil && log.latest.heldOut == nil)
        try run.append(1...1, heldOut: 0.5)
        #expect(log.latest.record?.step == 1 && log.latest.heldOut?.validationLoss == 0.5)
        try run.append(2...300)
        #expect(log.latest.record?.step == 300 && log.latest.heldOut?.step == 1 && log.lastStep == 300)
    }
}
