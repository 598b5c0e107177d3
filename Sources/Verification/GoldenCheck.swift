package import Compute
import Flows
import Formats
import Models
import NN
import StableHLO
import Tensors
import Training

/// Computes everything in a ``GoldenFile`` on a device and compares, with the ``Tolerances`` of the engine's precision.
package struct GoldenCheck {
    private let golden: GoldenFile
    private let engine: Engine
    private let tolerances: Tolerances
    private let computations: GoldenComputations

    /// - Throws: ``SettingsError`` for impossible sizes, or ``VerificationError`` for misshapen inputs.
    package init(_ golden: GoldenFile, on engine: Engine) throws {
        self.golden = golden
        self.engine = engine
        tolerances = Tolerances(engine.loweringOptions.precision)
        computations = try GoldenComputations(golden)
    }

    private var network: any ConditionalNetwork { computations.network }

    private var layout: StateLayout { computations.step.layout }

    private var tree: ParameterTree { layout.tree }

    /// - Parameter onComparison: told of each quantity as it is computed.
    package func run(onComparison: (Comparison) -> Void = { _ in }) throws -> [Comparison] {
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
        let types = computations.inputTypes
        return try [
            DeviceArray(golden.floats("x"), types[0], on: engine.device),
            DeviceArray(golden.floats("t"), types[1], on: engine.device),
            DeviceArray(golden.labels("y", network), types[2], on: engine.device),
        ]
    }

    private func target() throws -> DeviceArray {
        try DeviceArray(golden.floats("target"), computations.imageType, on: engine.device)
    }

    private func velocity(_ parameters: [DeviceArray], _ mode: Context.Mode) throws -> [Float] {
        let function = try engine.function(computations.velocity(mode))
        return try function(parameters + inputs())[0].values(as: Float.self)
    }

    private func gradientComparisons(_ parameters: [DeviceArray]) throws -> [Comparison] {
        let function = try engine.function(computations.gradients)
        let results = try function(parameters + inputs() + [target()])
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
        let function = try engine.function(computations.trainingStep)
        let target = try target()
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
        let function = try engine.function(computations.sample)
        let types = computations.sampleTypes
        let number = types[0].shape[0]
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
