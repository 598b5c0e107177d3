import Foundation

/// The files of the repository as tests of its pages see them: what is hidden, built or left by runs is none of it.
enum RepositoryFiles {
    private static let notKept: Set = ["dist", "runs"]

    /// Paths from the root, in order.
    static func paths(in folder: String = "", ending: String) -> [String] {
        let url = CommandLineProgram.root.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))) ?? []
        return names.sorted().flatMap { name -> [String] in
            guard !name.hasPrefix("."), !notKept.contains(name) else { return [] }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            return name.hasSuffix(ending) ? [path] : paths(in: path, ending: ending)
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: CommandLineProgram.root.appending(path: path), encoding: .utf8)
    }
}
