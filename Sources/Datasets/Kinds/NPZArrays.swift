import Formats
import Foundation
public import Settings

/// NumPy's archive of arrays, under the names that such files usually have.
public struct NPZArrays: DatasetSource {
    public static let name = "npz"
    public static let title = "NPZ file"
    public static let summary =
        "Arrays of an NPZ file: x_train, y_train, x_test, y_test, or images and labels; labels may be left out."

    @Setting("The NPZ file.", role: .recording) public var file = ""
    @Setting(ImageFit.summary) public var fit = ImageFit.crop
    @Setting(Background.summary, Background.range) public var background = [255]
    @Setting(SeededSplit.fractionSummary, .from(0.001, through: 0.9)) public var testFraction = 0.1
    @Setting(SeededSplit.seedSummary) public var splitSeed: UInt64 = 0

    /// Names of arrays of images with the names of their labels, as Keras, MedMNIST and plain files have them.
    private static let training = [("x_train", "y_train"), ("train_images", "train_labels")]
    private static let testing = [("x_test", "y_test"), ("test_images", "test_labels")]
    private static let whole = [("images", "labels"), ("x", "y"), ("X", "y")]

    public init() {}

    public func conflicts() -> [SettingConflict] {
        file.isEmpty ? [SettingConflict("file", mustBe: "the path of an NPZ file")] : []
    }

    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset {
        guard !file.isEmpty else { throw .unnamed(kind: Self.name) }
        let archive = try DatasetError.wrapping { () throws(FormatError) in try NPZFile(file) }
        let names = archive.names
        let (fit, background) = (fit, Background(background))
        let train = Self.training.first { names.contains($0.0) }
        let test = Self.testing.first { names.contains($0.0) }
        if let train, let test {
            let (mine, other) = split == .train ? (train, test) : (test, train)
            let images = try dataset(mine, in: archive, split, otherLabels: labels(other.1, in: archive), onEvent)
            return try LoadedDataset(images, split: split.rawValue, side: side, fit: fit, background: background)
        }
        guard let whole = train ?? Self.whole.first(where: { names.contains($0.0) }) else {
            throw .arraysMissing(file: file, names: names)
        }
        let parts = SeededSplit(fraction: testFraction, seed: splitSeed)
        let images = try dataset(whole, in: archive, split, onEvent).part(split, parts)
        return try LoadedDataset(
            images, split: parts.description(split), side: side, fit: fit, background: background)
    }

    /// The images of an array with their labels, where there are any.
    private func dataset(
        _ names: (images: String, labels: String), in archive: NPZFile, _ split: DatasetSplit,
        otherLabels: [Int32] = [], _ onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> ImageDataset {
        let array = try DatasetError.wrapping { () throws(FormatError) in try archive.array(names.images) }
        let axes = try ImageAxes(array.shape, source: "\(file): \(names.images)")
        let pixels = try DatasetError.wrapping { () throws(FormatError) in try array.pixels() }
        onEvent(.note("\(names.images): \(axes.description)"))
        let title = URL(fileURLWithPath: file).lastPathComponent
        let labels = try labels(names.labels, in: archive)
        guard labels.isEmpty || labels.count == axes.count else {
            throw .countMismatch(dataset: title, images: axes.count, labels: labels.count)
        }
        return try ImageDataset(
            name: title, split: split, channels: axes.channels, width: axes.width, height: axes.height,
            images: axes.planar(pixels),
            labels: labels.isEmpty ? [Int32](repeating: 0, count: axes.count) : labels,
            classNames: ClassNames.numbers(for: labels + (labels.isEmpty ? [] : otherLabels)))
    }

    /// The labels of an array of that name; none where there is no such array.
    private func labels(_ name: String, in archive: NPZFile) throws(DatasetError) -> [Int32] {
        guard archive.names.contains(name) else { return [] }
        let array = try DatasetError.wrapping { () throws(FormatError) in try archive.array(name) }
        // Images x 1, as some have it, is one label an image as well.
        guard array.shape.count == 1 || (array.shape.count == 2 && array.shape[1] == 1) else {
            throw .labelShape(source: "\(file): \(name)", shape: array.shape)
        }
        let integers = try DatasetError.wrapping { () throws(FormatError) in try array.integers() }
        // What does not fit is no class either.
        return integers.map { Int32(clamping: $0) }
    }

    public func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts {
        .absent(remedy: "--data FILE.npz, with x_train and y_train (x_test, y_test), or images and labels in it")
    }
}
