import Foundation
public import Settings

/// Images in files as MNIST's are, whatever they show.
public struct IDXFolder: DatasetSource {
    public static let name = "idx"
    public static let title = "IDX files"
    public static let summary = "Four IDX files as MNIST's, in a folder of your own: 28 x 28 pixels, ten classes."

    @Setting("The folder of the four IDX files, plain or .gz.", role: .recording) public var folder = ""

    public init() {}

    public func conflicts() -> [SettingConflict] {
        folder.isEmpty ? [SettingConflict("folder", mustBe: "the path of a folder with IDX files")] : []
    }

    public func load(_ split: DatasetSplit, _ places: DatasetPlaces) throws(DatasetError) -> ImageDataset {
        let folder = try places.folder(named: folder, usual: "", isNamedByEnvironment: false)
        return try IDXDataset(
            name: "IDX files of \(folder.lastPathComponent)", classNames: (0..<10).map { "\($0)" }, folderName: "MNIST"
        )
        .load(split, from: folder)
    }
}
