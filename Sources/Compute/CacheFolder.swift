import Foundation

/// Where this program keeps what it can compute again.
enum CacheFolder {
    /// `flowmatch` in `$XDG_CACHE_HOME`, else in `.cache` of `$HOME` or of the home that the user database names, else a
    /// private folder among the temporary files; nil where someone else has taken that.
    ///
    /// - Parameters:
    ///   - databaseHome: the home of the user database
    ///   - temporary: the folder of temporary files
    static func url(
        environment: [String: String], databaseHome: String?, temporary: URL = FileManager.default.temporaryDirectory
    ) -> URL? {
        // Relative paths do not count, by the XDG specification.
        if let named = environment["XDG_CACHE_HOME"], named.hasPrefix("/") {
            return URL(fileURLWithPath: named).appendingPathComponent("flowmatch")
        }
        let home = environment["HOME"].flatMap(existing) ?? databaseHome.flatMap(existing)
        if let home { return URL(fileURLWithPath: home).appendingPathComponent(".cache/flowmatch") }
        let shared = temporary.appendingPathComponent("flowmatch-\(getuid())")
        return isPrivate(shared.path) ? shared : nil
    }

    /// The home that the user database names.
    static var databaseHome: String? {
        getpwuid(getuid()).flatMap { user in user.pointee.pw_dir.map { String(cString: $0) } }
    }

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// Makes the folder if it is not there; whether it is this user's, and nobody else's to read or write. Whoever could
    /// write to it could have this program run machine code of theirs.
    private static func isPrivate(_ path: String) -> Bool {
        _ = mkdir(path, 0o700)
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == getuid() && status.st_mode & 0o077 == 0
    }
}
