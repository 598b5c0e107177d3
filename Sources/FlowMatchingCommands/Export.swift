public import ArgumentParser
public import Experiments
import Flows
import Foundation
import Measurements
import Settings
import Training
import Verification

struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a run for other programs: its weights, or its whole sampler.",
        discussion: """
            safetensors is PyTorch's state_dict in a file: `load_state_dict(strict=True)` of the same network takes it, and \
            JAX reads it with safetensors.flax. The averaged weights are written, or with --no-ema the weights themselves. \
            stablehlo is a folder with the way from noise to images as one program in the language of XLA's compilers, its \
            weights, and manifest.json, which says how it is called: a sampler that needs neither this program nor Swift. \
            Its solver, steps and guidance are the run's own, or those that are given here.
            """)

    /// What is written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case safetensors
        case stablehlo
    }

    @OptionGroup var trained: RunOptions

    @Option(help: "What to write: the weights in a file, or the sampler in a folder.")
    var format = Format.safetensors

    @Option(help: "The file or folder to write.", completion: .file())
    var out: String

    @Option(help: "How the weights' numbers are written. (default: fp32)")
    var dtype: ExportedWeights.NumberType?

    @Option(
        help:
            "Also write inputs x, t, y and the network's velocity for them, to check a program that loads the weights.",
        completion: .file(extensions: ["safetensors"]))
    var probe: String?

    @Option(help: "Images that the sampler draws at once, a part of its program.")
    var batchSize: Int?

    @Option(help: "Guidance scale that manifest.json proposes; at 1 the program takes no other and costs half.")
    var guidance: Double?

    @Option(knob: "solver") var solver: Assignment?
    @Option(knob: "sampling.steps") var steps: Assignment?

    @OptionGroup var field: FieldOptions

    @OptionGroup(title: "Device") var device: DeviceOptions
    @OptionGroup var precision: PrecisionOptions

    private static let batchSizes = 1...65_536

    func validate() throws {
        switch format {
        case .safetensors:
            guard batchSize == nil, guidance == nil, solver == nil, steps == nil, field.set.isEmpty else {
                throw ValidationError("Weights have no sampling: add --format stablehlo.")
            }
        case .stablehlo:
            guard probe == nil else { throw ValidationError("--probe checks weights: --format safetensors.") }
            guard dtype == nil else { throw ValidationError("--dtype is for weights: --format safetensors.") }
            guard batchSize.map(Export.batchSizes.contains) ?? true else {
                throw ValidationError("--batch-size must be from 1 to \(Export.batchSizes.upperBound).")
            }
            guard guidance?.isFinite ?? true else { throw ValidationError("--guidance must be a number.") }
        }
    }

    func run() throws {
        switch format {
        case .safetensors: try exportWeights()
        case .stablehlo: try exportSampler()
        }
    }

    private func exportWeights() throws {
        let weights = try ExportedWeights(
            trained.folder, step: trained.checkpoint, averaged: !field.noEma, as: dtype ?? .float32)
        for notice in weights.notices { Terminal.note(notice) }
        try weights.write(to: URL(fileURLWithPath: out))
        if let probe {
            let engine = try device.engine(precision.precision)
            try VelocityProbe.write(
                weights.network, weights: weights.arrays(on: engine), to: URL(fileURLWithPath: probe), on: engine)
        }
        let type = dtype.map { ", \($0.rawValue)" } ?? ""
        try Terminal.print(
            "\(out): \(weights.tensorCount) tensors, \(DecimalText.grouped(weights.parameterCount)) parameters\(type)")
    }

    private func exportSampler() throws {
        let flags = field.texts(assignments)
        let run = try flags.resolved { changes in
            try SamplingRun(trained.folder, changes: changes, checkpoint: trained.checkpoint) {
                try device.engine(precision.precision)
            }
        }
        let sampler = ExportedSampler(
            run, batchSize: batchSize ?? 16, guidance: guidance ?? run.configuration.guidance.scale)
        let evaluations = try sampler.write(to: URL(fileURLWithPath: out, isDirectory: true))
        try Terminal.print(
            "\(out): \(ExportedSampler.files.joined(separator: ", "))  (\(evaluations) network evaluations an image)")
    }
}

extension ExportedWeights.NumberType: ExpressibleByArgument {}
