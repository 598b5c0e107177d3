import Foundation
public import Settings

/// A folder of pictures, one subfolder a class, whatever they show.
public struct ImageFolder: DatasetSource {
    public static let name = "folder"
    public static let title = "Image folder"
    public static let summary =
        "PNG and JPEG files in a folder of your own: one subfolder a class, in train and test or all together."

    @Setting("The folder of the pictures.", role: .recording) public var folder = ""
    @Setting(ImageFit.summary) public var fit = ImageFit.crop
    @Setting(Background.summary, Background.range) public var background = [255]
    @Setting("What becomes of colours; auto: gray where all pictures are gray, else colour.")
    public var colors = PictureColors.auto
    @Setting(SeededSplit.fractionSummary, .from(0.001, through: 0.9)) public var testFraction = 0.1
    @Setting(SeededSplit.seedSummary) public var splitSeed: UInt64 = 0
    @Setting("Whether pictures that cannot be read are left out; else they are named and nothing is trained.")
    public var skipUnreadable = false

    public init() {}

    public func conflicts() -> [SettingConflict] {
        folder.isEmpty ? [SettingConflict("folder", mustBe: "the path of a folder of pictures")] : []
    }

    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset {
        guard !folder.isEmpty else { throw .unnamed(kind: Self.name) }
        let folder = try DatasetPlaces.existing(URL(fileURLWithPath: folder, isDirectory: true), .setting)
        let listing = try FolderListing(folder)
        for note in listing.notes { onEvent(.note(note)) }
        let hasParts = listing.hasParts
        let files = listing.files.filter { !hasParts || $0.split == split }
        guard !files.isEmpty else { throw .noPictures(folder: folder.path, others: 0) }
        let form = PictureForm(side: side, fit: fit, background: Background(background), colors: colors)
        let decoding = FolderDecoding(
            folder: folder, files: files, form: form, skipsUnreadable: skipUnreadable,
            libraries: places.pictureLibraries)
        let decoded = try DecodedCache(places.cacheFolder).decoded(decoding, onEvent)
        if !decoded.leftOut.isEmpty {
            onEvent(.note("\(decoded.leftOut.count) of \(files.count) pictures cannot be read and are left out"))
        }
        return try decoded.dataset(
            name: folder.lastPathComponent, classNames: listing.classNames, form,
            hasParts ? .files(split) : .drawn(split, SeededSplit(fraction: testFraction, seed: splitSeed)))
    }

    public func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts {
        .absent(remedy: "--data FOLDER, with PNG and JPEG files in one subfolder a class")
    }
}
