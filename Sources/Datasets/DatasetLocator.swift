public import Foundation

/// Finds the folder of a data set: the one named by `--data`, else by `FLOWMATCH_DATA`, else that of `make setup`.
public enum DatasetLocator {
    /// Who named a folder.
    public enum Origin: Sendable {
        /// The command line's `--data`.
        case option
        /// The environment variable `FLOWMATCH_DATA`.
        case environment
        /// Nobody: where `make setup` puts MNIST.
        case setup
    }

    /// The environment variable that names the folder.
    public static let environmentName = "FLOWMATCH_DATA"
    /// Where MNIST is, below the set-up folder.
    public static let setupPath = "data/mnist"

    /// The data set's folder, which exists.
    ///
    /// - Parameters:
    ///   - option: the value of `--data`, if given.
    ///   - environment: the process's variables.
    ///   - setUpFolder: the folder that `make setup` fills, which `setupPath` is below.
    /// - Throws: `DatasetError.folderMissing`, saying what to do.
    public static func folder(
        option: String?, environment: [String: String] = ProcessInfo.processInfo.environment, setUpFolder: URL
    ) throws(DatasetError) -> URL {
        let (folder, origin) = candidate(option: option, environment: environment, setUpFolder: setUpFolder)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw .folderMissing(folder: folder.path, origin: origin)
        }
        return folder
    }

    private static func candidate(
        option: String?, environment: [String: String], setUpFolder: URL
    ) -> (folder: URL, origin: Origin) {
        if let option { return (URL(fileURLWithPath: option, isDirectory: true), .option) }
        // An empty variable counts as unset.
        if let named = environment[environmentName], !named.isEmpty {
            return (URL(fileURLWithPath: named, isDirectory: true), .environment)
        }
        return (setUpFolder.appendingPathComponent(setupPath, isDirectory: true), .setup)
    }
}
