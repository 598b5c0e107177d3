import Flows
import Models
import NN
import StableHLO
package import Tensors
import Training

/// What is computed from a ``GoldenFile``, traced for any platform.
package struct GoldenComputations: Sendable {
    let network: any ConditionalNetwork
    let step: TrainingStep
    let imageType: TensorType
    /// Noise of the sample.
    private let noiseType: TensorType
    private var tree: ParameterTree { step.layout.tree }

    /// - Throws: ``SettingsError`` for impossible sizes, or ``VerificationError`` for misshapen inputs.
    package init(_ golden: GoldenFile) throws {
        network = try golden.model.makeNetwork()
        step = TrainingStep(try ParameterTree(of: network), RunConfiguration().weightUpdate)
        imageType = try golden.imageType("x", network)
        noiseType = try golden.imageType("sample.x0", network)
    }

    /// All of them.
    package var all: [Computation] { [velocity(.evaluation), velocity(.training), gradients, trainingStep, sample] }

    /// Of images, times and labels.
    var inputTypes: [TensorType] {
        let batch = imageType.shape[0]
        return [imageType, TensorType([batch]), TensorType([batch], .int32)]
    }

    /// Of the noise of the sample, its labels and its guidance scales.
    var sampleTypes: [TensorType] {
        let number = noiseType.shape[0]
        return [noiseType, TensorType([number], .int32), TensorType([number])]
    }

    func velocity(_ mode: Context.Mode) -> Computation {
        let count = tree.entries.count
        return Computation("velocity", arguments: tree.types + inputTypes) { arguments in
            let context = Context(tree, values: Array(arguments[..<count]), mode: mode)
            return [network(arguments[count], at: arguments[count + 1], labels: arguments[count + 2], context)]
        }
    }

    /// The loss of the file's batch, and its gradients.
    var gradients: Computation {
        let count = tree.entries.count
        return Computation("gradients", arguments: tree.types + inputTypes + [imageType]) { arguments in
            let values = Array(arguments[..<count])
            let value = loss(Array(arguments[count...]), Context(tree, values: values, mode: .training))
            return [value] + Tensors.gradients(of: value, withRespectTo: step.layout.trained.map { values[$0] })
        }
    }

    /// A step of the reference's optimizer: state, inputs and target to the next state and the loss.
    var trainingStep: Computation {
        let layout = step.layout
        return Computation("step", arguments: layout.types + inputTypes + [imageType]) { arguments in
            let outcome = step(StateArrays(Array(arguments[..<layout.count]), layout)) { context in
                loss(Array(arguments[layout.count...]), context)
            }
            return outcome.state.flattened + [outcome.loss]
        }
    }

    /// Ten guided steps of the reference's solver.
    var sample: Computation {
        let count = tree.entries.count
        let reference = RunConfiguration()
        let field = GuidedField(reference.velocityField(of: network), reference.guidance)
        return Computation("sample", arguments: tree.types + sampleTypes) { arguments in
            let context = Context(tree, values: Array(arguments[..<count]), mode: .evaluation)
            let flow = ProbabilityFlow(along: reference.path) { state, time in
                [field(state[0], at: time, labels: arguments[count + 1], scale: arguments[count + 2], context)]
            }
            let times = Tensor.iota([11], elementType: arguments[count].elementType) / 10
            return reference.solver.integrate(
                [arguments[count]], times: times, first: Tensor(integer: 0), last: Tensor(integer: 10), flow,
                noise: { _ in [] })
        }
    }

    /// The loss of the file's batch, with every random choice made in advance.
    private func loss(_ inputs: [Tensor], _ context: Context) -> Tensor {
        let predicted = network(inputs[0], at: inputs[1], labels: inputs[2], context)
        return flowMatchingLoss(output: predicted, target: inputs[3])
    }
}
