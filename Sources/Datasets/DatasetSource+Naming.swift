import Foundation
public import Settings

extension DatasetSources {
    /// What a person means who names data: a data set by its name, or a folder with IDX files.
    ///
    /// A word that is neither is taken for a name, so that whoever reads the error is told which there are.
    public static func assignments(naming text: String, from origin: String) -> [Assignment] {
        let isPath = text.contains("/") || FileManager.default.fileExists(atPath: text)
        guard isPath, !registry.names.contains(text) else { return [Assignment("data", .text(text), from: origin)] }
        let path = URL(fileURLWithPath: text, isDirectory: true).path
        return [
            Assignment("data", .text(IDXFolder.name), from: origin),
            Assignment("data.folder", .text(path), from: origin),
        ]
    }
}
