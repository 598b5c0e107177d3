import Compute
import Flows
import Models
import NN
import PJRT
import StableHLO
import TestSupport

@testable import Training

/// Twenty steps of 16 images with a tiny network: what the suites on precision and on several devices compare.
struct TwentySteps {
    let metrics: [StepMetrics]
    /// The state after the last step.
    let state: [TensorType]
    /// Bytes of intermediate results on each device.
    let temporaries: Int

    init(_ model: String, on engine: Engine) throws {
        let configuration = try TinyRun.configuration(model, steps: 20)
        let network = try configuration.model.makeNetwork()
        let step = TrainingStep(try ParameterTree(of: network), configuration.weightUpdate)
        let program = try TrainingProgram(
            network, step, objective: configuration.objective, imageCount: TinyRun.imageCount, batchSize: 16,
            on: engine)
        // First values are drawn once, by one device, and copied to the others.
        let first = try TrainingState(step.layout, seed: 3, on: Engine.shared).current().flattened
        let copies = try first.map { try DeviceArray($0.values(as: UInt8.self), $0.type, on: engine.device) }
        var state = TrainingState(StateArrays(copies, step.layout), step.layout)
        metrics = try program(
            &state, DeviceDataset(TinyRun.dataset(), on: engine.device).arrays,
            seed: DeviceArray([3 as UInt64], TensorType([], .uint64), on: engine.device), count: 20)
        self.state = try state.current().flattened.map(\.type)
        temporaries = try program.function.executable.program.memoryStatistics()?.temporaries ?? 0
    }
}
