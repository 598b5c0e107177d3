import Foundation
import Testing

@testable import Compute

@Suite("The set-up folder")
struct SetUpFolderTests {
    @Test("is the current folder's, else the nearest one's above")
    func nearest() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "set-up-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let inner = root.appending(path: "a/b")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        func nearest(_ folder: URL) -> String { SetUpFolder.nearest(from: folder.path) }
        #expect(nearest(inner) == ".setup")
        let outer = root.appending(path: ".setup")
        try FileManager.default.createDirectory(at: outer, withIntermediateDirectories: true)
        #expect(nearest(inner) == outer.path)
        #expect(nearest(root) == ".setup")
        let own = inner.appending(path: ".setup")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        #expect(nearest(inner) == ".setup")
    }
}
