import Foundation
import Testing

@testable import Formats

@Suite struct SafetensorsChecksumTests {
    private func sample() throws -> [UInt8] {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            let tensors = [
                try TensorEntry(name: "weight", shape: [2, 3], values: (0..<6).map { Float($0) }),
                try TensorEntry(name: "step", shape: [], values: [Int64(7)]),
                try TensorEntry(name: "none", shape: [0], values: [UInt8]()),
            ]
            try SafetensorsFile.write(tensors, metadata: ["step": "7"], to: url)
            return try contents(of: url)
        }
    }

    /// Whether a file of these bytes opens and is whole to its end.
    private func isWhole(_ bytes: [UInt8]) throws -> Bool {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            try Data(bytes).write(to: url)
            do {
                let file = try SafetensorsFile(contentsOf: url)
                try file.check()
                // Checked however it is read.
                for entry in file.entries { _ = try entry.bytes() }
                return true
            } catch is FormatError {
                return false
            }
        }
    }

    @Test("What was written is whole, says so, and keeps its checksums to itself")
    func whole() throws {
        let bytes = try sample()
        #expect(try isWhole(bytes))
        let file = try SafetensorsFixture.open(bytes: bytes)
        #expect(file.isChecked && file.metadata == ["step": "7"])
        #expect(try file.tensor("weight").values(as: Float.self) == [0, 1, 2, 3, 4, 5])
    }

    @Test("Every single byte that is changed shows, wherever it is, and so does every cut")
    func anyByte() throws {
        let bytes = try sample()
        for offset in bytes.indices {
            for flip in [0x01, 0x20, 0x80] as [UInt8] {
                var damaged = bytes
                damaged[offset] ^= flip
                #expect(try !isWhole(damaged), "byte \(offset), bits \(flip)")
            }
        }
        for count in stride(from: 0, to: bytes.count, by: 5) { #expect(try !isWhole(Array(bytes[..<count]))) }
        #expect(try !isWhole([UInt8](repeating: 0, count: bytes.count)))
        #expect(try !isWhole(bytes + [0]))
    }

    @Test("Damage is told with its tensor")
    func told() throws {
        var bytes = try sample()
        let offset = bytes.count - 1 - 4
        bytes[offset] ^= 1
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            try Data(bytes).write(to: url)
            let file = try SafetensorsFile(contentsOf: url)
            let error = #expect(throws: FormatError.self) { try file.tensor("weight").values(as: Float.self) }
            #expect(error == .safetensors(source: url.path, .tensorChecksum(tensor: "weight")))
            #expect(try file.tensor("step").values(as: Int64.self) == [7])
        }
    }

    @Test("Files of other programs have no checksums and are read")
    func others() throws {
        let header = #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#
        let file = try SafetensorsFixture.open(header, data: [1, 2])
        #expect(!file.isChecked)
        #expect(SafetensorsFixture.problem(#"{"__metadata__":{"checksum":"crc32c"}}"#) == .headerChecksum)
        #expect(SafetensorsFixture.problem(#"{"__metadata__":{"crc32c":"00000000"}}"#) == .headerChecksum)
    }

    @Test("The keys of the checksums are taken")
    func reserved() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            #expect(throws: FormatError.safetensors(source: url.path, .duplicateName("crc32c"))) {
                try SafetensorsFile.write([], metadata: ["crc32c": ""], to: url)
            }
        }
    }

    @Test("The processor's checksum is the table's, in pieces as at once")
    func instruction() {
        let table = CyclicRedundancyCheck(reversedPolynomial: 0x82F6_3B78)
        var generator = SeededGenerator(seed: 4)
        for count in [0, 1, 7, 8, 9, 63, 1000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(CRC32C.checksum(bytes) == table.checksum(bytes))
            var pieces = CRC32C()
            for part in [bytes[..<(count / 3)], bytes[(count / 3)...]] {
                part.withUnsafeBytes { pieces.update($0) }
            }
            #expect(pieces.value == table.checksum(bytes))
        }
    }
}
