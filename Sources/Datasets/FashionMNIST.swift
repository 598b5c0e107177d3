public import Settings

/// Zalando's articles of clothing, in ten classes: as many images as MNIST, of the same size and in the same files.
public struct FashionMNIST: DatasetSource {
    public static let name = "fashion-mnist"
    public static let title = "Fashion-MNIST"
    public static let summary = "Articles of clothing: as many images as MNIST, of the same size, and harder."

    @Setting(
        "The folder of the four IDX files, plain or .gz; empty: data/fashion-mnist in the set-up folder.",
        role: .recording)
    public var folder = ""

    /// In the order of the labels.
    private static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    public var knownForm: ImageForm? { ImageForm(channels: 1, classCount: 10) }

    public init() {}

    public func load(_ split: DatasetSplit, _ places: DatasetPlaces) throws(DatasetError) -> ImageDataset {
        let folder = try places.folder(named: folder, usual: "fashion-mnist", isNamedByEnvironment: false)
        return try IDXDataset(name: Self.title, classNames: Self.classNames, folderName: "FashionMNIST")
            .load(split, from: folder)
    }
}
