import Experiments

/// Images that wait to be taken on by some steps. Those that wait for the same are computed as one batch.
///
/// Who is furthest behind goes first, so that a newer drawing catches up with those that it can be computed with; but nobody
/// waits longer than ``patience`` for others to catch up. Who could be computed with drawings that have just had their steps
/// waits for them to come back, for a fifth of the time that those took. A batch is of a power of two drawings, so that there are few
/// programs; where the program for so many is not compiled yet, it is compiled beside, and the drawings are computed in
/// smaller batches meanwhile.
actor StepQueue {
    /// What came of a drawing's steps.
    struct Advanced: Sendable {
        let images: FormingImages
        /// Row-major (count, channels, height, width).
        let pixels: [Float]
        /// Its share of what the computation took.
        let seconds: Double
        /// Drawings that were computed together.
        let together: Int
    }

    private struct Waiting {
        let images: FormingImages
        let stop: Int
        let since = ContinuousClock.now
        let continuation: CheckedContinuation<Advanced, any Error>

        /// The share of the way that lies behind it.
        var progress: Double { Double(images.stepsDone) / Double(max(1, images.steps)) }
    }

    private let thread: ComputeThread
    private let compiler: Compiler
    private var waiting: [Waiting] = []
    /// Drawings whose steps were just computed; they come back for more once those have been sent.
    private var returning: [(images: FormingImages, until: ContinuousClock.Instant)] = []
    private var isServing = false

    static let patience = Duration.seconds(1)
    /// Drawings computed together at the most.
    static let most = 16

    /// - Parameters:
    ///   - thread: on which steps are computed
    ///   - niceness: of what compiles beside
    init(on thread: ComputeThread, niceness: Int) {
        self.thread = thread
        compiler = Compiler(niceness: niceness)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Takes images on.
    ///
    /// - Parameter stop: the number of steps to be done then
    /// - Throws: what the device reports.
    func advance(_ images: FormingImages, to stop: Int) async throws -> Advanced {
        if let index = returning.firstIndex(where: { $0.images.joins(images) }) { returning.remove(at: index) }
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(images: images, stop: stop, continuation: continuation))
            serve()
        }
    }

    /// Has the next batch computed when all who ask now have asked.
    private func serve() {
        guard !isServing, !waiting.isEmpty else { return }
        isServing = true
        Task {
            await self.gather()
            self.compute()
            self.isServing = false
            self.serve()
        }
    }

    /// Waits for those who are about to come back.
    private func gather() async {
        func isWorthIt() -> Bool {
            let now = ContinuousClock.now
            returning.removeAll { $0.until <= now }
            let lead = waiting[lead].images
            return returning.contains { lead.joins($0.images) }
        }
        while isWorthIt() { try? await Task.sleep(for: .milliseconds(1)) }
    }

    private func compute() {
        let group = next()
        do {
            let begin = ContinuousClock.now
            var images = group.map(\.images)
            try FormingImages.advance(&images, to: group[0].stop)
            let pixels = try images.map { try $0.images() }
            let seconds = begin.duration(to: .now).inSeconds / Double(group.count)
            for (index, member) in group.enumerated() {
                member.continuation.resume(
                    returning: Advanced(
                        images: images[index], pixels: pixels[index], seconds: seconds, together: group.count))
                if !images[index].isDone {
                    returning.append((images[index], .now + .seconds(min(0.05, seconds * Double(group.count) / 5))))
                }
            }
        } catch {
            for member in group { member.continuation.resume(throwing: error) }
        }
    }

    /// Whose turn it is.
    private var lead: Int {
        let oldest = waiting.indices.min { waiting[$0].since < waiting[$1].since } ?? 0
        let isPatient = waiting[oldest].since.duration(to: .now) < StepQueue.patience
        return isPatient ? waiting.indices.min { waiting[$0].progress < waiting[$1].progress } ?? 0 : oldest
    }

    /// Takes those who are next out of those who wait.
    private func next() -> [Waiting] {
        let first = lead
        let lead = waiting[first]
        let fitting = waiting.indices.filter { index in
            waiting[index].stop == lead.stop && lead.images.joins(waiting[index].images)
        }
        var count = 1
        while count * 2 <= min(fitting.count, StepQueue.most) { count *= 2 }
        while count > 1, lead.stop > lead.images.stepsDone, !lead.images.isPrepared(toJoin: count) {
            compiler.prepare(lead.images, toJoin: count)
            count /= 2
        }
        let chosen = Set(([first] + fitting.filter { $0 != first }).prefix(count))
        defer { waiting = waiting.indices.filter { !chosen.contains($0) }.map { waiting[$0] } }
        return chosen.sorted().map { waiting[$0] }
    }
}

/// Compiles programs for larger batches while smaller ones go on.
private final class Compiler: Sendable {
    private let queue: Queue

    init(niceness: Int) { queue = Queue(ComputeThread(niceness: niceness)) }

    func prepare(_ images: FormingImages, toJoin count: Int) { Task { await queue.prepare(images, toJoin: count) } }

    private actor Queue {
        private let thread: ComputeThread
        private var hasFailed = false

        init(_ thread: ComputeThread) { self.thread = thread }

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        /// Asked for at each step until it is there. Where one cannot be compiled, drawings stay apart.
        func prepare(_ images: FormingImages, toJoin count: Int) {
            guard !hasFailed, !images.isPrepared(toJoin: count) else { return }
            do { try images.prepare(toJoin: count) } catch { hasFailed = true }
        }
    }
}
