import CPJRT
import Foundation
import Testing

@testable import PJRT

/// Files that are no plugin: each is refused with its own error and none ends the process.
@Suite struct PluginFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "pjrt-tests-\(UUID().uuidString)")

    private func withFile(_ contents: Data, _ body: (String) throws -> Void) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.resolvingSymlinksInPath().appending(path: "plugin.so")
        try contents.write(to: file)
        try body(file.path(percentEncoded: false))
    }

    /// A shared library that is surely there and no plugin: the C library of this process.
    private func systemLibrary() throws -> String {
        // A file without a size: it has to be read until its end.
        let data = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/maps")).readToEnd() ?? Data()
        let mappings = String(decoding: data, as: UTF8.self)
        let paths = mappings.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
        return try #require(paths.first { $0.contains("/libc.so") || $0.contains("/libc-") })
    }

    @Test func aMissingFile() {
        #expect(throws: PJRTError.pluginNotFound(path: "/no/such/plugin.so", origin: .explicit)) {
            try Plugin.load(path: "/no/such/plugin.so")
        }
    }

    @Test func aFolder() throws {
        let path = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path(percentEncoded: false)
        #expect {
            _ = try Plugin.load(path: path)
        } throws: { error in
            guard case PJRTError.notASharedLibrary = error else { return false }
            return true
        }
    }

    @Test(arguments: ["", "no library\n", String(repeating: "text ", count: 1000)])
    func aTextFile(text: String) throws {
        try withFile(Data(text.utf8)) { path in
            #expect(throws: PJRTError.notASharedLibrary(path: path)) { try Plugin.load(path: path) }
        }
    }

    @Test(arguments: [0.999, 0.5, 0.01]) func aTruncatedLibrary(part: Double) throws {
        let whole = try Data(contentsOf: URL(filePath: try systemLibrary()))
        try withFile(whole.prefix(Int(Double(whole.count) * part))) { path in
            #expect {
                _ = try Plugin.load(path: path)
            } throws: { error in
                guard case PJRTError.truncatedLibrary(path, let expected, let actual) = error else { return false }
                return expected > actual
            }
        }
    }

    @Test func aLibraryWithoutTheEntryPoint() throws {
        let path = try systemLibrary()
        #expect(throws: PJRTError.noEntryPoint(path: path)) { try Plugin.load(path: path) }
    }

    @Test func functionTablesThatDoNotFit() throws {
        let table = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 8)
        defer { table.deallocate() }
        func fill(size: Int, major: Int32, function: UInt) {
            for offset in stride(from: 0, to: 4096, by: 8) {
                table.storeBytes(of: function, toByteOffset: offset, as: UInt.self)
            }
            table.storeBytes(of: size, as: Int.self)
            table.storeBytes(of: major, toByteOffset: 32, as: Int32.self)
            table.storeBytes(of: 42, toByteOffset: 36, as: Int32.self)
        }
        fill(size: 4096, major: 1, function: 1)
        #expect(throws: PJRTError.incompatibleVersion(path: "p", major: 1, minor: 42)) {
            try Plugin.copyFunctions(from: table, path: "p")
        }
        fill(size: 16, major: 0, function: 1)
        #expect(throws: PJRTError.incompatibleVersion(path: "p", major: -1, minor: -1)) {
            try Plugin.copyFunctions(from: table, path: "p")
        }
        fill(size: 4096, major: 0, function: 0)
        #expect(throws: PJRTError.missingFunction(path: "p", name: "error_destroy")) {
            try Plugin.copyFunctions(from: table, path: "p")
        }
        let endOfExecute = 40 + 8 * 56
        fill(size: endOfExecute, major: 0, function: 1)
        #expect(throws: PJRTError.missingFunction(path: "p", name: "executable_deserialize_and_load")) {
            try Plugin.copyFunctions(from: table, path: "p")
        }
        let endOfOutputDimensions = 40 + 8 * 92
        fill(size: endOfOutputDimensions, major: 0, function: 1)
        let functions = try Plugin.copyFunctions(from: table, path: "p")
        defer { functions.deallocate() }
        #expect(functions.pointee.executable_memory == nil, "a function past the plugin's end is absent")
        #expect(functions.pointee.executable_cost != nil)
    }
}
