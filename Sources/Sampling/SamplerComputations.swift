package import Flows
import NN
import StableHLO
package import Tensors

/// What a sampler computes, traced for any platform: noise, and the guided way from noise to images.
package struct SamplerComputations: Sendable {
    let field: GuidedField
    let solver: any Solver
    private let tree: ParameterTree
    private let weakerTree: ParameterTree?

    /// - Parameters:
    ///   - field: the velocities of a network
    ///   - guidance: how those with and without a label become one
    ///   - solver: the numerical method
    ///   - weaker: the velocity that guidance leads away from
    /// - Throws: what is wrong with a network's parameters.
    package init(
        _ field: VelocityField, guidance: any Guidance, solver: any Solver, weaker: VelocityField? = nil
    ) throws {
        self.field = GuidedField(field, guidance, weaker: weaker)
        self.solver = solver
        tree = try ParameterTree(of: field.network)
        weakerTree = try weaker.map { try ParameterTree(of: $0.network) }
    }

    var network: any ConditionalNetwork { field.field.network }

    /// Without labels both velocities of one network are one, whatever the scale.
    var canGuide: Bool { network.classCount > 0 || weakerTree != nil }

    var weightTypes: [TensorType] { tree.types + (weakerTree?.types ?? []) }

    /// Names of all weights that a velocity depends on; those of the weaker network begin with "weaker.".
    var weightNames: [String] { tree.names + (weakerTree?.names ?? []).map { "weaker.\($0)" } }

    /// Types of what a velocity depends on: weights, those of the weaker network, labels, guidance scales.
    func constantTypes(_ size: Int) -> [TensorType] {
        weightTypes + [TensorType([size], .int32), TensorType([size])]
    }

    /// The velocity that samples follow, of arrays of the types of ``constantTypes(_:)``.
    func velocity(_ constants: [Tensor], isGuided: Bool) -> ProbabilityFlow.Velocity {
        let count = tree.entries.count
        let context = Context(tree, values: Array(constants[..<count]), mode: .evaluation)
        let weakerContext = weakerTree.map {
            Context($0, values: Array(constants[count..<count + $0.entries.count]), mode: .evaluation)
        }
        let perImage = constants.suffix(2).map { $0.splitAcrossDevices() }
        return { state, time in
            let x = state[0]
            return [
                isGuided
                    ? field(x, at: time, labels: perImage[0], scale: perImage[1], context, weaker: weakerContext)
                    : field.field(x, at: time.broadcast(to: [x.shape[0]]), labels: perImage[0], context)
            ]
        }
    }

    /// The noise of `size` images. Arguments: seed, number of the first image.
    func noise(_ size: Int) -> Computation {
        let scalar = TensorType([], .uint64)
        let shape = network.imageShape
        return Computation("noise", arguments: [scalar, scalar]) { arguments in
            [NoiseSource(seed: arguments[0]).images(size, from: arguments[1], shape: shape)]
        }
    }

    /// Steps of the flow. Arguments after the constants: seed, number of the first image, state, times, first step, last
    /// step.
    ///
    /// - Parameters:
    ///   - size: images at once
    ///   - isGuided: whether steps need both velocities
    ///   - steps: the program serves grids of up to so many steps and a few more
    package func flow(_ size: Int, isGuided: Bool, steps: Int) -> Computation {
        let constants = constantTypes(size)
        let (number, step) = (TensorType([], .uint64), TensorType([], .int32))
        let grid = TensorType([Self.gridLength(times: steps + 1)])
        let others = [number, number, TensorType([size] + network.imageShape), grid, step, step]
        return Computation("sample", arguments: constants + others) { arguments in
            let rest = Array(arguments[constants.count...])
            let flow = ProbabilityFlow(
                along: field.field.path, velocity(Array(arguments[..<constants.count]), isGuided: isGuided))
            return solver.integrate(
                [rest[2].splitAcrossDevices()], times: rest[3], first: rest[4], last: rest[5], flow
            ) { step in
                [
                    NoiseSource(seed: rest[0]).ofStep(step).images(size, from: rest[1], shape: network.imageShape)
                        .splitAcrossDevices()
                ]
            }
        }
    }

    /// The length of an array that many grids of times share, so that one program serves them.
    static func gridLength(times: Int) -> Int {
        var length = 128
        while length < times { length *= 2 }
        return length
    }
}
