public import Settings

/// Where images come from: a kind of the data slot.
public protocol DatasetSource: SettingKind {
    /// What its images are like, where that is known before they are read.
    var knownForm: ImageForm? { get }

    /// Reads one split as square images.
    ///
    /// - Parameters:
    ///   - split: which images
    ///   - side: of the images, in pixels
    ///   - places: where data is looked for that nobody named the folder of
    ///   - onEvent: told of what takes long, and of what a person should know
    /// - Throws: ``DatasetError`` for what is missing or damaged, saying what to do.
    func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset

    /// Whether the files are there without a folder being named, or how to get or name them: a clause for a list.
    func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts
}

extension DatasetSource {
    /// Reads one split as square images.
    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces
    ) throws(DatasetError) -> LoadedDataset {
        try load(split, side: side, from: places, onEvent: { _ in })
    }
}

extension DatasetSource {
    public var knownForm: ImageForm? { nil }
}

/// The kinds of data.
public enum DatasetSources {
    /// All kinds, in the order of the manual.
    public static let registry = Registry<any DatasetSource>(
        "The images.",
        [
            MNIST(),
            FashionMNIST(),
            ImageFolder(),
            IDXFolder(),
            NPZArrays(),
        ])
}

/// What happens while a data set is loaded.
public enum DatasetEvent: Sendable, Equatable {
    /// So many pictures of a folder have been decoded.
    case decoded(Int, of: Int)
    /// A clause that a person should read, such as how many files were left out.
    case note(String)
}

/// Where a kind's files are.
public enum DatasetWhereabouts: Sendable, Equatable {
    /// In this folder.
    case there(folder: String)
    /// How to get the files, or how to name them.
    case absent(remedy: String)
}
