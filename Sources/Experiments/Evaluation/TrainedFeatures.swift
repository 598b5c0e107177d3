public import Compute
public import Datasets
import Formats
public import Foundation
import NN
public import Quality
import Training

/// A feature network with its weights, and what it was trained on: part of what a figure is made with.
public struct TrainedFeatures: Sendable {
    /// Images to features.
    public let network: FeatureNetwork
    /// Its trained weights, in the order of its parameter tree.
    public let weights: [DeviceArray]
    /// What tells these features from others.
    public let identity: Identity

    /// What two figures must have in common.
    public struct Identity: Sendable, Equatable, Codable {
        /// The data set's name and side, and the version of the network.
        public let name: String
        /// SHA-256 of the file.
        public let checksum: String
        /// Of the training images; see ``ContentChecksum``.
        public let dataChecksum: String
        /// The share of test images whose class the network reads.
        public let testAccuracy: Double
    }

    /// Where the features are that come with this program.
    public static var folder: URL { SetUpFolder.url.appendingPathComponent("features", isDirectory: true) }

    /// The version of the network's form and of its training.
    static let version = 1

    /// Reads a file that ``write(_:to:)`` wrote.
    ///
    /// - Throws: ``EvaluationError/noFeatures(path:)`` for a file of another kind, or what is wrong with it.
    public init(_ url: URL, on engine: Engine) throws {
        let file = try SafetensorsFile(contentsOf: url)
        guard let header = Header(file.metadata), header.version == TrainedFeatures.version else {
            throw EvaluationError.noFeatures(path: url.relativePath)
        }
        network = FeatureNetwork(imageShape: header.imageShape, classCount: header.classCount)
        weights = try WeightFile.read(url, ParameterTree(of: network), on: engine)
        identity = Identity(
            name: header.name, checksum: try FileChecksum.text(of: url),
            dataChecksum: header.dataChecksum, testAccuracy: header.testAccuracy)
    }

    /// The features that were trained on the images of a data set at a side.
    ///
    /// - Parameters:
    ///   - data: the images that are to be compared
    ///   - url: the file that a person names; left out, the folder is looked through
    ///   - folder: holds the features that come with this program
    ///   - engine: where the weights are put
    /// - Throws: ``EvaluationError/noFeaturesFor(_:)`` where there are none.
    public init(for data: DatasetIdentity, _ url: URL?, in folder: URL, on engine: Engine) throws {
        let shape = [data.channels, data.side, data.side]
        func fits(_ url: URL) -> Bool {
            guard let file = try? SafetensorsFile(contentsOf: url), let header = Header(file.metadata) else {
                return false
            }
            return header.dataChecksum == data.checksum && header.imageShape == shape
        }
        let shipped = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        let found = url ?? shipped.sorted { $0.path < $1.path }.first(where: fits)
        guard let found else { throw EvaluationError.noFeaturesFor(data) }
        try self.init(found, on: engine)
        guard network.imageShape == shape else {
            throw EvaluationError.featuresOfOtherImages(
                path: found.relativePath, features: network.imageShape, images: shape)
        }
    }

    /// Writes what a training gave.
    static func write(
        _ weights: [DeviceArray], of network: FeatureNetwork, data: DatasetIdentity, testAccuracy: Double, to url: URL
    ) throws {
        let header = Header(
            name: "\(data.name) \(data.side) x \(data.side), version \(version)", version: version,
            imageShape: network.imageShape, classCount: network.classCount, dataChecksum: data.checksum,
            testAccuracy: testAccuracy)
        try WeightFile.write(weights, ParameterTree(of: network), metadata: header.metadata, to: url)
    }
}

/// What stands in the file of a feature network beside its weights.
private struct Header {
    let name: String
    let version: Int
    let imageShape: [Int]
    let classCount: Int
    let dataChecksum: String
    let testAccuracy: Double

    private static let format = "flowmatch features"
}

extension Header {
    init?(_ metadata: [String: String]) {
        guard metadata["format"] == Header.format, let name = metadata["name"],
            let version = metadata["version"].flatMap({ Int($0) }),
            let classes = metadata["classes"].flatMap({ Int($0) }), (2...65_536).contains(classes),
            let data = metadata["data_checksum"], let accuracy = metadata["test_accuracy"].flatMap({ Double($0) }),
            let shape = metadata["image_shape"]?.split(separator: " ").map({ Int($0) ?? 0 }), shape.count == 3,
            shape.allSatisfy((1...4096).contains)
        else { return nil }
        self.init(
            name: name, version: version, imageShape: shape, classCount: classes, dataChecksum: data,
            testAccuracy: accuracy)
    }

    var metadata: [String: String] {
        [
            "format": Header.format, "name": name, "version": "\(version)", "classes": "\(classCount)",
            "image_shape": imageShape.map { "\($0)" }.joined(separator: " "), "data_checksum": dataChecksum,
            "test_accuracy": "\(testAccuracy)",
        ]
    }
}
