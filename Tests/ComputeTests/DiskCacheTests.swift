import Compute
import Foundation
import StableHLO
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("Disk cache", .needsPlugin)
struct DiskCacheTests {
    /// Compiles a program, or takes it from the folder; whether it came from there.
    @discardableResult
    private func compile(_ factor: Double, cache folder: URL) throws -> Bool {
        let found = Mutex<[Bool]>([])
        let engine = Engine(device: try DeviceGroup.shared, cache: DiskCache(folder: folder)) { event in
            if case .ended(let compilation) = event { found.withLock { $0.append(compilation.fromDisk) } }
        }
        let function = try engine.function("scale", arguments: [TensorType([2])]) { [$0[0] * factor] }
        let argument = try HostArray([1, 2], [2], .float32).array(on: engine.device)
        #expect(try function([argument])[0].numbers() == [factor, 2 * factor])
        return found.withLock { $0 } == [true]
    }

    /// Writes a file that takes no room on the disk, last changed a year ago.
    private func writeOld(_ content: String, byteCount: UInt64, to url: URL) throws {
        try Data(content.utf8).write(to: url)
        let file = try FileHandle(forWritingTo: url)
        try file.truncate(atOffset: byteCount)
        try file.close()
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -365 * 86400)], ofItemAtPath: url.path)
    }

    private func names(in folder: URL) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    private static let beyondCapacity: UInt64 = 5 << 30

    @Test("Other files survive pruning, however large, old and well named, and do not count")
    func foreignFiles() throws {
        try withFolder { folder in
            try compile(2, cache: folder)
            let target = folder.appending(path: "target")
            try writeOld("FLOWMATCH-EXECUTABLE-2\n", byteCount: Self.beyondCapacity, to: target)
            try writeOld("FLOWMATCH-EXECUTABLE-2\n", byteCount: 30, to: folder.appending(path: "notes.executable"))
            try writeOld("thesis", byteCount: Self.beyondCapacity, to: folder.appending(path: "abc.executable"))
            let manager = FileManager.default
            try manager.createDirectory(
                at: folder.appending(path: "d.executable/sub"), withIntermediateDirectories: true)
            try manager.createSymbolicLink(at: folder.appending(path: "e.executable"), withDestinationURL: target)
            let before = try names(in: folder)
            try compile(3, cache: folder)
            #expect(try names(in: folder).isSuperset(of: before))
            #expect(try names(in: folder).count == before.count + 1)
            #expect(try compile(2, cache: folder))
            #expect(try compile(3, cache: folder))
        }
    }

    @Test("What a compiler found out by timing counts and goes as entries do; other folders stay")
    func timings() throws {
        try withFolder { folder in
            for name in ["autotuning-1f", "autotuning-notes"] {
                let tuned = folder.appending(path: name)
                try FileManager.default.createDirectory(at: tuned, withIntermediateDirectories: true)
                try writeOld("", byteCount: Self.beyondCapacity, to: tuned.appending(path: "result.textproto"))
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -365 * 86400)], ofItemAtPath: tuned.path)
            }
            try compile(2, cache: folder)
            #expect(try names(in: folder).contains("autotuning-notes"))
            #expect(try !names(in: folder).contains("autotuning-1f"))
            #expect(try names(in: folder).count == 2)
        }
    }

    @Test("Its own entries go, those of other versions too, when they outgrow the capacity: the oldest first")
    func pruning() throws {
        try withFolder { folder in
            try compile(2, cache: folder)
            for (name, content) in [("a", "FLOWMATCH-EXECUTABLE-1\n"), ("b", "FLOWMATCH-EXECUTABLE-2\n")] {
                try writeOld(content, byteCount: Self.beyondCapacity, to: folder.appending(path: "\(name).executable"))
            }
            try compile(3, cache: folder)
            #expect(try names(in: folder).isDisjoint(with: ["a.executable", "b.executable"]))
            #expect(try compile(2, cache: folder))
        }
    }

    enum Intruder: CaseIterable { case file, folder, link, linkToNothing }

    @Test("What is not its own under an entry's name is neither read nor replaced", arguments: Intruder.allCases)
    func intruders(intruder: Intruder) throws {
        try withFolder { folder in
            try compile(2, cache: folder)
            let name = try #require(try names(in: folder).first)
            let entry = folder.appending(path: name)
            let elsewhere = folder.appending(path: "elsewhere")
            let manager = FileManager.default
            try manager.moveItem(at: entry, to: elsewhere)
            switch intruder {
            case .file: try Data("mine".utf8).write(to: entry)
            case .folder: try manager.createDirectory(at: entry, withIntermediateDirectories: false)
            case .link: try manager.createSymbolicLink(at: entry, withDestinationURL: elsewhere)
            case .linkToNothing:
                try manager.createSymbolicLink(at: entry, withDestinationURL: folder.appending(path: "nothing"))
            }
            let kept = try Data(contentsOf: elsewhere)
            for _ in 0..<2 { #expect(try !compile(2, cache: folder)) }
            #expect(try names(in: folder) == [name, "elsewhere"])
            #expect(try Data(contentsOf: elsewhere) == kept)
            if intruder == .file { #expect(try Data(contentsOf: entry) == Data("mine".utf8)) }
        }
    }

    @Test("An entry that claims more bytes than the cache may hold is not read")
    func hugeEntry() throws {
        try withFolder { folder in
            try compile(2, cache: folder)
            let entry = folder.appending(path: try #require(try names(in: folder).first))
            let file = try FileHandle(forWritingTo: entry)
            try file.truncate(atOffset: Self.beyondCapacity)
            try file.close()
            #expect(try !compile(2, cache: folder))
            #expect(try compile(2, cache: folder))
        }
    }
}
