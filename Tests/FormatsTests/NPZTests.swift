import Foundation
import Testing

@testable import Formats

@Suite("NPZ files, piece by piece")
struct NPZTests {
    /// Two arrays, the first in pieces.
    private func file(pieces: [Int]) -> [UInt8] {
        var framing = NPZFraming()
        let images = (0..<24).map { UInt8($0 * 7) }
        var bytes = framing.begin("arr_0", UInt8.self, shape: [2, 3, 4, 1])
        var start = 0
        for piece in pieces {
            images[start..<start + piece].withUnsafeBytes { framing.pass($0) }
            bytes += images[start..<start + piece]
            start += piece
        }
        bytes += framing.end()
        bytes += framing.begin("arr_1", Int64.self, shape: [2])
        let labels = [Int64(3), 8].withUnsafeBytes { Array($0) }
        labels.withUnsafeBytes { framing.pass($0) }
        bytes += labels + framing.end()
        return bytes + framing.directory
    }

    @Test("The pieces do not matter")
    func pieces() { #expect(file(pieces: [24]) == file(pieces: [5, 0, 12, 7])) }

    @Test("The directory leads to each array, whose checksum and sizes are right")
    func directory() throws {
        let bytes = file(pieces: [10, 14])
        // The end record is the last 22 bytes, the locator of the 64-bit one the 20 before.
        let end64 = Int(bytes.littleEndian(UInt64.self, at: bytes.count - 42 + 8))
        #expect(bytes.littleEndian(UInt32.self, at: end64) == 0x0606_4B50)
        #expect(bytes.littleEndian(UInt64.self, at: end64 + 24) == 2)
        var entry = Int(bytes.littleEndian(UInt64.self, at: end64 + 48))
        var arrays: [[UInt8]] = []
        for name in ["arr_0.npy", "arr_1.npy"] {
            #expect(bytes.littleEndian(UInt32.self, at: entry) == 0x0201_4B50)
            #expect(String(decoding: bytes[entry + 46..<entry + 55], as: UTF8.self) == name)
            let size = Int(bytes.littleEndian(UInt64.self, at: entry + 59))
            let local = Int(bytes.littleEndian(UInt64.self, at: entry + 75))
            #expect(bytes.littleEndian(UInt32.self, at: local) == 0x0403_4B50)
            let data = Array(bytes[local + 59..<local + 59 + size])
            #expect(CRC32.checksum(data) == bytes.littleEndian(UInt32.self, at: entry + 16))
            arrays.append(data)
            entry += 83
        }
        let images = try NPY<UInt8>(bytes: arrays[0])
        #expect(images.shape == [2, 3, 4, 1] && images.values == (0..<24).map { UInt8($0 * 7) })
        #expect(try NPY<Int64>(bytes: arrays[1]).values == [3, 8])
    }

    @Test("A checksum goes on where an earlier one ended")
    func checksum() {
        let bytes = (0..<100).map { UInt8($0) }
        let first = CRC32.checksum(bytes[..<37])
        #expect(CRC32.checksum(bytes[37...], after: first) == CRC32.checksum(bytes))
    }

    @Test("What is streamed is there when all of it is, and not before")
    func stream() throws {
        struct Interrupted: Error {}
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("x.bin")
            #expect(throws: Interrupted.self) {
                try AtomicFile.stream(to: url) { sink in
                    try sink.append([1, 2])
                    throw Interrupted()
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            try AtomicFile.stream(to: url) { sink in
                try sink.append([1, 2])
                #expect(!FileManager.default.fileExists(atPath: url.path))
                try sink.append([3])
            }
            #expect(try contents(of: url) == [1, 2, 3])
        }
    }

    @Test("There is room somewhere, and it is said how much")
    func space() throws {
        try withTemporaryFolder { folder in
            #expect(DiskSpace.available(for: folder.appendingPathComponent("x")).map { $0 > 0 } == true)
            #expect(DiskSpace.available(for: folder.appendingPathComponent("missing/x")) == nil)
        }
    }
}
