public import Formats

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
    /// A data set without images.
    case empty(dataset: String)
    /// A size that images cannot be resized to or from.
    case resize(width: Int, height: Int)
    /// More images than the sheet has cells, or a sheet without cells.
    case contactSheet(images: Int, rows: Int, columns: Int)
}

extension DatasetError: CustomStringConvertible {
    /// One sentence that names what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .folderMissing(let folder, .setting):
            "the data folder \(folder), given by --data or data.folder, does not exist; name the folder that holds the "
                + "IDX files"
        case .folderMissing(let folder, .environment):
            "the data folder \(folder), given by \(DatasetPlaces.environmentName), does not exist; set it to the "
                + "folder that holds the IDX files"
        case .folderMissing(let folder, .setup):
            "there is no data set in \(folder); run `make setup`, or name a folder of IDX files with --data"
        case .fileMissing(let dataset, let folder, let file):
            "\(dataset): \(folder) has no \(file), plain or .gz; run `make setup`, or name a folder of IDX files with "
                + "--data"
        case .format(let error): error.description
        case .countMismatch(let dataset, let images, let labels):
            "\(dataset): \(images) images but \(labels) labels; get the files again"
        case .labelOutOfRange(let dataset, let index, let label, let classCount):
            "\(dataset): label \(label) at position \(index) is not below \(classCount); get the files again"
        case .pixelCount(let dataset, let found, let expected):
            "\(dataset): \(found) pixels where the images take \(expected)"
        case .imageSize(let dataset, let width, let height, let side):
            "\(dataset): the images have \(width) x \(height) pixels where \(side) x \(side) were expected"
        case .empty(let dataset): "\(dataset): the files hold no image; get them again"
        case .resize(let width, let height): "images of \(width) x \(height) pixels cannot be resized to or from"
        case .contactSheet(let images, let rows, let columns):
            "\(images) images do not fit a contact sheet of \(rows) rows by \(columns) columns"
        }
    }
}
