import Compute
import Experiments
import Foundation
import Settings
import Testing
import Training

@testable import Studio

@Suite(.enabled(if: FileManager.default.fileExists(atPath: SetUpFolder.path + "/plugins"), "needs `make setup`"))
struct StepQueueTests {
    private func forming(
        _ run: SamplingRun, _ labels: [Int], seed: UInt64, guidance: Double = 3
    ) throws -> FormingImages {
        try run.changed(by: [Assignment("sampling.seed", .natural(seed), from: "")])
            .forming(labels: labels, guidance: labels.map { _ in guidance })
    }

    @Test("Drawings that wait for the same steps are computed together, and become what they would have become alone")
    func together() async throws {
        let engine = try DeviceRequest().engine()
        let folder = RunFolder(try await TrainedRun.runs.appendingPathComponent(TrainedRun.name))
        let run = try SamplingRun(
            folder, changes: [Assignment("sampling.steps", .integer(4), from: "")], on: { engine })
        let drawings = try (0..<4).map { try forming(run, [$0, 9 - $0], seed: UInt64($0)) }
        #expect(drawings.dropFirst().allSatisfy { drawings[0].joins($0) })
        #expect(!drawings[0].joins(try forming(run, [1], seed: 1)), "fewer images")
        #expect(!drawings[0].joins(try forming(run, [1, 2], seed: 1, guidance: 1)), "without a baseline")
        var ahead = drawings[1]
        try ahead.advance(to: 1)
        #expect(!drawings[0].joins(ahead), "further on its way")
        let euler = try run.changed(by: [Assignment("solver", .text("heun"), from: "")])
        #expect(!drawings[0].joins(try forming(euler, [1, 2], seed: 1)), "another solver")

        try drawings[0].prepare(toJoin: 4)
        #expect(drawings[3].isPrepared(toJoin: 4) && !drawings[3].isPrepared(toJoin: 2))
        try drawings[0].prepare(toJoin: 2)
        let thread = ComputeThread(niceness: 0)
        let (queue, laboratory) = (StepQueue(on: thread, niceness: 0), Laboratory(DeviceRequest(), on: thread))
        // The thread is busy while they ask.
        async let busy: Void = laboratory.compute { sleep(1) }
        let all = try await withThrowingTaskGroup(of: (Int, StepQueue.Advanced).self) { group in
            for (index, images) in drawings.enumerated() {
                group.addTask { (index, try await queue.advance(images, to: 4)) }
            }
            var all: [Int: StepQueue.Advanced] = [:]
            for try await (index, step) in group { all[index] = step }
            return all
        }
        try await busy
        #expect(all.values.contains { $0.together > 1 })
        for (index, start) in drawings.enumerated() {
            var alone = start
            try alone.advance(to: 4)
            let (own, other) = (try alone.images(), try #require(all[index]))
            #expect(other.images.evaluations == alone.evaluations && other.images.stepsDone == 4)
            #expect(zip(own, other.pixels).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }
}
