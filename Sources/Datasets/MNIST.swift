public import Settings

/// The handwritten digits of LeCun, Cortes and Burges: 60,000 training and 10,000 test images of 28 x 28 pixels.
public struct MNIST: DatasetSource {
    public static let name = "mnist"
    public static let title = "MNIST"
    public static let summary = "Handwritten digits: 60,000 training and 10,000 test images of 28 x 28 pixels."

    @Setting(
        "The folder of the four IDX files, plain or .gz; empty: $FLOWMATCH_DATA, then what `make setup` fetched.",
        role: .recording)
    public var folder = ""

    public var knownForm: ImageForm? { ImageForm(channels: 1, classCount: 10) }

    public init() {}

    public func load(_ split: DatasetSplit, _ places: DatasetPlaces) throws(DatasetError) -> ImageDataset {
        let folder = try places.folder(named: folder, usual: "mnist", isNamedByEnvironment: true)
        return try IDXDataset(name: Self.title, classNames: (0..<10).map { "\($0)" }, folderName: "MNIST")
            .load(split, from: folder)
    }
}
