import Formats
import Foundation

/// A data set distributed as MNIST is: an IDX file of 28 x 28 images and one of ten kinds of labels a split.
struct IDXDataset {
    private static let side = 28

    /// For errors and for the loaded value.
    let name: String
    /// Ten of them.
    let classNames: [String]
    /// torchvision's name of the folder that holds `raw`.
    let folderName: String

    func load(_ split: DatasetSplit, from folder: URL) throws(DatasetError) -> ImageDataset {
        let prefix = split == .train ? "train" : "t10k"
        let images = try read(try locate("\(prefix)-images", "idx3-ubyte", in: folder), rank: 3)
        let labels = try read(try locate("\(prefix)-labels", "idx1-ubyte", in: folder), rank: 1)
        let title = "\(name) (\(split.rawValue))"
        guard images.shape[0] == labels.shape[0] else {
            throw .countMismatch(dataset: title, images: images.shape[0], labels: labels.shape[0])
        }
        guard images.shape[1] == Self.side, images.shape[2] == Self.side else {
            throw .imageSize(
                dataset: title, width: images.shape[2], height: images.shape[1], expectedSide: Self.side)
        }
        return try ImageDataset(
            name: name, split: split, width: Self.side, height: Self.side, images: images.values,
            labels: labels.values.map { Int32($0) }, classNames: classNames)
    }

    /// The first of the usual places and names that exists.
    private func locate(_ stem: String, _ ending: String, in folder: URL) throws(DatasetError) -> URL {
        for place in ["", "raw", folderName, "\(folderName)/raw"] {
            for separator in ["-", "."] {
                for suffix in ["", ".gz"] {
                    let parent = place.isEmpty ? folder : folder.appendingPathComponent(place, isDirectory: true)
                    let file = parent.appendingPathComponent(stem + separator + ending + suffix)
                    if FileManager.default.fileExists(atPath: file.path) { return file }
                }
            }
        }
        throw .fileMissing(dataset: name, folder: folder.path, file: "\(stem)-\(ending)")
    }

    private func read(_ file: URL, rank: Int) throws(DatasetError) -> IDXFile {
        do throws(FormatError) {
            return try IDXFile(contentsOf: file, rank: rank)
        } catch {
            throw .format(error)
        }
    }
}
