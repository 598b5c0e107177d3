public import Settings

/// The handwritten digits of LeCun, Cortes and Burges: 60,000 training and 10,000 test images of 28 x 28 pixels.
public struct MNIST: DatasetSource {
    public static let name = "mnist"
    public static let title = "MNIST"
    public static let summary = "Handwritten digits: 60,000 training and 10,000 test images of 28 x 28 pixels."

    /// ``DatasetIdentity/checksum`` of the training images: MNIST is what has it, whatever it is called.
    package static let trainingChecksum = "c5f380b42060541654c1e2e31e86a0e168e6228917599a8913daffe2ecf68bfe"

    @Setting(
        "The folder of the four IDX files, plain or .gz; empty: $FLOWMATCH_DATA, then what `make setup` fetched.",
        role: .recording)
    public var folder = ""

    public var knownForm: ImageForm? { ImageForm(channels: 1, classCount: 10) }

    public init() {}

    private func files(_ places: DatasetPlaces) -> StandardIDXFiles {
        StandardIDXFiles(
            title: Self.title, folderName: "MNIST", classNames: (0..<10).map { "\($0)" },
            candidate: places.candidate(named: folder, usual: "mnist", target: "setup", isNamedByEnvironment: true))
    }

    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset {
        try files(places).load(split, side: side)
    }

    public func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts { files(places).whereabouts }
}
