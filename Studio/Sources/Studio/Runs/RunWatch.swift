import Foundation
import Training

/// Reads what a run writes, whoever writes it, and tells all who look: one reading serves every viewer.
actor RunWatch {
    private let folder: RunFolder
    private var tail: MetricsTail
    private var records: [StepRecord] = []
    private var steps = 0
    private var configurationDate: Date?
    private(set) var standing: RunStanding
    private var listeners: [Int: AsyncStream<ServerEvent>.Continuation] = [:]
    private var listenerCount = 0
    private var polling: Task<Void, Never>?

    /// Between two readings.
    private static let interval = Duration.milliseconds(500)
    /// Readings between two signs of life.
    private static let beatEvery = 20
    /// Events that a listener may be behind before it is let go, to come back for the whole.
    private static let mostWaiting = 128

    init(_ folder: RunFolder) {
        self.folder = folder
        tail = MetricsTail(folder.metricsFile)
        standing = RunStanding(state: "", note: nil, step: 0, steps: 0, checkpoints: [], pictures: [])
    }

    /// All that is known, and then what comes.
    func listen() throws -> AsyncStream<ServerEvent> {
        if polling == nil { _ = try read() }
        let (stream, continuation) = AsyncStream<ServerEvent>.makeStream(
            bufferingPolicy: .bufferingOldest(RunWatch.mostWaiting))
        let number = listenerCount
        listenerCount += 1
        continuation.onTermination = { _ in Task { await self.leave(number) } }
        continuation.yield(try ServerEvent("records", RecordColumns(records, isAnew: true)))
        continuation.yield(try ServerEvent("standing", standing))
        listeners[number] = continuation
        if polling == nil { polling = Task { await self.poll() } }
        return stream
    }

    /// The columns and the standing now.
    func snapshot() throws -> (records: RecordColumns, standing: RunStanding) {
        if polling == nil { _ = try read() }
        return (RecordColumns(records, isAnew: true), standing)
    }

    private func leave(_ number: Int) {
        listeners[number] = nil
        guard listeners.isEmpty else { return }
        polling?.cancel()
        polling = nil
    }

    private func poll() async {
        var count = 0
        while !Task.isCancelled {
            do { try await Task.sleep(for: RunWatch.interval) } catch { return }
            count += 1
            let before = standing
            // What cannot be read now may be readable soon: a run's writer replaces whole files.
            guard let news = try? read() else { continue }
            if !news.records.isEmpty || news.isAnew {
                send(try? ServerEvent("records", RecordColumns(news.records, isAnew: news.isAnew)))
            }
            if standing != before { send(try? ServerEvent("standing", standing)) }
            if count.isMultiple(of: RunWatch.beatEvery) { send(.beat) }
        }
    }

    private func send(_ event: ServerEvent?) {
        guard let event else { return }
        for (number, listener) in listeners {
            if case .dropped = listener.yield(event) {
                listener.finish()
                listeners[number] = nil
            }
        }
    }

    private func read() throws -> MetricsTail.News {
        let news = try tail.next()
        if news.isAnew { records = [] }
        records += news.records
        try readStanding()
        return news
    }

    private func readStanding() throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder.configurationFile.path)
        let date = attributes?[.modificationDate] as? Date
        if date != configurationDate || steps == 0 {
            steps = try folder.file().configuration.training.steps
            configurationDate = date
        }
        let state = folder.state(steps: steps)
        let checkpoints = folder.checkpointSteps()
        let step = max(records.last?.step ?? 0, checkpoints.last ?? 0)
        let recent = records.suffix(50)
        let seconds = recent.reduce(0) { $0 + $1.seconds } / Double(max(1, recent.count))
        var isTraining = false
        if case .training = state { isTraining = true }
        standing = RunStanding(
            state: state.word, note: state.note, step: step, steps: steps,
            stepsPerSecond: seconds > 0 ? (1 / seconds).ifFinite : nil,
            secondsLeft: isTraining && seconds > 0 ? (Double(max(0, steps - step)) * seconds).ifFinite : nil,
            checkpoints: checkpoints, pictures: folder.pictureSteps())
    }
}

/// The watches of all runs that anybody looks at.
actor RunWatches {
    private var watches: [String: RunWatch] = [:]
    /// More than are ever looked at together.
    private static let most = 64

    func watch(_ name: String, _ folder: RunFolder) -> RunWatch {
        if let known = watches[name] { return known }
        // A watch that is let go of lives as long as its listeners.
        if watches.count >= RunWatches.most { watches = [:] }
        let watch = RunWatch(folder)
        watches[name] = watch
        return watch
    }
}

/// The list of runs, read at most once a second however many look.
actor RunList {
    private let folder: RunsFolder
    private var last: (runs: [RunSummary], at: ContinuousClock.Instant)?

    init(_ folder: RunsFolder) { self.folder = folder }

    var runs: [RunSummary] {
        if let last, last.at + .seconds(1) > .now { return last.runs }
        let runs = folder.folders(with: "config.json").compactMap { name in
            (try? folder.run(name)).map { RunSummary(name, $0) }
        }
        last = (runs, .now)
        return runs
    }
}
