import Foundation
package import Settings

extension DatasetSources {
    /// What a person means who names data: a data set by its name, a folder of IDX files or of pictures, an NPZ file, or
    /// an IDX file, which stands for its folder.
    ///
    /// A word that is none of these is taken for a name, so that whoever reads the error is told which there are.
    package static func assignments(naming text: String, from origin: String) -> [Assignment] {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
        let isPath = text.contains("/") || exists || text.lowercased().hasSuffix(".npz")
        guard isPath, !registry.names.contains(text) else { return [Assignment("data", .text(text), from: origin)] }
        let url = URL(fileURLWithPath: text)
        func named(_ kind: String, _ key: String, _ place: URL) -> [Assignment] {
            [
                Assignment("data", .text(kind), from: origin),
                Assignment("data.\(key)", .text(place.path), from: origin),
            ]
        }
        if url.pathExtension.lowercased() == "npz" { return named(NPZArrays.name, "file", url) }
        if exists && !isFolder.boolValue && url.lastPathComponent.contains("-ubyte") {
            return named(IDXFolder.name, "folder", url.deletingLastPathComponent())
        }
        let isIDX = IDXFiles(name: "", folder: url, folderName: "MNIST").has(.train)
        return named(isIDX ? IDXFolder.name : ImageFolder.name, "folder", url)
    }
}
