import Foundation

/// Sentences that a person elsewhere reads: what they name is told without where it is on this machine.
enum PathText {
    /// A sentence with paths inside a folder relative to it, and of all others the last name alone: `.../train.npz`.
    static func withoutPlaces(_ text: String, in folder: URL) -> String {
        let own = folder.standardizedFileURL.path
        var (result, rest) = ("", Substring(text))
        while let start = rest.firstIndex(of: "/") {
            let before = rest[..<start].last ?? (result.last ?? " ")
            result += rest[..<start]
            rest = rest[start...]
            // Not where a path that is relative goes on, or an address.
            guard !before.isLetter, !before.isNumber, !"/._-~)".contains(before),
                before != ":" || rest.dropFirst().first != "/"
            else {
                result += "/"
                rest = rest.dropFirst()
                continue
            }
            let isQuoted = "'\"".contains(before)
            let end = rest.firstIndex { isQuoted ? $0 == before : $0.isWhitespace || "'\",;:()".contains($0) }
            let path = rest[..<(end ?? rest.endIndex)]
            rest = rest[path.endIndex...]
            result += told(String(path), in: own)
        }
        return result + rest
    }

    private static func told(_ path: String, in own: String) -> String {
        for folder in [own, URL(fileURLWithPath: own).resolvingSymlinksInPath().path]
        where path.hasPrefix("\(folder)/") { return String(path.dropFirst(folder.count + 1)) }
        let names = path.split(separator: "/")
        return names.count > 1 ? ".../\(names[names.count - 1])" : path
    }
}
