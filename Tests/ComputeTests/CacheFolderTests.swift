import Foundation
import Testing

@testable import Compute

@Suite("The folder of compiled programs")
struct CacheFolderTests {
    private let temporary = FileManager.default.temporaryDirectory.appending(path: "cache-\(UUID().uuidString)")

    private func path(_ environment: [String: String], home: String? = nil) -> String? {
        CacheFolder.url(environment: environment, databaseHome: home, temporary: temporary)?.path
    }

    @Test("XDG_CACHE_HOME, then HOME, then the user database's home; empty and relative ones do not count")
    func order() {
        let environment = ["XDG_CACHE_HOME": "/cache", "HOME": "/usr"]
        #expect(path(environment) == "/cache/flowmatch")
        #expect(path(["XDG_CACHE_HOME": "cache", "HOME": "/usr"]) == "/usr/.cache/flowmatch")
        #expect(path(["HOME": ""], home: "/") == "/.cache/flowmatch")
    }

    @Test("Without a home it is a private folder among the temporary files, unless someone else has that")
    func homeless() throws {
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: temporary) }
        let folder = try #require(path([:], home: "/no/such/home"))
        #expect(folder == temporary.appending(path: "flowmatch-\(getuid())").path)
        #expect(try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int == 0o700)
        #expect(path([:]) == folder && path(["HOME": "/no/such/home"]) == folder)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
        #expect(path([:]) == nil)
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: "/tmp")
        #expect(path([:]) == nil)
    }
}
