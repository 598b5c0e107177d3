public import Foundation
public import Settings

/// Where images come from: a kind of the data slot.
public protocol DatasetSource: SettingKind {
    /// The folder of the files; empty for the usual place.
    var folder: String { get set }

    /// What its images are like, where that is known before they are read.
    var knownForm: ImageForm? { get }

    /// Reads one split in its own size.
    ///
    /// - Throws: ``DatasetError`` for what is missing or damaged, saying what to do.
    func load(_ split: DatasetSplit, _ places: DatasetPlaces) throws(DatasetError) -> ImageDataset
}

extension DatasetSource {
    public var knownForm: ImageForm? { nil }
}

/// The kinds of data.
public enum DatasetSources {
    public static let registry = Registry<any DatasetSource>(
        "The images.",
        [
            MNIST(),
            FashionMNIST(),
            IDXFolder(),
        ])
}

/// Where data sets are on this machine when nobody names a folder.
public struct DatasetPlaces: Sendable {
    /// The variable that names MNIST's folder.
    public static let environmentName = "FLOWMATCH_DATA"

    let environment: [String: String]
    let setUpFolder: URL

    /// - Parameters:
    ///   - environment: the process's variables
    ///   - setUpFolder: the folder that `make setup` fills
    public init(environment: [String: String] = ProcessInfo.processInfo.environment, setUpFolder: URL) {
        self.environment = environment
        self.setUpFolder = setUpFolder
    }

    /// Who named a folder.
    public enum Origin: Sendable {
        /// The setting `data.folder`.
        case setting
        /// The environment variable ``environmentName``.
        case environment
        /// Nobody: where `make setup` puts data.
        case setup
    }

    /// The folder of a data set, which exists: the one named, else the environment's, else the one of `make setup`.
    ///
    /// - Parameters:
    ///   - named: by the setting; empty where it is left out
    ///   - usual: the folder's name below `data` of the set-up folder
    ///   - isNamedByEnvironment: whether ``environmentName`` means this data set
    /// - Throws: ``DatasetError/folderMissing(folder:origin:)``
    func folder(named: String, usual: String, isNamedByEnvironment: Bool) throws(DatasetError) -> URL {
        let (folder, origin) = candidate(named, usual, isNamedByEnvironment)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .folderMissing(folder: folder.path, origin: origin)
        }
        return folder
    }

    private func candidate(_ named: String, _ usual: String, _ isNamedByEnvironment: Bool) -> (URL, Origin) {
        if !named.isEmpty { return (URL(fileURLWithPath: named, isDirectory: true), .setting) }
        // An empty variable counts as unset.
        if isNamedByEnvironment, let variable = environment[DatasetPlaces.environmentName], !variable.isEmpty {
            return (URL(fileURLWithPath: variable, isDirectory: true), .environment)
        }
        return (setUpFolder.appendingPathComponent("data/\(usual)", isDirectory: true), .setup)
    }
}
