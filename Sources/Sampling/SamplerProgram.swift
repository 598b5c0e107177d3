import Compute
import Flows
import NN
package import StableHLO
import Tensors

/// A sampler as programs that any XLA compiler runs: all that they call is in them.
package struct SamplerProgram: Sendable {
    /// What an argument is.
    package enum Role: String, Sendable, Codable {
        /// A tensor of the file of weights.
        case weight
        /// Standard normal numbers, or what is to begin instead of them.
        case noise
        /// One of each image.
        case label
        /// One of each image.
        case guidanceScale = "guidance_scale"
        /// Of random numbers.
        case seed
        /// The number of the first image among all of a seed.
        case first
    }

    /// An argument, in the order of the program.
    package struct Argument: Sendable {
        /// In the program's description.
        package let name: String
        /// Shape and element type.
        package let type: TensorType
        /// What it is to be given.
        package let role: Role
    }

    /// The function.
    package let program: Program
    /// In the order in which the function takes them.
    package let arguments: [Argument]
    /// How often the network is evaluated for an image; 0 where no network is.
    package let evaluations: Int
}

extension Sampler {
    /// The program of the noise of `size` images: seed and number of the first image to (size, channels, height, width).
    ///
    /// - Parameters:
    ///   - size: images at once
    ///   - precision: of products and convolutions
    package func noiseProgram(size: Int, precision: MatrixPrecision) -> SamplerProgram {
        let arguments = origin
        let program = Tracer.program(
            "noise", arguments: arguments.map(\.type), options: LoweringOptions(precision: precision)
        ) { values in [NoiseSource(seed: values[0]).images(size, from: values[1], shape: network.imageShape)] }
        return SamplerProgram(program: program, arguments: arguments, evaluations: 0)
    }

    /// The program of the whole way from noise to images.
    ///
    /// - Parameters:
    ///   - size: images at once
    ///   - times: ascending from 0 to 1, between which the solver's steps lead
    ///   - isGuided: whether scales other than 1 count; without, an evaluation costs half
    ///   - precision: of products and convolutions
    /// - Throws: ``SamplingError/hostDrivenSteps`` for steps of adaptive length.
    package func program(
        size: Int, times: [Double], isGuided: Bool, precision: MatrixPrecision
    ) throws(SamplingError) -> SamplerProgram {
        guard solver.tolerance == nil else { throw .hostDrivenSteps }
        let weights = weightArguments
        let perImage: [SamplerProgram.Argument] = [
            .init(name: "labels", type: TensorType([size], .int32), role: .label),
            .init(name: "guidance_scales", type: TensorType([size]), role: .guidanceScale),
        ]
        let noise = SamplerProgram.Argument(name: "noise", type: TensorType([size] + network.imageShape), role: .noise)
        let arguments = weights + perImage + [noise] + (solver.isStochastic ? origin : [])
        let stretches = stretches(times, isGuided: isGuided)
        let program = Tracer.program(
            "sampler", arguments: arguments.map(\.type), options: LoweringOptions(precision: precision)
        ) { values in
            let constants = Array(values[..<(weights.count + 2)])
            let grid = Tensor(times.map { Float($0) }, shape: [times.count])
            var state = [values[weights.count + 2]]
            for stretch in stretches {
                let flow = ProbabilityFlow(
                    along: field.field.path, computations.velocity(constants, isGuided: stretch.isGuided))
                state = solver.integrate(
                    state, times: grid, first: Tensor(integer: stretch.steps.lowerBound),
                    last: Tensor(integer: stretch.steps.upperBound), flow
                ) { step in
                    let source = NoiseSource(seed: values[weights.count + 3]).ofStep(step)
                    return [source.images(size, from: values[weights.count + 4], shape: network.imageShape)]
                }
            }
            return state
        }
        let evaluations = stretches.map { $0.steps.count * solver.evaluationsPerStep * ($0.isGuided ? 2 : 1) }
        return SamplerProgram(program: program, arguments: arguments, evaluations: evaluations.reduce(0, +))
    }

    private var weightArguments: [SamplerProgram.Argument] {
        zip(weightNames, computations.weightTypes).map { .init(name: $0, type: $1, role: .weight) }
    }

    private var origin: [SamplerProgram.Argument] {
        [
            .init(name: "seed", type: TensorType([], .uint64), role: .seed),
            .init(name: "first", type: TensorType([], .uint64), role: .first),
        ]
    }

    /// Steps one after another that are guided, or are not.
    private func stretches(_ times: [Double], isGuided: Bool) -> [(steps: Range<Int>, isGuided: Bool)] {
        var stretches: [(steps: Range<Int>, isGuided: Bool)] = []
        for step in 0..<times.count - 1 {
            let now = isGuided && computations.canGuide && field.guidance.guides(from: times[step], to: times[step + 1])
            if let last = stretches.last, last.isGuided == now {
                stretches[stretches.count - 1].steps = last.steps.lowerBound..<step + 1
            } else {
                stretches.append((step..<step + 1, now))
            }
        }
        return stretches
    }
}
