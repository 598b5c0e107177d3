import Settings
import Training

/// The settings that weights mean nothing without, in the metadata of an exported file: the network, and what it was trained
/// to give. Programs that do not know them pass over them.
enum ExportedSettings {
    private static let prefix = "flowmatch."
    private static let slots = ["model", "path", "prediction"]

    /// The metadata of a run's weights.
    static func metadata(of configuration: RunConfiguration) -> [String: String] {
        let settings = configuration.flattened().filter { isExported($0.key) }
        let texts = settings.map { (prefix + $0.key, $0.value.description) }
        return Dictionary(texts, uniquingKeysWith: { $1 }).merging(["format": "pt"]) { $1 }
    }

    /// The settings in a file's metadata; none where another program wrote it.
    ///
    /// - Parameter path: of the file, for errors
    static func assignments(in metadata: [String: String], path: String) -> [Assignment] {
        metadata.sorted { $0.key < $1.key }.compactMap { name, text in
            guard name.hasPrefix(prefix) else { return nil }
            let key = String(name.dropFirst(prefix.count))
            return isExported(key) ? Assignment(key, .typed(text), from: path) : nil
        }
    }

    private static func isExported(_ key: String) -> Bool {
        slots.contains { key == $0 || key.hasPrefix("\($0).") }
    }
}
