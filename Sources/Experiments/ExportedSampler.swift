import Compute
import Flows
import Formats
public import Foundation
import Sampling
import Settings
import StableHLO
import Tensors
import Training

/// A run's sampler as a folder that other programs run: StableHLO, weights, and a description of both.
public struct ExportedSampler: Sendable {
    package static let programFile = "sampler.mlir"
    package static let noiseFile = "noise.mlir"
    package static let weightsFile = "weights.safetensors"
    package static let descriptionFile = "manifest.json"

    /// The names of the files.
    package static let files = [programFile, noiseFile, weightsFile, descriptionFile]

    private let run: SamplingRun
    private let batchSize: Int
    private let guidance: Double

    /// - Parameters:
    ///   - run: its solver, time grid, steps and guidance are those of the program
    ///   - batchSize: images at once, which is part of the program
    ///   - guidance: the scale that is proposed; at 1 the program takes no other
    public init(_ run: SamplingRun, batchSize: Int, guidance: Double) {
        self.run = run
        self.batchSize = batchSize
        self.guidance = guidance
    }

    /// Writes the folder; what is in it under these names is replaced.
    ///
    /// - Returns: how often the program evaluates the network for an image
    /// - Throws: ``SamplingError/hostDrivenSteps``, or what the disk reports.
    @discardableResult
    public func write(to folder: URL) throws -> Int {
        let programs = try run.programs(batchSize: batchSize, isGuided: guidance != 1)
        let description = try JSONEncoder.readable.encode(manifest(programs))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func file(_ name: String) -> URL { folder.appendingPathComponent(name) }
        try run.writeWeights(to: file(Self.weightsFile))
        try AtomicFile.write(Array(programs.sampler.program.text.utf8), to: file(Self.programFile))
        try AtomicFile.write(Array(programs.noise.program.text.utf8), to: file(Self.noiseFile))
        // The description is last: a folder that has one is whole.
        try AtomicFile.write([UInt8](description), to: file(Self.descriptionFile))
        return programs.sampler.evaluations
    }

    private func manifest(_ programs: (sampler: SamplerProgram, noise: SamplerProgram)) -> Manifest {
        let configuration = run.configuration
        return Manifest(
            program: "flowmatch \(Version.current)", model: configuration.model.kindName,
            labels: .init(classes: run.network.classCount, none: run.network.nullLabel),
            sampling: .init(
                solver: configuration.solver.kindName, times: configuration.samplingTimes,
                guidance: configuration.guidance.kindName, guidanceScale: guidance,
                evaluations: programs.sampler.evaluations),
            sampler: Manifest.Function(Self.programFile, programs.sampler, result: "images"),
            noise: Manifest.Function(Self.noiseFile, programs.noise, result: "noise"), weights: Self.weightsFile,
            use: [
                "Each file is one StableHLO module; compile it and call `main` with the arguments in their order.",
                "An argument of role `weight` is the tensor of its name in \(Self.weightsFile).",
                "\(Self.noiseFile) makes the noise of images first, first + 1, ... of a seed; any standard normal numbers do.",
                "Images are (batch, channels, height, width) in [-1, 1] and a little beyond: 255 (x + 1) / 2 is a byte.",
            ])
    }

    /// The description of the folder.
    private struct Manifest: Encodable {
        let format = 1
        let program: String
        let model: String
        let labels: Labels
        let sampling: Sampling
        let sampler: Function
        let noise: Function
        let weights: String
        let use: [String]

        struct Labels: Encodable {
            let classes: Int
            let none: Int
        }

        struct Sampling: Encodable {
            let solver: String
            let times: [Double]
            let guidance: String
            let guidanceScale: Double
            let evaluations: Int
        }

        struct Function: Encodable {
            let file: String
            let arguments: [Value]
            let results: [Value]

            struct Value: Encodable {
                let name: String
                let shape: [Int]
                let type: String
                var role: SamplerProgram.Role?

                init(_ name: String, _ type: TensorType, _ role: SamplerProgram.Role? = nil) {
                    self.name = name
                    shape = type.shape
                    self.type = "\(type.elementType)"
                    self.role = role
                }
            }

            init(_ file: String, _ program: SamplerProgram, result: String) {
                self.file = file
                arguments = program.arguments.map { Value($0.name, $0.type, $0.role) }
                results = program.program.resultTypes.map { Value(result, $0) }
            }
        }
    }
}

extension JSONEncoder {
    /// For people too: indented, keys in snake case and in order.
    fileprivate static var readable: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return encoder
    }
}
