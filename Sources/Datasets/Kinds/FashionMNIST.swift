public import Settings

/// Zalando's articles of clothing, in ten classes: as many images as MNIST, of the same size and in the same files.
public struct FashionMNIST: DatasetSource {
    public static let name = "fashion-mnist"
    public static let title = "Fashion-MNIST"
    public static let summary = "Articles of clothing: as many images as MNIST, of the same size, and harder."

    @Setting(
        "The folder of the four IDX files, plain or .gz; empty: what `make setup-fashion` fetched.", role: .recording)
    public var folder = ""

    /// In the order of the labels.
    private static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    public var knownForm: ImageForm? { ImageForm(channels: 1, classCount: 10) }

    public init() {}

    private func files(_ places: DatasetPlaces) -> StandardIDXFiles {
        StandardIDXFiles(
            title: Self.title, folderName: "FashionMNIST", classNames: Self.classNames,
            candidate: places.candidate(named: folder, usual: "fashion-mnist", target: "setup-fashion"))
    }

    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset {
        try files(places).load(split, side: side)
    }

    public func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts { files(places).whereabouts }
}
