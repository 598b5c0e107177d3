import Basis
public import Formats
import Foundation

/// Everything that can go wrong between a folder on disk and a data set in memory.
public enum DatasetError: Error, Equatable, Sendable {
    /// No folder holds the data set; `origin` says who named `folder`.
    case folderMissing(folder: String, origin: DatasetPlaces.Origin)
    /// `folder` exists but lacks `file` under any of its usual names.
    case fileMissing(dataset: String, folder: String, file: String)
    /// A file cannot be read or breaks its format.
    case format(FormatError)
    /// Images and labels differ in number.
    case countMismatch(dataset: String, images: Int, labels: Int)
    /// A label is not below the number of classes.
    case labelOutOfRange(dataset: String, index: Int, label: Int, classCount: Int)
    /// The pixels are not `count` images of this size.
    case pixelCount(dataset: String, found: Int, expected: Int)
    /// The images have another size than the data set's.
    case imageSize(dataset: String, width: Int, height: Int, expectedSide: Int)
    /// More bytes than the machine has memory.
    case noRoom(dataset: String, count: Int, side: Int)
    /// A data set without images.
    case empty(dataset: String)
    /// A size that images cannot be resized to or from.
    case resize(width: Int, height: Int)
    /// A kind of data that is nowhere unless it is named.
    case unnamed(kind: String)
    /// An array whose shape is not that of images.
    case imageAxes(source: String, shape: [Int])
    /// An array whose shape is not that of labels.
    case labelShape(source: String, shape: [Int])
    /// An NPZ file without arrays of the usual names.
    case arraysMissing(file: String, names: [String])
    /// One image cannot be both for training and for testing.
    case notToBeSplit(dataset: String)
    /// A folder without a picture.
    case noPictures(folder: String, others: Int)
    /// A folder with pictures both in it and in its subfolders.
    case mixedFolder(folder: String, beside: Int)
    /// Files that cannot be read as pictures, all of them.
    case unreadable(folder: String, [UnreadableFile], of: Int)
    /// More images than the sheet has cells, or a sheet without cells.
    case contactSheet(images: Int, rows: Int, columns: Int)
}

/// A file of a folder of pictures that cannot be read as one.
public struct UnreadableFile: Equatable, Sendable, Codable {
    /// Below the folder.
    public let path: String
    /// A clause.
    public let reason: String
}

extension DatasetError {
    /// What `work` makes, its error as a data set's.
    static func wrapping<Value>(_ work: () throws(FormatError) -> Value) throws(DatasetError) -> Value {
        do { return try work() } catch { throw .format(error) }
    }

    /// How many unreadable files are named.
    private static let mostNamed = 20

    private static func list(_ files: [UnreadableFile]) -> String {
        let named = files.prefix(mostNamed).map { "\n  \($0.path): \($0.reason)" }.joined()
        return files.count > mostNamed ? named + "\n  and \(files.count - mostNamed) more" : named
    }
}

extension DatasetError {
    /// Throws where so many images are more bytes than the machine has memory.
    static func checkRoom(for count: Int, channels: Int, side: Int, of dataset: String) throws(DatasetError) {
        guard let bytes = [count, channels, side, side].checkedProduct,
            UInt64(bytes) < ProcessInfo.processInfo.physicalMemory
        else {
            throw .noRoom(dataset: dataset, count: count, side: side)
        }
    }
}

extension DatasetError: CustomStringConvertible {
    /// One sentence that names what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .folderMissing(let folder, .setting):
            "the data folder \(folder), given by --data or data.folder, is no folder; name one that is there"
        case .folderMissing(let folder, .environment):
            "the data folder \(folder), given by \(DatasetPlaces.environmentName), does not exist; set it to the "
                + "folder that holds the IDX files"
        case .folderMissing(let folder, .setup(let target)):
            "there is no data set in \(folder); run `make \(target)`, or name data of your own with --data"
        case .fileMissing(let dataset, let folder, let file):
            "\(dataset): \(folder) has no \(file), plain or .gz; run `make setup`, or name data of your own with --data "
                + "(`flowmatch data` says what there is)"
        case .format(let error): error.description
        case .countMismatch(let dataset, let images, let labels):
            "\(dataset): \(images) images but \(labels) labels; get the files again"
        case .labelOutOfRange(let dataset, let index, let label, let classCount):
            "\(dataset): label \(label) at position \(index) is no class"
                + (classCount > 0 ? ": there are \(classCount), from 0" : "; classes are numbers from 0 to 65,535")
        case .pixelCount(let dataset, let found, let expected):
            "\(dataset): \(found) pixels where the images take \(expected)"
        case .imageSize(let dataset, let width, let height, let side):
            "\(dataset): the images have \(width) x \(height) pixels where \(side) x \(side) were expected"
        case .noRoom(let dataset, let count, let side):
            "\(dataset): \(count) images of \(side) x \(side) pixels are more than this machine's memory; set a smaller "
                + "model.image_size"
        case .empty(let dataset): "\(dataset): the files hold no image; get them again"
        case .resize(let width, let height): "images of \(width) x \(height) pixels cannot be resized to or from"
        case .unnamed(let kind): "there is no \(kind) data unless it is named: --data with its path"
        case .imageAxes(let source, let shape):
            "\(source) has the shape \(shape), which is not that of images: images x rows x columns, with 1 or 3 "
                + "channels at the end or after the images"
        case .labelShape(let source, let shape):
            "\(source) has the shape \(shape) where one label an image was expected"
        case .arraysMissing(let file, let names):
            "\(file) has no array named x_train, train_images, images or x; it has "
                + (names.isEmpty ? "none" : names.prefix(20).joined(separator: ", "))
        case .notToBeSplit(let dataset):
            "\(dataset): one image alone cannot be both for training and for testing; add images, or leave the held-out loss "
                + "out with --validate-every 0"
        case .noPictures(let folder, let others):
            "\(folder) holds no PNG or JPEG file"
                + (others > 0 ? " (but \(others) other \(others == 1 ? "file" : "files"))" : "")
                + "; name a folder of pictures, one subfolder a class, or of IDX files"
        case .mixedFolder(let folder, let beside):
            "\(folder) holds \(beside) \(beside == 1 ? "picture" : "pictures") beside subfolders of pictures; move them "
                + "into the subfolder of their class, or elsewhere"
        case .unreadable(let folder, let files, let total):
            "\(files.count) of the \(total) pictures of \(folder) cannot be read; mend or remove them, or leave them out "
                + "with --skip-unreadable:" + DatasetError.list(files)
        case .contactSheet(let images, let rows, let columns):
            "\(images) images do not fit a contact sheet of \(rows) rows by \(columns) columns"
        }
    }
}
