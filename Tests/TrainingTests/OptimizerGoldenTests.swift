import Compute
import Formats
import Foundation
import NN
import Settings
import StableHLO
import TestSupport
import Testing
import Tracing
import Training

/// Six weights p under the loss |M p - target|^2 / 2.
private struct LeastSquares: Module {
    let weights = Parameter([6], .constant(0))
}

/// Twenty steps of PyTorch's optimizers; see `Goldens/README.md`.
@Suite("Optimizers beside PyTorch's", .needsPlugin)
struct OptimizerGoldenTests {
    private struct Case: CustomTestStringConvertible {
        let name: String
        let optimizer: any Optimizer
        var clip = 0.0

        var testDescription: String { name }
    }

    private static let cases: [Case] = {
        var adam = Adam()
        adam.learningRate = 0.1
        var clipped = Adam()
        (clipped.learningRate, clipped.beta1, clipped.beta2, clipped.epsilon) = (0.1, 0.9, 0.95, 1e-6)
        var adamW = AdamW()
        (adamW.learningRate, adamW.weightDecay) = (0.1, 0.1)
        var descent = StochasticGradientDescent()
        (descent.learningRate, descent.momentum) = (1e-2, 0.9)
        return [
            Case(name: "adam", optimizer: adam), Case(name: "adam_clip", optimizer: clipped, clip: 1),
            Case(name: "adamw", optimizer: adamW), Case(name: "sgd_momentum", optimizer: descent),
        ]
    }()

    /// Kinds that the file has no path of.
    private static let withoutGolden: Set<String> = []

    private static func golden() throws -> SafetensorsFile {
        let url = try #require(
            Bundle.module.url(forResource: "optimizers", withExtension: "safetensors", subdirectory: "Goldens"))
        return try SafetensorsFile(contentsOf: url)
    }

    @Test("Every kind of optimizer is compared, or said not to be")
    func coverage() {
        let compared = Set(Self.cases.map { type(of: $0.optimizer).name })
        #expect(compared.union(Self.withoutGolden) == Set(Optimizers.registry.names))
    }

    @Test("The way of the weights is PyTorch's", arguments: cases)
    private func way(of sample: Case) throws {
        let golden = try Self.golden()
        func array(_ name: String, _ type: ElementType = .float32) throws -> HostArray {
            let entry = try golden.tensor(name)
            return HostArray(try entry.values(as: Double.self), entry.shape, type)
        }
        let problem = LeastSquares()
        let update = WeightUpdate(
            optimizer: sample.optimizer, schedule: ConstantSchedule(), average: NoAverage(),
            clipping: GradientClipping(norm: sample.clip), totalSteps: 20)
        let step = try TrainingStep(ParameterTree(of: problem), update)
        let layout = step.layout
        let (matrix, target) = try (array("matrix"), array("target"))
        let engine = try Engine.shared
        let function = try engine.function("step", arguments: layout.types + [matrix.type, target.type]) { arguments in
            let state = StateArrays(Array(arguments[..<layout.count]), layout)
            return step(state) { context in
                let product = arguments[layout.count].matmul(context[problem.weights].reshaped(to: [6, 1]))
                return 0.5 * (product.reshaped(to: [8]) - arguments[layout.count + 1]).squared().sum()
            }.state.flattened
        }
        let inputs = try [matrix, target].map { try $0.array(on: engine.device) }
        var state = try layout.beginning(
            [array("\(sample.name)/start").array(on: engine.device)],
            zero: { try HostArray([Double](repeating: 0, count: $0.elementCount), $0.shape).array(on: engine.device) },
            step: HostArray([0], [], .int64).array(on: engine.device)
        ).flattened
        var way: [Double] = []
        for _ in 0..<20 {
            state = try function(state + inputs)
            way += try state[0].numbers()
        }
        #expect(try worstDifference(way, array("\(sample.name)/path").values) < 1e-5)
    }
}
