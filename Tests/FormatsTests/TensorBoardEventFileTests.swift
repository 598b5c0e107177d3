import Foundation
import Testing

@testable import Formats

/// One event, read back by hand.
private struct ParsedEvent: Equatable {
    var wallTime = 0.0
    var step: Int64 = 0
    var fileVersion: String?
    var tag: String?
    var value: Float?
}

/// A field of a Protocol Buffers message.
private enum Field {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes([UInt8])
    case fixed32(UInt32)
}

private func fields(_ bytes: [UInt8]) throws -> [Int: Field] {
    var rest = bytes[...]
    func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = rest.popFirst()
            let byte = try #require(next)
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
        }
        return value
    }
    func take(_ count: Int) throws -> [UInt8] {
        try #require(rest.count >= count)
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
    var result: [Int: Field] = [:]
    while !rest.isEmpty {
        let key = try varint()
        switch key & 7 {
        case 0: result[Int(key >> 3)] = .varint(try varint())
        case 1: result[Int(key >> 3)] = .fixed64(try take(8).littleEndian(UInt64.self, at: 0))
        case 2: result[Int(key >> 3)] = .bytes(try take(Int(try varint())))
        case 5: result[Int(key >> 3)] = .fixed32(try take(4).littleEndian(UInt32.self, at: 0))
        default: Issue.record("wire type \(key & 7)")
        }
    }
    return result
}

private func events(_ file: [UInt8]) throws -> [ParsedEvent] {
    var rest = file
    var events: [ParsedEvent] = []
    while !rest.isEmpty {
        try #require(rest.count >= 16)
        let length = Int(rest.littleEndian(UInt64.self, at: 0))
        #expect(rest.littleEndian(UInt32.self, at: 8) == CRC32C.maskedChecksum(rest[0..<8]))
        try #require(rest.count >= length + 16)
        let data = Array(rest[12..<12 + length])
        #expect(rest.littleEndian(UInt32.self, at: 12 + length) == CRC32C.maskedChecksum(data))
        var event = ParsedEvent()
        let found = try fields(data)
        if case .fixed64(let bits) = found[1] { event.wallTime = Double(bitPattern: bits) }
        if case .varint(let step) = found[2] { event.step = Int64(bitPattern: step) }
        if case .bytes(let version) = found[3] { event.fileVersion = String(decoding: version, as: UTF8.self) }
        if case .bytes(let summary) = found[5], case .bytes(let value) = try fields(summary)[1] {
            let scalar = try fields(value)
            if case .bytes(let tag) = scalar[1] { event.tag = String(decoding: tag, as: UTF8.self) }
            if case .fixed32(let bits) = scalar[2] { event.value = Float(bitPattern: bits) }
        }
        events.append(event)
        rest = Array(rest.dropFirst(16 + length))
    }
    return events
}

@Suite struct TensorBoardEventFileTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("events-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func contents(of path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// RFC 3720, appendix B.4.
    @Test func checksumsAreThoseOfTheStandard() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(CRC32C.checksum((0..<32).reversed().map { UInt8($0) }) == 0x113F_DB5C)
        #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
    }

    @Test func theFileBeginsWithItsVersion() throws {
        try withFolder { folder in
            let file = try TensorBoardEventFile(in: folder, wallTime: Date(timeIntervalSince1970: 1_700_000_000.5))
            #expect(file.path.contains("events.out.tfevents.1700000000."))
            let found = try events(try contents(of: file.path))
            #expect(found == [ParsedEvent(wallTime: 1_700_000_000.5, fileVersion: "brain.Event:2")])
        }
    }

    @Test func scalarsComeBack() throws {
        try withFolder { folder in
            let time = Date(timeIntervalSince1970: 1_700_000_001)
            var file = try TensorBoardEventFile(in: folder, wallTime: time)
            let values: [(Double, String, Int)] = [
                (1_403.25, "loss/train", 1), (-0.5, "größe", 300), (.infinity, "", Int.max), (0, "loss/train", 0),
            ]
            for (value, tag, step) in values { try file.append(value, tag: tag, step: step, wallTime: time) }
            #expect(try events(try contents(of: file.path)).count == 1)
            try file.flush()
            try file.flush()
            let found = try events(try contents(of: file.path)).dropFirst()
            #expect(found.map(\.value) == values.map { Float($0.0) })
            #expect(found.map(\.tag) == values.map { $0.1 })
            #expect(found.map(\.step) == values.map { Int64($0.2) })
            #expect(found.allSatisfy { $0.wallTime == 1_700_000_001 })
        }
    }

    @Test func manyRecordsAreWrittenWithoutAFlush() throws {
        try withFolder { folder in
            var file = try TensorBoardEventFile(in: folder)
            for step in 1...5_000 { try file.append(Double(step), tag: "loss", step: step) }
            let written = try events(try contents(of: file.path)).count
            #expect(written > 1_000)
            try file.flush()
            #expect(try events(try contents(of: file.path)).count == 5_001)
        }
    }

    @Test("A run that goes on says from which step, as a `SessionLog` that starts")
    func restart() throws {
        try withFolder { folder in
            let file = try TensorBoardEventFile(in: folder, restartingAt: 21)
            // A `SessionLog` (field 7) of two bytes: its status (field 1) is `START` (1).
            let session: [UInt8] = [7 << 3 | 2, 2, 1 << 3, 1]
            let bytes = try contents(of: file.path)
            #expect(try events(bytes).map(\.step) == [0, 21])
            #expect(bytes.dropLast(4).suffix(4) == session[...])
        }
    }

    @Test("A file that is damaged or cut is told with its record")
    func damaged() throws {
        try withFolder { folder in
            var file = try TensorBoardEventFile(in: folder)
            for step in 1...3 { try file.append(1, tag: "loss", step: step) }
            try file.flush()
            let url = URL(fileURLWithPath: file.path)
            let bytes = try contents(of: file.path)
            #expect(try TensorBoardEventFile.check(url) == 4)
            for offset in bytes.indices {
                var damaged = bytes
                damaged[offset] ^= 0x10
                try Data(damaged).write(to: url)
                #expect(throws: FormatError.self) { try TensorBoardEventFile.check(url) }
            }
            try Data(bytes.dropLast(3)).write(to: url)
            #expect(throws: FormatError.eventFile(source: url.path, record: 4)) {
                try TensorBoardEventFile.check(url)
            }
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() throws {
        let missing = URL(fileURLWithPath: "/nowhere/at/all")
        let error = #expect(throws: FormatError.self) { _ = try TensorBoardEventFile(in: missing) }
        #expect(error.map { "\($0)" }?.contains("/nowhere/at/all") == true)
    }

    @Test func anExistingFileIsNotReplaced() throws {
        try withFolder { folder in
            let time = Date(timeIntervalSince1970: 7)
            let first = try TensorBoardEventFile(in: folder, wallTime: time).path
            let content = try Data(contentsOf: URL(fileURLWithPath: first))
            let second = try TensorBoardEventFile(in: folder, wallTime: time, restartingAt: 3).path
            #expect(second != first)
            #expect(try Data(contentsOf: URL(fileURLWithPath: first)) == content)
        }
    }
}
