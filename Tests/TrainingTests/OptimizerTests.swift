import Compute
import Foundation
import NN
import Settings
import StableHLO
import Tensors
import TestSupport
import Testing

@testable import Training

/// Two weights whose gradients are known: the loss is a . w.
private struct Plane: Module {
    let weight = Parameter([2], .constant(1))
}

@Suite(.needsPlugin)
struct OptimizerTests {
    private static let slope: [Float] = [3, -0.5]

    private func update(_ settings: String...) throws -> WeightUpdate {
        try RunConfiguration().applying(settings.map { try Assignment(text: $0, from: "the test") }).weightUpdate
    }

    /// Weights and their average after each of `steps` steps from 1.
    private func run(_ update: WeightUpdate, steps: Int) throws -> [(
        weights: [Float], averages: [Float]
    )] {
        let plane = Plane()
        let step = TrainingStep(try ParameterTree(of: plane), update)
        let layout = step.layout
        let engine = try Engine.shared
        let function = try engine.function("plane", arguments: layout.types) { arguments in
            step(StateArrays(arguments, layout)) { context in
                (context[plane.weight] * Tensor(OptimizerTests.slope, shape: [2])).sum()
            }.state.flattened
        }
        let type = TensorType([2])
        let (ones, zeros) = ([1, 1] as [Float], [0, 0] as [Float])
        var state = try [ones, zeros, zeros, ones].map { try DeviceArray($0, type, on: engine.device) }
        state.append(try DeviceArray([0 as Int64], TensorType([], .int64), on: engine.device))
        return try (0..<steps).map { _ in
            state = try function(state)
            return (try state[0].values(as: Float.self), try state[3].values(as: Float.self))
        }
    }

    @Test("Adam with decay, warm-up, cosine and clipping follows its formulas")
    func adam() throws {
        let update = try update(
            "optimizer=adamw", "optimizer.learning_rate=0.1", "optimizer.weight_decay=0.05", "training.gradient_clip=1",
            "schedule=cosine", "schedule.warmup_steps=2", "training.steps=6", "average.decay=0.9")
        let norm = (3.0 * 3.0 + 0.25).squareRoot()
        var (w, m, v, average) = ([1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0])
        for (n, result) in try run(update, steps: 5).enumerated() {
            let progress = max(0, Double(n) - 2) / 4
            let rate = 0.1 * min(1, Double(n + 1) / 2) * 0.5 * (1 + cos(.pi * progress))
            let decay = min(0.9, Double(1 + n) / Double(10 + n))
            for i in 0..<2 {
                let g = Double(OptimizerTests.slope[i]) * min(1, 1 / (norm + 1e-6))
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                let (first, second) = (m[i] / (1 - pow(0.9, Double(n + 1))), v[i] / (1 - pow(0.999, Double(n + 1))))
                w[i] = w[i] * (1 - rate * 0.05) - rate * first / (second.squareRoot() + 1e-8)
                average[i] += (w[i] - average[i]) * (1 - decay)
                #expect(abs(Double(result.weights[i]) - w[i]) < 2e-5)
                #expect(abs(Double(result.averages[i]) - average[i]) < 2e-5)
            }
        }
    }

    @Test("Without decay, clipping or schedule, the first step is the learning rate in the gradient's direction")
    func firstStep() throws {
        let result = try run(update("average.decay=0.5"), steps: 1)[0]
        #expect(abs(result.weights[0] - (1 - 1e-3)) < 1e-6)
        #expect(abs(result.weights[1] - (1 + 1e-3)) < 1e-6)
    }
}
