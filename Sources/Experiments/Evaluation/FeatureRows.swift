import Formats
import Foundation
import Quality
import Training

/// Features and classes of images in a file, as far as they have been computed: what an evaluation goes on with, and what
/// other programs can compute figures from. Tensors `features` (images, dimensions) and `probabilities` (images, classes),
/// float32.
struct FeatureRows {
    private(set) var features: FeatureSet
    private(set) var probabilities: [Double]
    /// How often the network was evaluated for an image; 0 where that is not known yet, or nothing was drawn.
    var evaluations: Int
    let classCount: Int
    private let url: URL
    private let identity: String

    var count: Int { features.count }

    var scores: ClassScores { ClassScores(probabilities, classCount: classCount) }

    /// The rows of a file that was begun with the same settings; none where there is no such file or it is damaged.
    ///
    /// - Parameter identity: everything that decides the rows
    init(_ url: URL, identity: String, classCount: Int) {
        self.url = url
        self.identity = identity
        self.classCount = classCount
        let found = FeatureRows.read(url, identity, classCount)
        features = FeatureSet(found?.features ?? [], dimensions: FeatureNetwork.dimensions)
        probabilities = found?.probabilities ?? []
        evaluations = found?.evaluations ?? 0
    }

    private static func read(
        _ url: URL, _ identity: String, _ classCount: Int
    ) -> (features: [Double], probabilities: [Double], evaluations: Int)? {
        guard let file = try? SafetensorsFile(contentsOf: url), file.metadata["identity"] == identity,
            let features = file["features"], let probabilities = file["probabilities"],
            features.shape.count == 2, features.shape[1] == FeatureNetwork.dimensions,
            probabilities.shape == [features.shape[0], classCount],
            let rows = try? features.values(as: Float.self), let classes = try? probabilities.values(as: Float.self)
        else { return nil }
        return (
            rows.map(Double.init), classes.map(Double.init), file.metadata["evaluations"].flatMap { Int($0) } ?? 0
        )
    }

    mutating func append(_ reading: FeatureExtractor.Reading) {
        features.append(reading.features)
        probabilities += reading.scores.probabilities
    }

    /// Writes all rows, atomically.
    func write() throws {
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try SafetensorsFile.write(
            [
                TensorEntry(
                    name: "features", shape: [count, FeatureNetwork.dimensions],
                    values: features.values.map { Float($0) }),
                TensorEntry(
                    name: "probabilities", shape: [count, classCount], values: probabilities.map { Float($0) }),
            ],
            metadata: [
                "format": "flowmatch features of images", "identity": identity, "evaluations": "\(evaluations)",
            ], to: url)
    }
}
