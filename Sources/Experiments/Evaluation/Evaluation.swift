import Formats
public import Foundation
public import Training

/// The quality of a run's images at one setting of the sampling.
public struct Evaluation: Codable, Sendable, Equatable {
    /// What the images were drawn with: checkpoint, weights, solver, steps, guidance, seed.
    public let settings: [String: String]
    /// Of the images.
    public let quality: ImageQuality
    /// The same figures of real images.
    public let floor: Floor
    /// How likely the network finds real images; nil where nobody asked.
    public let bitsPerDimension: LikelihoodFigure?
    /// How often the network was evaluated for an image.
    public let evaluationsPerImage: Int
    /// Paths in the run's folder: the images that are nearest to a training image above it; those that the classifier is most
    /// sure of; those that it is least sure of.
    public let pictures: [String]

    /// What no model can be expected to beat.
    public struct Floor: Sendable, Equatable {
        /// As many real images as were drawn, or all there are, in the place of generated ones: training images against
        /// the test split, and test images against the training split.
        public let real: ImageQuality
        /// The Frechet distance between two halves of the test split.
        public let halvesOfTest: Figure
    }
}

extension Evaluation.Floor: Codable {
    private enum Key: String, CodingKey { case real, halvesOfTest }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            real: try container.decode(ImageQuality.self, forKey: .real),
            halvesOfTest: try container.decode(Figure.self, forKey: .halvesOfTest))
    }

    /// The Frechet distance of the real images stands in front, as most readers want no other.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(real, forKey: .real)
        try container.encode(halvesOfTest, forKey: .halvesOfTest)
        try real.frechet.encode(to: encoder)
    }
}

/// `evaluation.json` of a run: the last evaluation's figures, and those of other settings.
public struct EvaluationFile: Sendable, Equatable {
    /// The last one first.
    public private(set) var evaluations: [Evaluation]
    /// Of the file; it need not exist.
    public let url: URL

    /// The form of the file.
    static let format = 1

    /// - Throws: ``EvaluationError/malformed(path:)``
    public init(of folder: RunFolder) throws {
        url = folder.url.appendingPathComponent("evaluation.json")
        guard FileManager.default.fileExists(atPath: url.path) else {
            evaluations = []
            return
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let content = try? decoder.decode(Content.self, from: try Data(contentsOf: url)),
            content.format == EvaluationFile.format
        else { throw EvaluationError.malformed(path: url.relativePath) }
        evaluations = [content.last] + content.others
    }

    /// Puts an evaluation in front, in place of an earlier one of the same settings, and writes the file.
    public mutating func record(_ evaluation: Evaluation) throws {
        let others = evaluations.filter { $0.settings != evaluation.settings }
        evaluations = [evaluation] + others
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try AtomicFile.write(
            [UInt8](try encoder.encode(Content(format: EvaluationFile.format, last: evaluation, others: others))),
            to: url)
    }

    /// What stands in the file: the last evaluation's figures at the top, as most readers want no other.
    private struct Content: Codable {
        let format: Int
        let last: Evaluation
        let others: [Evaluation]

        private enum Key: String, CodingKey { case format, program, others }

        init(format: Int, last: Evaluation, others: [Evaluation]) {
            self.format = format
            self.last = last
            self.others = others
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            format = try container.decode(Int.self, forKey: .format)
            others = try container.decode([Evaluation].self, forKey: .others)
            last = try Evaluation(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(format, forKey: .format)
            try container.encode("flowmatch \(Version.current)", forKey: .program)
            try container.encode(others, forKey: .others)
            try last.encode(to: encoder)
        }
    }

    // Figures stand beside the settings, without a level of their own.
    fileprivate enum EvaluationKey: String, CodingKey {
        case settings, floor, bitsPerDimension, evaluationsPerImage, pictures
    }
}

extension Evaluation {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: EvaluationFile.EvaluationKey.self)
        self.init(
            settings: try container.decode([String: String].self, forKey: .settings),
            quality: try ImageQuality(from: decoder), floor: try container.decode(Floor.self, forKey: .floor),
            bitsPerDimension: try container.decodeIfPresent(LikelihoodFigure.self, forKey: .bitsPerDimension),
            evaluationsPerImage: try container.decode(Int.self, forKey: .evaluationsPerImage),
            pictures: try container.decode([String].self, forKey: .pictures))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: EvaluationFile.EvaluationKey.self)
        try container.encode(settings, forKey: .settings)
        try container.encode(floor, forKey: .floor)
        try container.encodeIfPresent(bitsPerDimension, forKey: .bitsPerDimension)
        try container.encode(evaluationsPerImage, forKey: .evaluationsPerImage)
        try container.encode(pictures, forKey: .pictures)
        try quality.encode(to: encoder)
    }
}
