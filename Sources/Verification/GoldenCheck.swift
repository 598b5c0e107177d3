public import Compute
import Flows
import Formats
import Models
import NN
import StableHLO
import Tracing
import Training

/// Computes everything in a ``GoldenFile`` on a device and compares, with the ``Tolerances`` of the engine's precision.
public struct GoldenCheck {
    private let golden: GoldenFile
    private let engine: Engine
    private let tolerances: Tolerances
    private let network: any ConditionalNetwork
    private let tree: ParameterTree
    private let step: TrainingStep
    private let layout: StateLayout
    private let imageType: TensorType
    private let batch: Int

    /// - Throws: ``SettingsError`` for impossible sizes, or ``VerificationError`` for misshapen inputs.
    public init(_ golden: GoldenFile, on engine: Engine) throws {
        self.golden = golden
        self.engine = engine
        tolerances = Tolerances(engine.loweringOptions.precision)
        network = try golden.model.makeNetwork()
        tree = try ParameterTree(of: network)
        step = TrainingStep(tree, RunConfiguration().weightUpdate)
        layout = step.layout
        imageType = try golden.imageType("x", network)
        batch = imageType.shape[0]
    }

    /// - Parameter onComparison: told of each quantity as it is computed.
    public func run(onComparison: (Comparison) -> Void = { _ in }) throws -> [Comparison] {
        var comparisons: [Comparison] = []
        func report(_ comparison: Comparison) {
            comparisons.append(comparison)
            onComparison(comparison)
        }
        let parameters = try arrays("param.")
        try report(compare("velocity_eval", velocity(parameters, .evaluation), tolerances.velocity))
        try report(compare("velocity_train", velocity(parameters, .training), tolerances.velocity))
        for comparison in try gradientComparisons(parameters) { report(comparison) }
        for comparison in try trainingComparisons(parameters) { report(comparison) }
        try report(compare("sample.x1", sample(arrays("after.")), tolerances.sample))
        return comparisons
    }

    private func compare(_ name: String, _ here: [Float], _ tolerance: Double) throws -> Comparison {
        Comparison(name, here: here, reference: try golden.floats(name), tolerance: tolerance)
    }

    private func arrays(_ prefix: String) throws -> [DeviceArray] {
        try zip(golden.parameters(prefix, tree), tree.types).map { try array($0, $1) }
    }

    private func array(_ entry: TensorEntry, _ type: TensorType) throws -> DeviceArray {
        try DeviceArray(entry.bytes(), type, on: engine.device)
    }

    private func inputs() throws -> [DeviceArray] {
        try [
            DeviceArray(golden.floats("x"), imageType, on: engine.device),
            DeviceArray(golden.floats("t"), TensorType([batch]), on: engine.device),
            DeviceArray(golden.labels("y", network), TensorType([batch], .int32), on: engine.device),
        ]
    }

    private var inputTypes: [TensorType] { [imageType, TensorType([batch]), TensorType([batch], .int32)] }

    private func velocity(_ parameters: [DeviceArray], _ mode: Context.Mode) throws -> [Float] {
        let count = tree.entries.count
        let function = try engine.function("velocity", arguments: tree.types + inputTypes) { arguments in
            let context = Context(tree, values: Array(arguments[..<count]), mode: mode)
            return [
                network(arguments[count], at: arguments[count + 1], labels: arguments[count + 2], context)
            ]
        }
        return try function(parameters + inputs())[0].values(as: Float.self)
    }

    /// The loss of the file's batch, with every random choice made in advance.
    private func loss(_ inputs: [Tensor], _ context: Context) -> Tensor {
        let predicted = network(inputs[0], at: inputs[1], labels: inputs[2], context)
        return flowMatchingLoss(output: predicted, target: inputs[3])
    }

