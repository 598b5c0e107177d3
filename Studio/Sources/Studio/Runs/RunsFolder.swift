import Foundation
import HTTPTypes
import Training

/// The folder below which all runs are that the studio shows. Nothing outside it is read or written, not even through a
/// link.
struct RunsFolder: Sendable {
    /// With all links followed.
    let path: String

    /// Folders below the runs folder that a run can lie in: `comparison/unet`.
    private static let depth = 3
    /// More folders than anybody looks through.
    private static let mostFolders = 5_000

    /// - Throws: ``Refusal`` where it is no folder.
    init(_ url: URL) throws(Refusal) {
        var isFolder: ObjCBool = false
        guard let real = RunsFolder.real(url.path),
            FileManager.default.fileExists(atPath: real, isDirectory: &isFolder), isFolder.boolValue
        else { throw .missing("\(url.relativePath) is no folder; name the one that holds the runs") }
        path = real
    }

    /// The run of a name, which is its path below the runs folder.
    ///
    /// - Throws: ``Refusal``
    func run(_ name: String) throws(Refusal) -> RunFolder {
        let url = try place(of: name)
        guard let real = RunsFolder.real(url.path), isInside(real), isInside(file: "config.json", of: real) else {
            throw .missing("there is no run '\(name)' here")
        }
        for part in ["metrics.jsonl", "evaluation.json", "checkpoints", "samples", ".lock"] {
            let file = real + "/" + part
            // What is not there is made by the run's writer alone.
            guard (try? FileManager.default.attributesOfItem(atPath: file)) == nil || isInside(file: part, of: real)
            else { throw Refusal(.forbidden, "\(part) of '\(name)' leads out of the runs folder") }
        }
        return RunFolder(URL(fileURLWithPath: real, isDirectory: true))
    }

    /// Where a run of a name is or would be.
    ///
    /// - Throws: ``Refusal`` for what is no name of a run.
    func place(of name: String) throws(Refusal) -> URL {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            name.utf8.count <= 500 && parts.count <= RunsFolder.depth
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.count <= 200 && !part.hasPrefix(".") && !part.hasPrefix("-")
                    && part.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\\" }
            }
        guard isName else {
            throw .bad(
                "a run's name is one to \(RunsFolder.depth) folders, such as first or tests/first, that begin with neither "
                    + "a dot nor a dash")
        }
        return URL(fileURLWithPath: path, isDirectory: true).appendingPathComponent(name, isDirectory: true)
    }

    /// A file of a run or of a comparison, with all links followed.
    ///
    /// - Throws: ``Refusal`` where it is not there, or not in the runs folder.
    func file(_ name: String, of folder: URL) throws(Refusal) -> URL {
        guard let real = RunsFolder.real(folder.appendingPathComponent(name).path), isInside(real) else {
            throw .missing("there is no \(name) here")
        }
        return URL(fileURLWithPath: real)
    }

    /// Names of everything that holds a file of a name, in order.
    func folders(with file: String) -> [String] {
        var found: [String] = []
        var looked = 0
        func look(_ folder: String, _ name: String, depth: Int) {
            guard depth <= RunsFolder.depth, looked < RunsFolder.mostFolders else { return }
            looked += 1
            if !name.isEmpty, isInside(file: file, of: folder) { found.append(name) }
            guard !name.isEmpty || depth == 0 else { return }
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for entry in entries.sorted() where !entry.hasPrefix(".") && !["checkpoints", "samples"].contains(entry) {
                let next = folder + "/" + entry
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: next, isDirectory: &isFolder), isFolder.boolValue,
                    let real = RunsFolder.real(next), isInside(real)
                else { continue }
                look(next, name.isEmpty ? entry : "\(name)/\(entry)", depth: depth + 1)
            }
        }
        look(path, "", depth: 0)
        return found
    }

    private func isInside(_ real: String) -> Bool { real.hasPrefix(path == "/" ? "/" : path + "/") }

    private func isInside(file: String, of folder: String) -> Bool {
        RunsFolder.real(folder + "/" + file).map(isInside) ?? false
    }

    /// The path with all links followed; nil where there is nothing.
    private static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(validatingCString: real)
    }
}
