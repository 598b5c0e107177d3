import Formats
import Foundation

/// IDX files in a folder, named as MNIST's are: images and labels of a split each.
struct IDXFiles {
    /// For errors and for the loaded value.
    let name: String
    let folder: URL
    /// torchvision's name of the folder that holds `raw`.
    let folderName: String

    /// The images of a split with their labels.
    ///
    /// - Parameters:
    ///   - classNames: of the classes; nil for numbers, up to the largest label of this split or of `otherLabels`
    ///   - otherLabels: labels of the other split
    func load(
        _ split: DatasetSplit, classNames: [String]?, otherLabels: [Int32] = []
    ) throws(DatasetError) -> ImageDataset {
        let (file, images) = try images(split)
        let labels = try labels(split)
        let title = "\(name) (\(split.rawValue))"
        let axes = try ImageAxes(images.shape, source: file.path)
        guard axes.count == labels.count else {
            throw .countMismatch(dataset: title, images: axes.count, labels: labels.count)
        }
        return try ImageDataset(
            name: name, split: split, channels: axes.channels, width: axes.width, height: axes.height,
            images: axes.planar(images.values), labels: labels,
            classNames: classNames ?? ClassNames.numbers(for: labels + otherLabels))
    }

    /// Whether there are files of a split.
    func has(_ split: DatasetSplit) -> Bool { find(split, "images", ranks: [3, 4]) != nil }

    func labels(_ split: DatasetSplit) throws(DatasetError) -> [Int32] {
        try read(locate(split, "labels", ranks: [1]), rank: 1).values.map { Int32($0) }
    }

    private func images(_ split: DatasetSplit) throws(DatasetError) -> (file: URL, images: IDXFile) {
        let file = try locate(split, "images", ranks: [3, 4])
        return (file, try read(file, rank: nil))
    }

    private func locate(_ split: DatasetSplit, _ what: String, ranks: [Int]) throws(DatasetError) -> URL {
        guard let file = find(split, what, ranks: ranks) else {
            let missing = "\(prefix(split))-\(what)-idx\(ranks[0])-ubyte"
            throw .fileMissing(dataset: name, folder: folder.path, file: missing)
        }
        return file
    }

    private func prefix(_ split: DatasetSplit) -> String { split == .train ? "train" : "t10k" }

    /// The first of the usual places and names that exists.
    private func find(_ split: DatasetSplit, _ what: String, ranks: [Int]) -> URL? {
        for place in ["", "raw", folderName, "\(folderName)/raw"] {
            let parent = place.isEmpty ? folder : folder.appendingPathComponent(place, isDirectory: true)
            for rank in ranks {
                for separator in ["-", "."] {
                    for suffix in ["", ".gz"] {
                        let name = "\(prefix(split))-\(what)\(separator)idx\(rank)-ubyte\(suffix)"
                        let file = parent.appendingPathComponent(name)
                        if FileManager.default.fileExists(atPath: file.path) { return file }
                    }
                }
            }
        }
        return nil
    }

    private func read(_ file: URL, rank: Int?) throws(DatasetError) -> IDXFile {
        try DatasetError.wrapping { () throws(FormatError) in try IDXFile(contentsOf: file, rank: rank) }
    }
}