    private func gradientComparisons(_ parameters: [DeviceArray]) throws -> [Comparison] {
        let count = tree.entries.count
        let function = try engine.function("gradients", arguments: tree.types + inputTypes + [imageType]) { arguments in
            let values = Array(arguments[..<count])
            let value = loss(Array(arguments[count...]), Context(tree, values: values, mode: .training))
            return [value] + gradients(of: value, withRespectTo: layout.trained.map { values[$0] })
        }
        let target = try DeviceArray(golden.floats("target"), imageType, on: engine.device)
        let results = try function(parameters + inputs() + [target])
        var comparisons = [try compare("loss", results[0].values(as: Float.self), tolerances.loss)]

        let names = layout.trained.map { tree.names[$0] }
        let here = try results.dropFirst().map { try $0.values(as: Float.self) }
        let reference = try names.map { try golden.floats("grad." + $0) }
        comparisons.append(
            Comparison(
                "all gradients", here: here.flatMap { $0 }, reference: reference.flatMap { $0 },
                tolerance: tolerances.gradients))
        let floor = 1e-3 * norm(reference.joined().map(Double.init))
        for (index, name) in names.enumerated() {
            let difference = norm(zip(here[index], reference[index]).map { Double($0) - Double($1) })
            let scale = max(norm(reference[index].map(Double.init)), floor)
            let error = here[index].count == reference[index].count ? difference / scale : .infinity
            comparisons.append(Comparison("grad." + name, error: error, tolerance: tolerances.gradient))
        }
        return comparisons
    }

    /// Five steps of the reference's optimizer on the one batch: the loss before each, and the state after them.
    private func trainingComparisons(_ parameters: [DeviceArray]) throws -> [Comparison] {
        let function = try engine.function("step", arguments: layout.types + inputTypes + [imageType]) { arguments in
            let outcome = step(StateArrays(Array(arguments[..<layout.count]), layout)) { context in
                loss(Array(arguments[layout.count...]), context)
            }
            return outcome.state.flattened + [outcome.loss]
        }
        let target = try DeviceArray(golden.floats("target"), imageType, on: engine.device)
        var state = try TrainingState(layout, weights: parameters, on: engine).current().flattened
        var losses: [Float] = []
        for _ in try golden.floats("losses") {
            let results = try function(state + inputs() + [target])
            state = Array(results[..<layout.count])
            losses += try results[layout.count].values(as: Float.self)
        }
        let after = try golden.parameters("after.", tree)
        let floats = tree.entries.indices.filter { tree.types[$0].elementType == .float32 }
        let here = try floats.flatMap { try state[$0].values(as: Float.self) }
        let reference = try floats.flatMap { try after[$0].values(as: Float.self) }
        return [
            try compare("losses", losses, tolerances.losses),
            Comparison("after", here: here, reference: reference, tolerance: tolerances.trainedState),
        ]
    }

    /// Ten guided steps of the reference's solver from the file's noise with the trained weights.
    private func sample(_ parameters: [DeviceArray]) throws -> [Float] {
        let count = tree.entries.count
        let reference = RunConfiguration()
        let field = GuidedField(reference.velocityField(of: network), reference.guidance)
        let noiseType = try golden.imageType("sample.x0", network)
        let number = noiseType.shape[0]
        let types = [noiseType, TensorType([number], .int32), TensorType([number])]
        let function = try engine.function("sample", arguments: tree.types + types) { arguments in
            let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
            let flow = ProbabilityFlow(along: reference.path) { state, time in
                [field(state[0], at: time, labels: arguments[count + 1], scale: arguments[count + 2], context)]
            }
            let times = Tensor.iota([11], elementType: arguments[count].elementType) / 10
            return reference.solver.integrate(
                [arguments[count]], times: times, first: Tensor(integer: 0), last: Tensor(integer: 10), flow,
                noise: { _ in [] })
        }
        let guidance = try golden.floats("sample.guidance")
        let scales = guidance.count == number ? guidance : [Float](repeating: guidance.first ?? 1, count: number)
        let inputs = try [
            DeviceArray(golden.floats("sample.x0"), types[0], on: engine.device),
            DeviceArray(golden.labels("sample.y", network), types[1], on: engine.device),
            DeviceArray(scales, types[2], on: engine.device),
        ]
        return try function(parameters + inputs)[0].values(as: Float.self)
    }
}
