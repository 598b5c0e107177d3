public import Formats
import Measurements

/// What can go wrong while a report is made, read or written.
public enum ReportError: Error, Equatable, Sendable {
    /// A report names a picture that it was not given.
    case missingImage(String)
    /// A picture's name is not a plain file name that ends in `.png`.
    case fileName(String)
    /// A report's JSON cannot be read; `reason` is the decoder's.
    case unreadableReport(reason: String)
    /// A report cannot be put into JSON; `reason` is the encoder's.
    case unwritableReport(reason: String)
    /// A report's JSON is of another version of the form.
    case formatVersion(found: Int)
    /// A folder cannot be made; `reason` is the operating system's.
    case folder(path: String, reason: String)
    /// A picture or a file could not be encoded or written.
    case file(FormatError)
}

extension ReportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingImage(let file):
            "The report names the picture '\(file)', which it was not given; add it to the report's images."
        case .fileName(let name):
            "'\(name)' cannot name a report's picture; use letters, digits, '-', '_' and '.', ending in '.png'."
        case .unreadableReport(let reason):
            "This is not a report's JSON: \(reason); give the report.json of a comparison."
        case .unwritableReport(let reason):
            "The report cannot be written as JSON: \(reason); check its numbers."
        case .formatVersion(let found):
            "The report has format version \(found), and this program reads "
                + "\(Study.currentFormatVersion); use the program that wrote it."
        case .folder(let path, let reason):
            "The report's folder '\(path)' cannot be made: \(reason); choose a folder that can be written."
        case .file(let error): "\(error)"
        }
    }
}
