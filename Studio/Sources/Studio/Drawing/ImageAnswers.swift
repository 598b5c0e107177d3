import Compute
import Datasets
import Experiments
import Flows
import Foundation
import HTTPTypes
import Quality
import Sampling
import Settings
import Training

/// What is found out about single images: the noise that a run makes them of, how likely it finds them, and what a classifier
/// reads in them.
///
/// Each takes as long as many steps of a drawing, so that they are computed on a thread of their own.
actor ImageAnswers {
    private let thread: ComputeThread
    private let laboratory: Laboratory
    private let noises: KeptNoises
    /// Where feature networks are.
    private let features: URL
    private var inversions: [(key: Laboratory.Weights, program: RunInversion)] = []
    private var likelihoods: [(key: Laboratory.Weights, program: ImageLikelihood)] = []
    private var readers: [(key: [String], program: Reader)] = []

    /// Programs of a kind that are kept.
    private static let most = 4

    private struct Reader {
        let extractor: FeatureExtractor
        let identity: TrainedFeatures.Identity
    }

    init(_ laboratory: Laboratory, _ noises: KeptNoises, features: URL, niceness: Int) {
        self.laboratory = laboratory
        self.noises = noises
        self.features = features
        thread = ComputeThread(niceness: niceness)
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// The noise of an image, found without guidance.
    struct NoiseAnswer: Encodable {
        /// Of ``KeptNoises``.
        let noise: String
        /// Bytes of the noise, in base64: 0 is -3, 255 is 3.
        let pixels: Data
        /// 0 and 1 if it is what images are drawn from.
        let mean: Double?
        let deviation: Double?
        let evaluations: Int
        let seconds: Double
    }

    /// Follows an image to its noise.
    ///
    /// - Throws: ``Refusal``, or what files and device report.
    func noise(of question: ImageQuestion) async throws -> NoiseAnswer {
        let (key, run) = try await accurateRun(question)
        let inversion = try known(&inversions, key) { try RunInversion(run, count: 1, isGuided: false) }
        let start = ContinuousClock.now
        let padding = inversion.size - 1
        let result = try inversion(
            repeated(PixelRange.normalized(question.image), padding),
            labels: [Int](repeating: question.label, count: padding + 1), guidance: 1, .toNoise)
        let noise = Array(result.points.prefix(question.image.count))
        guard noise.allSatisfy(\.isFinite) else {
            throw Refusal(.unprocessableContent, "the way back from this image leads to no finite noise")
        }
        let count = Double(noise.count)
        let mean = noise.reduce(0) { $0 + Double($1) } / count
        let squares = noise.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        return NoiseAnswer(
            noise: noises.keep(noise, of: question.name),
            pixels: Data(PixelRange.quantized(noise.map { $0 / 3 })), mean: mean.ifFinite,
            deviation: (squares / count).squareRoot().ifFinite, evaluations: result.evaluations,
            seconds: start.duration(to: .now).inSeconds)
    }

    /// How likely a run finds an image.
    struct LikelihoodAnswer: Encodable {
        let bitsPerDimension: Double?
        /// Of the bits, from the random vectors alone.
        let standardError: Double?
        let evaluations: Int
        let seconds: Double
        /// Whether it is that of the image given the label.
        let isGivenLabel: Bool
    }

    /// The likelihood of an image, as `flowmatch likelihood` computes it.
    ///
    /// - Throws: ``Refusal``, or what files and device report.
    func likelihood(of question: ImageQuestion) async throws -> LikelihoodAnswer {
        let (key, run) = try await accurateRun(question)
        let program = try known(&likelihoods, key) { try ImageLikelihood(run, count: 1) }
        let start = ContinuousClock.now
        let padding = program.size - 1
        let values = try program(
            repeated(question.image, padding), labels: [Int32](repeating: Int32(question.label), count: padding + 1))
        let nats = Double(question.image.count) * log(2.0)
        return LikelihoodAnswer(
            bitsPerDimension: values[0].bitsPerDimension.ifFinite,
            standardError: values[0].standardError.flatMap { ($0 / nats).ifFinite },
            evaluations: values[0].evaluations, seconds: start.duration(to: .now).inSeconds,
            isGivenLabel: run.configuration.likelihood.conditional && question.label < run.network.classCount)
    }

    /// What a classifier reads in an image.
    struct Opinion: Encodable {
        struct Class: Encodable {
            let name: String
            let probability: Double
        }

        /// In the order of the classes.
        let classes: [Class]
        /// The feature network, and the share of test images whose class it reads.
        let reader: String
        let accuracy: Double
    }

    /// The classifier's opinion of an image; its features are those that images are compared by.
    ///
    /// - Parameter names: of the classes; numbers where they are others
    /// - Throws: ``Refusal`` where no features fit the run's images, with the command that makes them.
    func opinion(of question: ImageQuestion, names: [String]) async throws -> Opinion {
        let file = try question.folder.file()
        guard let data = file.data else {
            throw Refusal(.conflict, "the run does not say which images it was trained on")
        }
        let key = [data.checksum, "\(question.shape)"]
        let engine = try await laboratory.device()
        let reader: Reader
        do {
            reader = try known(&readers, key) {
                let features = try TrainedFeatures(for: data, nil, in: self.features, on: engine)
                let extractor = try FeatureExtractor(
                    features.network, weights: features.weights, on: engine, batchSize: engine.device.count)
                return Reader(extractor: extractor, identity: features.identity)
            }
        } catch EvaluationError.noFeaturesFor(let data) {
            throw Refusal(
                .conflict,
                "no classifier was trained on \(data); this makes one: "
                    + ImageAnswers.command(file.configuration, side: question.shape[1], in: self.features))
        }
        let probabilities = try reader.extractor(question.image).scores.probabilities
        let hasNames = names.count == probabilities.count
        return Opinion(
            classes: probabilities.enumerated().map {
                Opinion.Class(name: hasNames ? names[$0.offset] : "\($0.offset)", probability: $0.element)
            }, reader: reader.identity.name, accuracy: reader.identity.testAccuracy)
    }

    /// What trains the features of a run's images, as a shell takes it.
    private static func command(_ configuration: RunConfiguration, side: Int, in folder: URL) -> String {
        let places = configuration.flattened().filter { ["data.folder", "data.file"].contains($0.key) }
        let place = places.map(\.value.description).first { !$0.isEmpty }
        let kind = configuration.data.kindName
        let words =
            ["flowmatch", "features", "train", "--data", place ?? kind, "--side", "\(side)"]
            + ["--out", folder.appendingPathComponent("\(kind)-\(side).safetensors").relativePath]
        return words.map(DrawingRequest.quoted).joined(separator: " ")
    }

    /// The weights of a question, with a solver whose ends are exact.
    private func accurateRun(_ question: ImageQuestion) async throws -> (Laboratory.Weights, SamplingRun) {
        let run = try await laboratory.run(
            question.name, question.folder, checkpoint: question.checkpoint, averaged: question.averaged,
            changes: [Assignment("solver", .text(DormandPrince.name), from: "solver")])
        return (.init(run: question.name, step: run.step, averaged: question.averaged), run)
    }

    private func repeated<Element>(_ image: [Element], _ padding: Int) -> [Element] {
        (0...padding).flatMap { _ in image }
    }

    private func known<Key: Equatable, Program>(
        _ kept: inout [(key: Key, program: Program)], _ key: Key, make: () throws -> Program
    ) rethrows -> Program {
        if let program = kept.first(where: { $0.key == key })?.program { return program }
        let program = try make()
        if kept.count >= ImageAnswers.most { kept.removeFirst() }
        kept.append((key, program))
        return program
    }
}
