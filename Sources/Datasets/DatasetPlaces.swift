public import Foundation

/// Where data sets are on this machine when nobody names a folder.
public struct DatasetPlaces: Sendable {
    /// The variable that names MNIST's folder.
    package static let environmentName = "FLOWMATCH_DATA"

    let environment: [String: String]
    let setUpFolder: URL
    /// Where decoded folders of pictures are kept; nil keeps none.
    let cacheFolder: URL?

    /// - Parameters:
    ///   - environment: the process's variables
    ///   - setUpFolder: the folder that `make setup` fills
    ///   - cacheFolder: of what this program can compute again; nil for none
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment, setUpFolder: URL, cacheFolder: URL? = nil
    ) {
        self.environment = environment
        self.setUpFolder = setUpFolder
        self.cacheFolder = cacheFolder
    }

    /// The folder of the libraries that decode pictures.
    var pictureLibraries: URL { setUpFolder.appendingPathComponent("pictures", isDirectory: true) }

    /// Who named a folder.
    public enum Origin: Sendable, Equatable {
        /// The setting `data.folder`.
        case setting
        /// The environment variable ``environmentName``.
        case environment
        /// Nobody: where a target of the Makefile puts data.
        case setup(target: String)
    }

    /// Where a data set is looked for: the folder named, else the environment's, else the one of the set-up.
    ///
    /// - Parameters:
    ///   - named: by the setting; empty where it is left out
    ///   - usual: the folder's name below `data` of the set-up folder
    ///   - target: of the Makefile, which fills it
    ///   - isNamedByEnvironment: whether ``environmentName`` means this data set
    func candidate(
        named: String, usual: String, target: String, isNamedByEnvironment: Bool = false
    ) -> (folder: URL, origin: Origin) {
        if !named.isEmpty { return (URL(fileURLWithPath: named, isDirectory: true), .setting) }
        // An empty variable counts as unset.
        if isNamedByEnvironment, let variable = environment[DatasetPlaces.environmentName], !variable.isEmpty {
            return (URL(fileURLWithPath: variable, isDirectory: true), .environment)
        }
        return (setUpFolder.appendingPathComponent("data/\(usual)", isDirectory: true), .setup(target: target))
    }

    /// A folder that a setting or whoever else names, which must exist.
    ///
    /// - Throws: ``DatasetError/folderMissing(folder:origin:)``
    static func existing(_ folder: URL, _ origin: Origin) throws(DatasetError) -> URL {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .folderMissing(folder: folder.path, origin: origin)
        }
        return folder
    }
}
