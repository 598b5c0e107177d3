import Compute
import NN
import Settings
import StableHLO
import Tensors
import Training

/// `matrix`, `target`; NAME/start and NAME/path: the weights after each step on |matrix p - target|^2 / 2.
enum OptimizersCheck: ToolboxCheck {
    static let kind = "optimizers"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        try file.beginnings(ofNamesWith: 2).map { name in
            guard let (optimizer, clip) = optimizer(name) else { return unknown("optimizer", name) }
            let reference = try file.array("\(name)/path")
            let way = try way(file, name, optimizer, clip: clip, steps: reference.shape.first ?? 0, evaluator)
            return Precision(type: .float32, tolerance: 1e-5).compare("\(name)/path", way, reference)
        }
    }

    /// The optimizer with the settings that the files' notes name, and the norm that gradients are clipped to.
    private static func optimizer(_ name: String) -> (any Optimizer, clip: Double)? {
        switch name {
        case "adam":
            var adam = Adam()
            adam.learningRate = 0.1
            return (adam, 0)
        case "adam_clip":
            var adam = Adam()
            (adam.learningRate, adam.beta1, adam.beta2, adam.epsilon) = (0.1, 0.9, 0.95, 1e-6)
            return (adam, 1)
        case "adamw":
            var adam = AdamW()
            (adam.learningRate, adam.weightDecay) = (0.1, 0.1)
            return (adam, 0)
        case "nadam":
            var adam = NAdam()
            adam.learningRate = 0.1
            return (adam, 0)
        case "sgd_momentum":
            var descent = StochasticGradientDescent()
            (descent.learningRate, descent.momentum) = (1e-2, 0.9)
            return (descent, 0)
        default: return nil
        }
    }

    private struct LeastSquares: Module {
        let weights: Parameter
    }

    /// The weights after each step of training's own, in float32.
    private static func way(
        _ file: ToolboxFile, _ name: String, _ optimizer: any Optimizer, clip: Double, steps: Int,
        _ evaluator: Evaluator
    ) throws -> Values {
        let (start, matrix, target) = try (file.array("\(name)/start"), file.array("matrix"), file.array("target"))
        let (count, rows) = (start.numbers.count, target.numbers.count)
        guard matrix.shape == [rows, count] else {
            throw file.error("matrix", "is \(matrix.shape), not \([rows, count])")
        }
        let problem = LeastSquares(weights: Parameter([count], .constant(0)))
        let update = WeightUpdate(
            optimizer: optimizer, schedule: ConstantSchedule(), average: NoAverage(),
            clipping: GradientClipping(norm: clip), totalSteps: steps)
        let step = try TrainingStep(ParameterTree(of: problem), update)
        let layout = step.layout
        let types = layout.types + [TensorType([rows, count]), TensorType([rows])]
        let function = try evaluator.engine.function("step", arguments: types) { arguments in
            let state = StateArrays(Array(arguments[..<layout.count]), layout)
            return step(state) { context in
                let product = arguments[layout.count].matmul(context[problem.weights].reshaped(to: [count, 1]))
                return 0.5 * (product.reshaped(to: [rows]) - arguments[layout.count + 1]).squared().sum()
            }.state.flattened
        }
        let inputs = try [evaluator.array(matrix, .float32), evaluator.array(target, .float32)]
        var state = try layout.beginning(
            [evaluator.array(Values(start.numbers, [count]), .float32)],
            zero: { type in
                try evaluator.array(Values([Double](repeating: 0, count: type.elementCount), type.shape), .float32)
            }, step: DeviceArray([Int64(0)], TensorType([], .int64), on: evaluator.engine.device)
        ).flattened
        var way: [Double] = []
        for _ in 0..<steps {
            state = try function(state + inputs)
            way += try evaluator.values(state[0]).numbers
        }
        return Values(way, [steps, count])
    }
}
