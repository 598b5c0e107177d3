import Flows
import Foundation
import Models
import NN
import Sampling
import Settings
import StableHLO
import Tensors
import Training
import Verification

/// A program that a command compiles.
struct ListedProgram {
    /// Of the network.
    let network: String
    /// Which program of the network's it is.
    let name: String
    let precision: MatrixPrecision
    let computation: Computation
}

/// The programs of the three networks in the reference experiment's sizes, and those that the golden files are verified by.
enum ProgramList {
    private static let imagesOfMNIST = 60_000
    /// Ten images of each label, as a comparison draws them.
    private static let sampledImages = 110

    /// - Parameter goldens: the folder of golden files
    static func programs(of network: String, goldens: URL) throws -> [(name: String, computation: Computation)] {
        let choice = Assignment("model", .text(network), from: "the list of networks")
        let configuration = try RunConfiguration().applying([choice])
        let model = try configuration.model.makeNetwork()
        let step = TrainingStep(try ParameterTree(of: model), configuration.weightUpdate)
        let field = configuration.velocityField(of: model)
        let sampler = try SamplerComputations(field, guidance: configuration.guidance, solver: configuration.solver)
        let programs: [(name: String, computation: Computation)] = [
            (
                "training",
                TrainingProgram.computation(
                    model, step, objective: configuration.objective, augmentation: configuration.augmentation,
                    imageCount: imagesOfMNIST, batchSize: configuration.training.batchSize)
            ),
            ("held-out loss", try HeldOutLoss.computation(field)),
            (
                "sampling",
                sampler.flow(sampledImages, isGuided: true, steps: configuration.samplingTimes.count - 1)
            ),
        ]
        let golden = try GoldenFile(contentsOf: goldens.appending(path: "\(network).safetensors"))
        let names = ["velocity", "velocity in training", "gradients", "training step", "sample"]
        let verified = try GoldenComputations(golden).all
        return programs + zip(names, verified).map { name, computation in ("verification: \(name)", computation) }
    }

    /// What is compiled for the GPU that everything is compiled for, or for another.
    static func list(
        networks: [String], precisions: [MatrixPrecision], goldens: URL, isComplete: Bool
    ) throws -> [ListedProgram] {
        var list: [ListedProgram] = []
        for network in networks {
            let programs = try programs(of: network, goldens: goldens)
            for precision in precisions {
                for (name, computation) in programs
                where isComplete || (precision == .bfloat16 && name == "training") {
                    list.append(
                        ListedProgram(network: network, name: name, precision: precision, computation: computation))
                }
            }
        }
        return list
    }
}
