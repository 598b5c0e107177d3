import Compute
import FlowMatching
import Models
import NN
import PJRT
import StableHLO
import TestSupport
import Testing

@testable import Training

@Suite("Training on several devices", .needsPlugin)
struct SeveralDevicesTests {
    private struct Run {
        let metrics: [StepMetrics]
        /// Bytes of intermediate results on each device.
        let temporaries: Int
    }

    /// Twenty steps of 16 images.
    private func run(_ model: ModelName, on engine: Engine) throws -> Run {
        let network = try TinyRun.configuration(model, steps: 20).model.makeModel()
        let layout = StateLayout(try ParameterTree(of: network), keepsAverages: true)
        let program = try TrainingProgram(
            network, TrainingStep(layout, optimizer: Adam(), averageDecay: 0.999),
            objective: FlowMatchingObjective(labelDropout: 0.1), imageCount: TinyRun.imageCount, batchSize: 16,
            on: engine)
        var state = try TrainingState(layout, seed: 3, on: engine)
        let metrics = try program(
            &state, DeviceDataset(TinyRun.dataset(), on: engine.device),
            seed: DeviceArray([3 as UInt64], TensorType([], .uint64), on: engine.device), count: 20)
        let statistics = try #require(try program.function.executable.memoryStatistics())
        return Run(metrics: metrics, temporaries: statistics.temporaries)
    }

    /// Noise, times and hidden labels are one device's, and batch statistics are those of the whole batch; the devices'
    /// parts of a sum are added in another order, which float32 notices in its last digits only. What lies between
    /// forward and backward pass is divided, so no device computes more than its share of images.
    @Test(
        "Twenty steps have one device's losses and gradient norms, for a share of its work",
        arguments: ModelName.allCases)
    func sameRun(model: ModelName) throws {
        let one = try run(model, on: Engine.shared)
        for count in [2, 4] {
            let several = try run(model, on: Engine.of(devices: count))
            for (step, (a, b)) in zip(several.metrics, one.metrics).enumerated() {
                #expect(abs(a.loss - b.loss) <= 1e-5 * b.loss, "step \(step + 1) on \(count) devices")
                #expect(
                    abs(a.gradientNorm - b.gradientNorm) <= 1e-5 * b.gradientNorm,
                    "step \(step + 1) on \(count) devices")
            }
            let share = Double(several.temporaries) / Double(one.temporaries)
            #expect(share < 1.25 / Double(count), "\(several.temporaries) of \(one.temporaries) bytes")
        }
    }

    @Test("A batch that the devices cannot share equally is refused")
    func unequalShares() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        #expect(throws: TrainingError.batchNotDivisible(batch: 8, devices: 3)) {
            try TinyRun.train(folder, TinyRun.configuration(steps: 1), on: Engine.of(devices: 3))
        }
    }
}
