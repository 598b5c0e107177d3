import Compute
import Experiments
import Flows
import Foundation
import Sampling
import Settings
import Training

/// The device, and the weights of the runs that were drawn from last: everything that computes goes through here, one
/// step after the other.
actor Laboratory {
    private let thread: ComputeThread
    private let request: DeviceRequest
    private var engine: Engine?
    private var opened: [(key: Weights, run: SamplingRun)] = []
    private var variants: [Variant: SamplingRun] = [:]

    /// Runs whose weights are kept.
    private static let mostOpened = 6
    private static let mostVariants = 200

    /// Which weights.
    struct Weights: Hashable, Sendable {
        let run: String
        let step: Int
        let averaged: Bool
    }

    private struct Variant: Hashable {
        let weights: Weights
        let settings: [String]
    }

    /// - Parameter thread: on which everything is computed that takes turns
    init(_ request: DeviceRequest, on thread: ComputeThread) {
        self.request = request
        self.thread = thread
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// A run to draw from.
    ///
    /// - Parameters:
    ///   - checkpoint: a step; left out, the newest
    ///   - averaged: whether the weights' moving average draws
    ///   - changes: settings of solver, guidance, time grid and steps
    ///   - seed: of the noise; drawings that differ by it alone share their programs
    /// - Throws: ``Refusal`` for what is not there, or what files and device report.
    func run(
        _ name: String, _ folder: RunFolder, checkpoint: Int?, averaged: Bool, changes: [Assignment], seed: UInt64 = 0
    ) throws -> SamplingRun {
        try variant(name, folder, checkpoint: checkpoint, averaged: averaged, changes: changes)
            .changed(by: [Assignment("sampling.seed", .natural(seed), from: "seed")])
    }

    private func variant(
        _ name: String, _ folder: RunFolder, checkpoint: Int?, averaged: Bool, changes: [Assignment]
    ) throws -> SamplingRun {
        guard let step = checkpoint ?? folder.checkpointSteps().last else {
            throw Refusal.missing("'\(name)' has no checkpoint yet: there is nothing to draw with")
        }
        let key = Weights(run: name, step: step, averaged: averaged)
        let variant = Variant(weights: key, settings: changes.map { "\($0.key)=\($0.value)" })
        if let known = variants[variant], opened.contains(where: { $0.key == key }) { return known }
        let run = try weights(key, folder).changed(by: changes)
        if variants.count >= Laboratory.mostVariants { variants = [:] }
        variants[variant] = run
        return run
    }

    private func weights(_ key: Weights, _ folder: RunFolder) throws -> SamplingRun {
        if let index = opened.firstIndex(where: { $0.key == key }) {
            let known = opened.remove(at: index)
            opened.append(known)
            return known.run
        }
        let averaged = Assignment("sampling.averaged_weights", .flag(key.averaged), from: "weights")
        // Of guidance, only kinds that need no other weights are drawn with.
        let guidance = Assignment("guidance", .text(ClassifierFreeGuidance.name), from: "guidance_kind")
        let run = try SamplingRun(folder, changes: [averaged, guidance], checkpoint: key.step, on: { try device() })
        if opened.count >= Laboratory.mostOpened {
            let left = opened.removeFirst().key
            variants = variants.filter { $0.key.weights != left }
        }
        opened.append((key, run))
        return run
    }

    /// What everything runs on, opened when it is first asked for.
    func device() throws -> Engine {
        if let engine { return engine }
        let engine = try request.engine()
        self.engine = engine
        return engine
    }

    /// Does a piece of a drawing.
    func compute<Result: Sendable>(_ body: @Sendable () throws -> Result) throws -> Result { try body() }
}
