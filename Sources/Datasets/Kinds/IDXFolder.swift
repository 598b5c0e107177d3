import Foundation
public import Settings

/// Images in files as MNIST's are, whatever they show.
public struct IDXFolder: DatasetSource {
    public static let name = "idx"
    public static let title = "IDX files"
    public static let summary =
        "IDX files named as MNIST's, in a folder of your own: any size, gray or colour, any number of classes."

    @Setting("The folder of the IDX files, plain or .gz.", role: .recording) public var folder = ""
    @Setting(ImageFit.summary) public var fit = ImageFit.crop
    @Setting(Background.summary, Background.range) public var background = [255]
    @Setting(SeededSplit.fractionSummary, .from(0.001, through: 0.9)) public var testFraction = 0.1
    @Setting(SeededSplit.seedSummary) public var splitSeed: UInt64 = 0

    public init() {}

    public func conflicts() -> [SettingConflict] {
        folder.isEmpty ? [SettingConflict("folder", mustBe: "the path of a folder with IDX files")] : []
    }

    public func load(
        _ split: DatasetSplit, side: Int, from places: DatasetPlaces, onEvent: (DatasetEvent) -> Void
    ) throws(DatasetError) -> LoadedDataset {
        guard !folder.isEmpty else { throw .unnamed(kind: Self.name) }
        let folder = try DatasetPlaces.existing(URL(fileURLWithPath: folder, isDirectory: true), .setting)
        let files = IDXFiles(name: "IDX files of \(folder.lastPathComponent)", folder: folder, folderName: "MNIST")
        let (fit, background) = (fit, Background(background))
        guard files.has(.test) else {
            let parts = SeededSplit(fraction: testFraction, seed: splitSeed)
            let all = try files.load(.train, classNames: nil)
            let images = try all.part(split, parts)
            return try LoadedDataset(
                images, split: parts.description(split), side: side, fit: fit, background: background)
        }
        let other: DatasetSplit = split == .train ? .test : .train
        let images = try files.load(split, classNames: nil, otherLabels: files.labels(other))
        return try LoadedDataset(images, split: split.rawValue, side: side, fit: fit, background: background)
    }

    public func whereabouts(in places: DatasetPlaces) -> DatasetWhereabouts {
        .absent(remedy: "--data FOLDER, with train-images-idx3-ubyte and train-labels-idx1-ubyte in it")
    }
}
