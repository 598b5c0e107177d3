import Foundation

/// A well-known data set that is distributed as MNIST is: 28 x 28 pixels, gray, its classes known.
struct StandardIDXFiles {
    private static let side = 28

    let title: String
    /// torchvision's name of the folder that holds `raw`.
    let folderName: String
    let classNames: [String]
    let candidate: (folder: URL, origin: DatasetPlaces.Origin)

    func load(_ split: DatasetSplit, side: Int) throws(DatasetError) -> LoadedDataset {
        let folder = try DatasetPlaces.existing(candidate.folder, candidate.origin)
        let dataset = try IDXFiles(name: title, folder: folder, folderName: folderName)
            .load(split, classNames: classNames)
        guard dataset.channels == 1, dataset.width == Self.side, dataset.height == Self.side else {
            throw .imageSize(
                dataset: "\(title) (\(split.rawValue))", width: dataset.width, height: dataset.height,
                expectedSide: Self.side)
        }
        return try LoadedDataset(dataset, split: split.rawValue, side: side, fit: .stretch)
    }

    var whereabouts: DatasetWhereabouts {
        let (folder, origin) = candidate
        let files = IDXFiles(name: title, folder: folder, folderName: folderName)
        if DatasetSplit.allCases.allSatisfy(files.has) { return .there(folder: folder.relativePath) }
        return switch origin {
        case .setting: .absent(remedy: "\(folder.relativePath), which data.folder names, does not have its files")
        case .environment:
            .absent(remedy: "\(folder.relativePath), which \(DatasetPlaces.environmentName) names, lacks its files")
        case .setup(let target): .absent(remedy: "run `make \(target)`")
        }
    }
}
